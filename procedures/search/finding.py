# ruff: noqa: S608 -- only names of tables and placeholders are put into SQL; what readers type goes as parameters
"""A reader's words → live passages. The database finds candidates, never too many; they are ranked here, alike on both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from . import words
from .index import SHARED
from .query import Alternative, Group, Query, stems_of, understood
from .snippets import Piece, snippet
from .tables import INDEX, PASSAGE, SAMPLE

CANDIDATES = 120
"""Passages ranked for one query, per question asked of the database."""
ENOUGH = 30
"""Candidates after which no more are looked for when all words are common."""
COMMON = 1_000
"""A word in more passages than this is no way to find candidates while there is a rarer one."""
EVERYWHERE = 0.4
"""A word in more than this part of all passages says nothing, unless all words of the query are so."""
HEAD, K1, B, USUAL, OFTEN = 6.0, 1.2, 0.5, 60, 3
"""BM25F: weight of title, heading and names beside 1 for the body; saturation; length; words of a usual passage (half as
many count as the shortest); how often a body may say a word before more says nothing, so that no body outranks a title.
Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields. CIKM 2004."""
MOST_GROUPS = 6
"""Words of a query that count, the rarest; the others say little."""
KINDS = {"section": 1.0, "page": 0.9, "guide": 0.7, "term": 1.0, "source": 0.4}
"""What a reader is after first."""
NEIGHBOURS = 0.5
"""Weight of two words that stand side by side in query and text, beside the rarer of the two alone.
Metzler, Croft: A Markov random field model for term dependencies. SIGIR 2005."""
MORE = 0.2
"""What further passages of the same page add to its best one."""


_Wanted = tuple[float, bool, list[tuple[str, float]]]
"""Of a group: its rarity, whether it must be there, and its alternatives as text with their weights."""


@dataclass(frozen=True)
class Hit:
    """One page or word found. `url` leads to the heading `heading` of it (the page itself where it is empty)."""

    guide: str
    section: str
    heading_id: str
    title: str
    heading: str
    url: str
    kind: str
    snippet: tuple[Piece, ...]

    @property
    def key(self) -> str:
        """`mesotherapy/risks`, `glossary:ntm`, `source:park-2008`, or a guide's address alone."""
        mark = ":" if self.kind in SHARED else "/"
        return f"{self.guide}{mark}{self.section}" if self.section else self.guide


@dataclass(frozen=True)
class Nearest:
    """A word of the glossary, or a guide, that may help a reader who found nothing."""

    title: str
    url: str


@dataclass(frozen=True)
class Results:
    """What was found. `query` is what was read of the words typed; `did_you_mean` is a better spelling, or empty."""

    query: str
    hits: tuple[Hit, ...] = ()
    did_you_mean: str = ""
    nearest_terms: tuple[Nearest, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    """A passage to rank; `head` and `body` are its stems with a blank before, between and after them."""

    id: int
    kind: str
    key: str
    head: str
    body: str


def search(query: str, *, language: str, limit: int = 10) -> Results:
    """The pages and words that fit best, at most `limit`. Any text is harmless; nothing that is not live is found."""
    asked = understood(query, language=language)
    groups = _telling(asked)[:MOST_GROUPS]
    ranked = _ranked(_candidates(groups, asked), groups, asked)[:limit] if groups else []
    best = [candidate for _score, candidate in ranked]
    hits = _hits(best, asked)
    return Results(
        query=asked.text,
        hits=hits,
        did_you_mean=_better(asked, best),
        nearest_terms=() if hits else _nearest(asked),
    )


def contents(*, language: str, limit: int = 20) -> tuple[Nearest, ...]:
    """The guides that are live, for a page that found nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.title, p.url FROM {PASSAGE} p JOIN procedures_guide g ON g.live_id = p.revision_id "
            "WHERE p.kind = 'guide' AND p.language = %s ORDER BY p.title LIMIT %s",
            [language, limit],
        )
        return tuple(Nearest(title, url) for title, url in cursor.fetchall())


def titles(*, language: str) -> list[str]:
    """The titles of all guides that are live."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.title FROM {PASSAGE} p JOIN procedures_guide g ON g.live_id = p.revision_id "
            "WHERE p.kind = 'guide' AND p.language = %s",
            [language],
        )
        return [title for (title,) in cursor.fetchall()]


