# ruff: noqa: S608 -- only names of tables and placeholders are put into SQL; what readers type goes as parameters
"""From what a reader typed to what may stand for it in the index: stems, other names, near spellings.

A query is read as groups, one for each word or quoted phrase. A group is a list of alternatives, each a row of stems
with a weight; a passage matches a group if it holds one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from django.db import connection

from . import words
from .tables import NAME, SPELLING, WORD

LONGEST = 200
"""Characters of a query that are read."""
MOST_WORDS = 12
LONGEST_NAME = 4
"""Words the other name of a thing may have to be recognised in a query."""
OTHER_NAME, NEAR_SPELLING, BEGINNING = 0.8, 0.7, 0.6
"""Weights of an alternative beside the word itself."""
MOST_READINGS = 5
"""Ways to read a phrase some words of which stand nowhere."""
_NEAREST = 40
_LIKE_ENOUGH = 0.3
"""pg_trgm's own threshold."""


@dataclass(frozen=True)
class Alternative:
    stems: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """What may stand for one word or phrase; `uses`: how many passages hold it; `said` as it was typed."""

    alternatives: tuple[Alternative, ...]
    said: tuple[int, int]
    required: bool = False
    uses: int = 0
    better: str = ""
    """The spelling that was taken instead, if the word itself stands nowhere."""


@dataclass(frozen=True)
class _Phrase:
    """Words in quotation marks: the text between them, where it stands with them, and its words."""

    text: str
    span: tuple[int, int]
    words: tuple[words.Word, ...]


@dataclass(frozen=True)
class Query:
    text: str
    language: str
    groups: tuple[Group, ...]
    total: int
    """Passages in the index."""
    near: tuple[str, ...] = ()
    """Words of the index that look like words of the query, whether or not they were taken."""


def stems_of(groups: Iterable[Group]) -> frozenset[str]:
    """Every single stem that may stand for one of the groups."""
    return frozenset(stem for group in groups for choice in group.alternatives for stem in choice.stems)


def cleaned(text: str) -> str:
    """What is read of a query: at most LONGEST characters, none that cannot be written down, white space as blanks."""
    whole = text[:LONGEST].encode("utf-8", "ignore").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in whole).split())


def understood(text: str, *, language: str) -> Query:
    """Reads a query with at most three questions to the database, and one more for each word that stands nowhere."""
    text = cleaned(text)
    found, phrases = _split(text, language)
    siblings = _other_names(found, language)
    stems = {word.stem for word in found} | {word.stem for phrase in phrases for word in phrase.words}
    stems |= {stem for _span, names in siblings for name in names for stem in name}
    uses = _uses(stems, language)
    total = uses.pop("", 0)
    named = {place for (first, last), _names in siblings for place in range(first, last)}
    near: list[str] = []
    groups = []
    for phrase in phrases:
        group, like = _as_said(phrase, uses, language)
        groups.append(group)
        near += like
    for (first, last), names in siblings:
        said = tuple(word.stem for word in found[first:last])
        choices = [Alternative(said), *(Alternative(name, OTHER_NAME) for name in names if name != said)]
        count = sum(_least(choice.stems, uses) for choice in choices)
        groups.append(Group(tuple(choices), (found[first].start, found[last - 1].end), uses=count))
    for place, word in enumerate(found):
        known = uses.get(word.stem, 0)
        if known:
            if not any(last - first == 1 and first == place for (first, last), _names in siblings):
                groups.append(Group((Alternative((word.stem,)),), (word.start, word.end), uses=known))
        elif place not in named:
            other, like = _instead(word, language)
            near += like
            if other:
                groups.append(other)
    return Query(text, language, tuple(groups), total, tuple(near))


def _split(text: str, language: str) -> tuple[list[words.Word], list[_Phrase]]:
    """The single words, and the quoted phrases of two words or more."""
    phrases, rest = [], text
    for quoted in re.finditer(r'["“”„«»]([^"“”„«»]+)["“”„«»]', text):
        inside = list(words.words(quoted.group(1), language=language))[:MOST_WORDS]
        if len(inside) > 1:
            phrases.append(_Phrase(quoted.group(1), quoted.span(), tuple(inside)))
            rest = rest[: quoted.start()] + " " * len(quoted.group()) + rest[quoted.end() :]
    return list(words.words(rest, language=language))[:MOST_WORDS], phrases[:3]


def _as_said(phrase: _Phrase, uses: dict[str, int], language: str) -> tuple[Group, list[str]]:
    """What may stand for a phrase: its words in their order; for those that stand nowhere what they may be meant as."""
    near: list[str] = []
    choices: list[list[tuple[Alternative, int]]] = []
    better = phrase.text
    for word in reversed(phrase.words):
        known, other = uses.get(word.stem, 0), None
        if not known:
            other, like = _instead(word, language)
            near += like
        if other:
            better = better[: word.start] + other.better + better[word.end :]
        choices.insert(0, [(choice, other.uses if other else known) for choice in _alternatives(word, other)])
    rows = [
        (
            Alternative(sum((choice.stems for choice, _uses in row), ()), min(choice.weight for choice, _uses in row)),
            min(count for _choice, count in row),
        )
        for row in islice(product(*choices), MOST_READINGS)
    ]
    group = Group(
        tuple(row for row, _uses in rows),
        phrase.span,
        required=True,
        uses=max(count for _row, count in rows),
        better=f'"{better}"' if better != phrase.text else "",
    )
    return group, near


