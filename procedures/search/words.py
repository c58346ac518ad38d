"""Words of a text or a query: folded, stemmed by language, compared by spelling. Pure.

The stems are ours and not the database's: SQLite stems English only, and both must find, rank and mark the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from . import porter

LONGEST = 40
"""Letters of a word that count; what is longer is cut."""

_WORD = re.compile(r"[^\W_]+(?:['’]s(?![^\W_]))?")
_SPANISH = (
    "aciones", "adoras", "adores", "amente", "mente", "acion", "idades", "idad", "iones", "ion",
    "es", "os", "as", "a", "o", "e", "s",
)  # fmt: skip


class Word(NamedTuple):
    """A word where it stands in a text: from `start` up to `end`, folded and stemmed."""

    start: int
    end: int
    folded: str
    stem: str


def words(text: str, *, language: str) -> Iterator[Word]:
    """The words of a text in order. Letters without accents and case (NFKD), a possessive 's left out."""
    for found in _WORD.finditer(text):
        folded, stem = _read(found.group(), language)
        if folded:
            yield Word(found.start(), found.end(), folded, stem)


def among(text: str, wanted: Collection[str], *, language: str) -> Iterator[Word]:
    """The words of a text whose stem is one of those wanted."""
    for found in _WORD.finditer(text):
        folded, stem = _read(found.group(), language)
        if stem in wanted:
            yield Word(found.start(), found.end(), folded, stem)


def stems(text: str, *, language: str) -> str:
    """The stems of a text, with single spaces between them: what the index holds."""
    return " ".join(word.stem for word in words(text, language=language))


@lru_cache(maxsize=8192)  # more would only hold words that stand in one guide; as many are found again
def _read(word: str, language: str) -> tuple[str, str]:
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    letters = unicodedata.normalize("NFKD", word.casefold())
    folded = "".join(letter for letter in letters if letter.isalnum())[:LONGEST]
    return folded, stem(folded, language=language)


def stem(folded: str, *, language: str) -> str:
    """The stem: Porter's for English, one ending cut off for Spanish, elsewhere the word itself."""
    base = language.partition("-")[0]
    if base == "en" and folded.isascii() and folded.isalpha():
        return porter.stem(folded)
    if base == "es":
        ending = next((end for end in _SPANISH if folded.endswith(end) and len(folded) - len(end) >= 3), "")
        return folded[: len(folded) - len(ending)]
    return folded


def grams(word: str) -> list[str]:
    """Its trigrams, padded as pg_trgm pads: two blanks before, one after."""
    padded = f"  {word} "
    return [padded[place : place + 3] for place in range(len(padded) - 2)]


def likeness(left: str, right: str) -> float:
    """Shared trigrams out of all, 0 to 1, as pg_trgm counts."""
    ours, theirs = set(grams(left)), set(grams(right))
    return len(ours & theirs) / len(ours | theirs)


def distance(left: str, right: str) -> int:
    """Edits from one word to the other: a letter more, less, other, or two swapped (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def sound(word: str) -> str:
    """The word as it is heard, roughly: letters that people write for each other become one, doubled ones single."""
    for written, heard in (("ph", "f"), ("ck", "k"), ("y", "i"), ("z", "s"), ("ce", "se"), ("ci", "si"), ("c", "k")):
        word = word.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", word)


def openings(word: str) -> str:
    """The letters a word may begin with that sounds like this one."""
    alike = [letters for letters in ("ckq", "csxz", "fpv", "iey", "gj", "wh") if word[0] in letters]
    return "".join(sorted({word[0], *"".join(alike)}))


def misspelled(word: str, other: str) -> int | None:
    """By how many edits `word` differs from `other`, or None when it is too far to be meant.

    One edit for words of four letters (or for three and four), two from eight on, counted as they sound. Few slips concern the first letter
    (Pollock, Zamora: Automatic spelling correction in scientific and scholarly text. CACM 27(4), 1984), so it counts once more.
    """
    shorter, longer = sorted((len(word), len(other)))
    if shorter < 3 or longer < 4:
        return None
    ours, theirs = sound(word), sound(other)
    edits = distance(ours, theirs) + (ours[0] != theirs[0])
    return edits if edits <= (1 if shorter < 8 else 2) else None