def _telling(asked: Query) -> list[Group]:
    """The groups that say something, rarest first: not "the" and "is" where there are other words."""
    telling = [group for group in asked.groups if group.required or group.uses <= EVERYWHERE * asked.total]
    return sorted(telling or asked.groups, key=lambda group: (not group.required, group.uses))


def _candidates(groups: Sequence[Group], asked: Query) -> list[_Candidate]:
    """Passages worth ranking: those with every word, then those with a rare word, of a common word those it names.

    PostgreSQL finds all passages before it gives the first, 10 to 40 ms for common words among 780,000, so it is asked for
    those of a sample first. SQLite gives the first ones at once.
    """
    required = [group for group in groups if group.required]
    found: dict[int, _Candidate] = {}
    if len(groups) > 1 or required:
        every = [_any([group]) for group in (required or groups)]
        if connection.vendor == "postgresql" and all(group.uses > COMMON for group in groups):
            _fetch(found, every, asked, sample=True)
        if len(found) < ENOUGH:
            _fetch(found, every, asked)
    if not required:
        rare = [group for group in groups if group.uses <= COMMON]
        if not rare:
            _fetch(found, [_any(groups[:1])], asked, head=True)
        if rare or len(found) < ENOUGH:
            _fetch(found, [_any(rare or groups[:1])], asked)
    return list(found.values())


def _fetch(
    found: dict[int, _Candidate], every: Sequence[str], asked: Query, *, head: bool = False, sample: bool = False
) -> None:
    """Adds the first passages that fulfil every condition; `head`: in title, heading or names alone; `sample`: of those."""
    if connection.vendor == "sqlite":
        sql = (
            f"SELECT p.id, p.kind, p.key, i.head, i.body FROM {INDEX} i CROSS JOIN {PASSAGE} p ON p.id = i.rowid "
            "JOIN procedures_guide g ON g.live_id = p.revision_id "
            f"WHERE {INDEX} MATCH %s AND p.language = %s LIMIT %s"
        )
        match = ("head : " if head else "") + "(" + " AND ".join(every) + ")"
    else:
        few = f" AND p.{SAMPLE.replace('%', '%%')}" if sample else ""
        sql = (
            f"SELECT p.id, p.kind, p.key, p.head, p.body FROM {PASSAGE} p "
            "JOIN procedures_guide g ON g.live_id = p.revision_id "
            f"WHERE p.{'heads' if head else 'stems'} @@ %s::tsquery AND p.language = %s{few} LIMIT %s"
        )
        match = " & ".join(every)
    with connection.cursor() as cursor:
        cursor.execute(sql, [match, asked.language, CANDIDATES])
        for number, kind, key, head, body in cursor.fetchall():
            found.setdefault(number, _Candidate(number, kind, key, f" {head} ", f" {body} "))


def _any(groups: Iterable[Group]) -> str:
    """The condition that one of the alternatives is there. Stems hold letters and digits only: nothing to escape."""
    rows = dict.fromkeys(choice.stems for group in groups for choice in group.alternatives)
    if connection.vendor == "sqlite":
        return "(" + " OR ".join(f'"{" ".join(stems)}"' for stems in rows) + ")"
    return "(" + " | ".join("(" + " <-> ".join(f"'{stem}'" for stem in stems) + ")" for stems in rows) + ")"


def _ranked(candidates: Iterable[_Candidate], groups: Sequence[Group], asked: Query) -> list[tuple[float, _Candidate]]:
    """The best passage of each page with the page's score, the highest first."""
    wanted = [
        (
            _rarity(group, asked),
            group.required,
            [(_as_text(choice.stems), choice.weight) for choice in group.alternatives],
        )
        for group in groups
    ]
    pairs = _pairs(groups, asked)
    pages: dict[str, list[tuple[float, _Candidate]]] = {}
    for candidate in candidates:
        score = _score(candidate, wanted, pairs)
        if score > 0:
            pages.setdefault(candidate.key, []).append((score, candidate))
    ranked = []
    for found in pages.values():
        found.sort(key=lambda entry: (-entry[0], entry[1].id))
        best, candidate = found[0]
        ranked.append((best + MORE * sum(score for score, _candidate in found[1:3]), candidate))
    return sorted(ranked, key=lambda entry: (-entry[0], entry[1].id))


