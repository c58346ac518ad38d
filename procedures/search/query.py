# ruff: noqa: S608 -- only names of tables and placeholders are put into SQL; what readers type goes as parameters
"""From what a reader typed to what may stand for it in the index: stems, other names, near spellings (`spelling`).

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
from .spelling import Meant, Spellings
from .tables import NAME, WORD

LONGEST = 200
"""Characters of a query that are read."""
MOST_WORDS = 12
LONGEST_NAME = 4
"""Words the other name of a thing may have to be recognised in a query."""
OTHER_NAME = 0.8
"""Weight of another name beside the word itself."""
MOST_READINGS = 5
"""Ways to read a phrase some words of which stand nowhere."""


@dataclass(frozen=True)
class Alternative:
    """A way to read a word or phrase. `spelled`: how it is written if that is not what was typed."""

    stems: tuple[str, ...]
    weight: float = 1.0
    spelled: str = ""


@dataclass(frozen=True)
class Group:
    """What may stand for one word or phrase; `uses`: how many passages hold it; `said` as it was typed."""

    alternatives: tuple[Alternative, ...]
    said: tuple[int, int]
    required: bool = False
    uses: int = 0


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
    phrased: tuple[tuple[str, int], ...] = ()
    """The stems of quoted phrases that stand somewhere, the rarest first, and how many passages hold each."""


def stems_of(groups: Iterable[Group]) -> frozenset[str]:
    """Every single stem that may stand for one of the groups."""
    return frozenset(stem for group in groups for choice in group.alternatives for stem in choice.stems)


def cleaned(text: str) -> str:
    """What is read of a query: at most LONGEST characters, none that cannot be written down, white space as blanks."""
    whole = text[:LONGEST].encode("utf-8", "ignore").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in whole).split())


def understood(text: str, *, language: str) -> Query:
    """Reads a query with two questions to the database, and one more for each of a few words that stand nowhere."""
    text = cleaned(text)
    found, phrases = _split(text, language)
    siblings = _other_names(found, language)
    stems = {word.stem for word in found} | {word.stem for phrase in phrases for word in phrase.words}
    stems |= {stem for _span, names in siblings for name in names for stem in name}
    uses = _uses(stems, language)
    total = uses.pop("", 0)
    named = {place for (first, last), _names in siblings for place in range(first, last)}
    spellings = Spellings(language)
    groups = [_as_said(phrase, uses, spellings) for phrase in phrases]
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
        elif place not in named and (meant := spellings.of(word)):
            choices = [Alternative((other.stem,), other.weight, other.word) for other in meant]
            groups.append(Group(tuple(choices), (word.start, word.end), uses=sum(other.uses for other in meant)))
    phrased = {word.stem: uses.get(word.stem, 0) for phrase in phrases for word in phrase.words}
    rarest = sorted((item for item in phrased.items() if item[1]), key=lambda item: (item[1], item[0]))
    return Query(text, language, tuple(groups), total, tuple(dict.fromkeys(spellings.near)), tuple(rarest))


def _split(text: str, language: str) -> tuple[list[words.Word], list[_Phrase]]:
    """The single words, and the quoted phrases of two words or more."""
    phrases, rest = [], text
    for quoted in re.finditer(r'["“”„«»]([^"“”„«»]+)["“”„«»]', text):
        inside = list(words.words(quoted.group(1), language=language))[:MOST_WORDS]
        if len(inside) > 1:
            phrases.append(_Phrase(quoted.group(1), quoted.span(), tuple(inside)))
            rest = rest[: quoted.start()] + " " * len(quoted.group()) + rest[quoted.end() :]
    return list(words.words(rest, language=language))[:MOST_WORDS], phrases[:3]


def _as_said(phrase: _Phrase, uses: dict[str, int], spellings: Spellings) -> Group:
    """What may stand for a phrase: its words in their order; for those that stand nowhere what they may be meant as."""
    choices = []
    for word in phrase.words:
        known = uses.get(word.stem, 0)
        choices.append((not known and spellings.of(word)) or (Meant("", word.stem, 1.0, known),))
    readings = list(islice(product(*choices), MOST_READINGS))
    return Group(
        tuple(
            Alternative(
                tuple(meant.stem for meant in reading),
                min(meant.weight for meant in reading),
                _spelled(phrase, reading),
            )
            for reading in readings
        ),
        phrase.span,
        required=True,
        uses=max(min(meant.uses for meant in reading) for reading in readings),
    )


def _spelled(phrase: _Phrase, reading: Sequence[Meant]) -> str:
    """The phrase in quotation marks with the words of this reading; empty if they are those that were typed."""
    text = phrase.text
    for word, meant in reversed(list(zip(phrase.words, reading, strict=True))):
        if meant.word:
            text = text[: word.start] + meant.word + text[word.end :]
    return f'"{text}"' if text != phrase.text else ""


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


def _least(stems: Sequence[str], uses: dict[str, int]) -> int:
    return min((uses.get(stem, 0) for stem in stems), default=0)


def _places(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