def _alternatives(word: words.Word, other: Group | None) -> tuple[Alternative, ...]:
    return other.alternatives if other else (Alternative((word.stem,)),)


def _other_names(found: Sequence[words.Word], language: str) -> list[tuple[tuple[int, int], list[tuple[str, ...]]]]:
    """Where the query says a name of the glossary: the places of its words, and all names of the same thing."""
    spans = {
        (first, last): " ".join(word.stem for word in found[first:last])
        for first in range(len(found))
        for last in range(first + 1, min(first + LONGEST_NAME, len(found)) + 1)
    }
    if not spans:
        return []
    wanted = sorted(set(spans.values()))
    with connection.cursor() as cursor:
        cursor.execute(
            # CROSS JOIN: SQLite then begins with the few names that were said, and not with all names of the language.
            f"SELECT said.name, other.name FROM {NAME} said CROSS JOIN {NAME} other "
            "WHERE other.language = said.language AND other.key = said.key "
            f"AND said.language = %s AND said.name IN ({_places(wanted)}) ORDER BY said.name, other.name",
            [language, *wanted],
        )
        pairs = cursor.fetchall()
    names: dict[str, list[tuple[str, ...]]] = {}
    for said, other in pairs:
        names.setdefault(said, []).append(tuple(other.split()))
    longest = sorted((span for span, said in spans.items() if said in names), key=lambda span: span[0] - span[1])
    taken: set[int] = set()
    kept = []
    for span in longest:
        if taken.isdisjoint(range(*span)):
            taken |= set(range(*span))
            kept.append((span, names[spans[span]]))
    return kept


def _uses(stems: set[str], language: str) -> dict[str, int]:
    """How many passages hold a stem, at most: passages with two forms of a word count twice. "" counts all passages."""
    wanted = sorted(stems | {""})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT stem, SUM(uses) FROM {WORD} WHERE language = %s AND stem IN ({_places(wanted)}) GROUP BY stem",
            [language, *wanted],
        )
        return {stem: int(uses) for stem, uses in cursor.fetchall()}


def _instead(word: words.Word, language: str) -> tuple[Group | None, list[str]]:
    """What may be meant by a word that stands nowhere: words that begin so, or words spelled nearly so."""
    candidates = _alike(word, language)
    begin = [entry for entry in candidates if len(word.folded) >= 4 and entry[0].startswith(word.folded)]
    judged = []
    for other, stem, uses in candidates:
        both = (words.misspelled(word.folded, other), words.misspelled(word.stem, stem))
        edits = min((edits for edits in both if edits is not None), default=None)
        if edits is not None:
            judged.append((edits, -words.likeness(word.folded, other), -uses, other, stem))
    judged.sort()
    best = [entry for entry in judged if entry[0] == judged[0][0]][:3] if judged else []
    chosen = {stem: NEAR_SPELLING for *_rank, stem in best}
    chosen |= {stem: BEGINNING for _other, stem, _uses in begin[:5] if stem not in chosen}
    near = [other for other, _stem, _uses in candidates[:5]]
    if not chosen:
        return None, near
    counts = {stem: uses for _other, stem, uses in candidates}
    group = Group(
        tuple(Alternative((stem,), weight) for stem, weight in chosen.items()),
        (word.start, word.end),
        uses=sum(counts[stem] for stem in chosen),
        better=best[0][3] if best else begin[0][0],
    )
    return group, near


def _alike(word: words.Word, language: str) -> list[tuple[str, str, int]]:
    """Words of the index that share trigrams with this word, the likest first: word, stem, uses.

    Only words that begin with a like sound: it costs a fifth of the time where there are many words, and slips in the
    first letter are rare (see `words.misspelled`). Not those that only its stem resembles: asking PostgreSQL for one or the
    other makes it read every word (174 ms instead of 11 among 80,000 words), and they are too far to be meant.
    """
    openings = words.openings(word.folded)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            grams = dict.fromkeys(words.grams(word.folded)[1:])
            begin = " OR ".join(f'"  {letter}"' for letter in openings)
            alike = " OR ".join(f'"{gram}"' for gram in grams)
            cursor.execute(
                f"SELECT w.word, w.stem, w.uses FROM (SELECT word, language FROM {SPELLING} "
                f"WHERE {SPELLING} MATCH %s AND language = %s ORDER BY bm25({SPELLING}) LIMIT %s) AS s "
                f"JOIN {WORD} w ON w.language = s.language AND w.word = s.word",
                [f"({begin}) AND ({alike})", language, _NEAREST],
            )
        else:
            cursor.execute(
                f"SELECT word, stem, uses FROM {WORD} WHERE language = %s AND word %% %s "
                "AND word ~ %s ORDER BY similarity(word, %s) DESC, word LIMIT %s",  # the index of trigrams knows beginnings
                [language, word.folded, f"^[{openings}]", word.folded, _NEAREST],
            )
        found = cursor.fetchall()
    likeness = {entry[0]: words.likeness(word.folded, entry[0]) for entry in found}
    ranked = sorted(found, key=lambda entry: (-likeness[entry[0]], entry[0]))
    return [entry for entry in ranked if likeness[entry[0]] >= _LIKE_ENOUGH]


def _least(stems: Sequence[str], uses: dict[str, int]) -> int:
    return min((uses.get(stem, 0) for stem in stems), default=0)


def _places(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
