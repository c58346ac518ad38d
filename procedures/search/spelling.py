# ruff: noqa: S608 -- only names of tables and placeholders are put into SQL; what readers type goes as parameters
"""Words that stand nowhere → words of the index they may be meant as: by their beginning, or spelled nearly so."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from . import words
from .tables import SPELLING, WORD

NEAR_SPELLING, BEGINNING = 0.7, 0.6
"""Weights of another word beside the one that was typed."""
MOST = 4
"""Words of one query that are looked for; each costs a question to the database."""
_NEAREST = 40
_LIKE_ENOUGH = 0.3
"""pg_trgm's own threshold."""


@dataclass(frozen=True)
class Meant:
    """A word of the index, its stem, what it weighs beside the word that was typed, and how many passages hold it."""

    word: str
    stem: str
    weight: float
    uses: int


class Spellings:
    """What the words of one query may be meant as. `near`: words that look like them, whether or not they were taken."""

    def __init__(self, language: str) -> None:
        self.near: list[str] = []
        self._language = language
        self._looked: dict[str, tuple[Meant, ...]] = {}

    def of(self, word: words.Word) -> tuple[Meant, ...]:
        """The likeliest first; none for a word that is like no other, and beyond the first `MOST` different words."""
        if word.folded not in self._looked:
            if len(self._looked) == MOST:
                return ()
            self._looked[word.folded] = self._meant(word)
        return self._looked[word.folded]

    def _meant(self, word: words.Word) -> tuple[Meant, ...]:
        candidates = _alike(word, self._language)
        self.near += [other for other, _stem, _uses in candidates[:5]]
        judged = []
        for other, stem, uses in candidates:
            both = (words.misspelled(word.folded, other), words.misspelled(word.stem, stem))
            edits = min((edits for edits in both if edits is not None), default=None)
            if edits is not None:
                judged.append((edits, -words.likeness(word.folded, other), -uses, other, stem))
        judged.sort()
        best = [entry for entry in judged if entry[0] == judged[0][0]][:3]
        begin = [entry for entry in candidates if len(word.folded) >= 4 and entry[0].startswith(word.folded)]
        counts = {stem: uses for _other, stem, uses in candidates}
        found: dict[str, Meant] = {}
        for *_rank, other, stem in best:
            found.setdefault(stem, Meant(other, stem, NEAR_SPELLING, counts[stem]))
        for other, stem, _uses in begin[:5]:
            found.setdefault(stem, Meant(other, stem, BEGINNING, counts[stem]))
        return tuple(found.values())


def _alike(word: words.Word, language: str) -> list[tuple[str, str, int]]:
    """Words of the index that share trigrams with this word, the likest first: word, stem, uses.

    Only words that begin with a like sound: it costs a tenth of the time where there are many words, for which PostgreSQL has
    the first letter in the same index, and slips in the first letter are rare (see `words.misspelled`). Not those that only its
    stem resembles: asking PostgreSQL for one or the other makes it read every word (174 ms instead of 11 among 80,000 words),
    and they are too far to be meant.
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
                "AND left(word, 1) = ANY(%s) ORDER BY similarity(word, %s) DESC, word LIMIT %s",
                [language, word.folded, list(openings), word.folded, _NEAREST],
            )
        found = cursor.fetchall()
    likeness = {entry[0]: words.likeness(word.folded, entry[0]) for entry in found}
    ranked = sorted(found, key=lambda entry: (-likeness[entry[0]], entry[0]))
    return [entry for entry in ranked if likeness[entry[0]] >= _LIKE_ENOUGH]