def _score(candidate: _Candidate, wanted: Sequence[_Wanted], pairs: Sequence[tuple[str, float]]) -> float:
    total, weight, matched = 0.0, 0.0, 0.0
    head, body = candidate.head, candidate.body
    shortened = 1 - B + B * max(body.count(" ") - 1, USUAL / 2) / USUAL
    for rarity, required, choices in wanted:
        weight += rarity
        best = 0.0
        for phrase, share in choices:
            often = HEAD * head.count(phrase) + min(body.count(phrase), OFTEN) / shortened
            if often:
                best = max(best, share * often / (K1 + often) * (K1 + 1))
        if best:
            total += rarity * best
            matched += rarity
        elif required:
            return 0.0
    for pair, rarity in pairs:
        if pair in body or pair in head:
            total += NEIGHBOURS * rarity
    return KINDS[candidate.kind] * total * (0.5 + 0.5 * matched / weight) if weight else 0.0


def _rarity(group: Group, asked: Query) -> float:
    return math.log(1 + (max(asked.total - group.uses, 0) + 0.5) / (group.uses + 0.5))


def _pairs(groups: Sequence[Group], asked: Query) -> list[tuple[str, float]]:
    """Single words of the query that follow each other, with how much it says when a text has them so."""
    order = sorted((group for group in groups if not group.required), key=lambda group: group.said)
    return [
        (
            _as_text(left.alternatives[0].stems + right.alternatives[0].stems),
            max(_rarity(left, asked), _rarity(right, asked)),
        )
        for left, right in pairwise(order)
    ]


def _as_text(stems: Sequence[str]) -> str:
    return f" {' '.join(stems)} "


def _hits(best: Sequence[_Candidate], asked: Query) -> tuple[Hit, ...]:
    if not best:
        return ()
    numbers = [candidate.id for candidate in best]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, kind, key, url, guide_title, title, heading, text FROM {PASSAGE} "
            f"WHERE id IN ({', '.join(['%s'] * len(numbers))})",
            numbers,
        )
        rows = {row[0]: row for row in cursor.fetchall()}
    telling = stems_of(_telling(asked))
    return tuple(_hit(rows[number], telling, asked.language) for number in numbers if number in rows)


def _hit(row: Sequence[str], telling: frozenset[str], language: str) -> Hit:
    _id, kind, key, url, guide_title, title, heading, text = row
    separator = ":" if kind in SHARED else "/"
    guide, _separator, section = key.partition(separator)
    return Hit(
        guide=guide,
        section=section,
        heading_id=url.partition("#")[2],
        title=f"{guide_title}: {title}" if kind in ("section", "page") and guide_title else title,
        heading=heading,
        url=url,
        kind=kind,
        snippet=snippet(text, stems=telling, language=language),
    )


def _better(asked: Query, found: Sequence[_Candidate]) -> str:
    """The query with the spellings that stand in what was found, if any word had to be taken for another."""
    text = asked.text
    for group in sorted(asked.groups, key=lambda group: group.said, reverse=True):
        phrases = ((choice, _as_text(choice.stems)) for choice in group.alternatives)
        taken = (choice for choice, phrase in phrases if any(phrase in hit.body or phrase in hit.head for hit in found))
        if spelled := next((choice.spelled for choice in taken), ""):
            start, end = group.said
            text = text[:start] + spelled + text[end:]
    return text if text != asked.text else ""


def _nearest(asked: Query, *, limit: int = 5) -> tuple[Nearest, ...]:
    """What may help: titles with words like those that were typed, else with the rarest word of a phrase they have."""
    near = dict.fromkeys(words.stem(word, language=asked.language) for word in asked.near)
    said = [[stem] for stem, uses in asked.phrased if uses <= EVERYWHERE * asked.total]
    tried = (_titled(stems, asked, limit) for stems in ([*near], *said[:3]))
    return next((found for found in tried if found), ())


def _titled(stems: Sequence[str], asked: Query, limit: int) -> tuple[Nearest, ...]:
    """Words explained, then guides and sections, in whose title or heading one of these stems stands."""
    if not stems:
        return ()
    group = Group(tuple(Alternative((stem,)) for stem in stems), (0, 0))
    found: dict[int, _Candidate] = {}
    _fetch(found, [_any([group])], asked, head=True)
    best = [candidate for candidate in found.values() if candidate.kind in ("term", "guide", "section")]
    best.sort(key=lambda candidate: (candidate.kind != "term", candidate.id))
    unique = {candidate.key: candidate for candidate in reversed(best)}
    chosen = [candidate for candidate in best if unique.get(candidate.key) is candidate][:limit]
    return tuple(Nearest(hit.title, hit.url) for hit in _hits(chosen, asked))
