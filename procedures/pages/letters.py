"""Guides and words from A to Z, where there are too many for one page: one page for each first letter."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .frame import prefix

SPLIT = 100
"""From this many guides on the home page shows letters instead of all titles."""
WORDS = 500
"""From this many words on the glossary lists them, and says what they mean on a page for each letter."""
NUMBERS, OTHER = "0-9", "other"


@dataclass(frozen=True)
class Letter:
    """An entry of the row of letters: `key` is the last part of its address."""

    key: str
    title: str
    url: str
    current: bool = False


Initials = Mapping[str, int]
"""How many titles, or words, there are under each letter (`letter_of`)."""


def initials(titles: Iterable[str]) -> Initials:
    return Counter(letter_of(title) for title in titles)


def is_split(guides: Initials) -> bool:
    return sum(guides.values()) >= SPLIT


def words_are_split(words: Initials) -> bool:
    return sum(words.values()) >= WORDS


def letter_of(title: str) -> str:
    """`a` to `z` without accents, `0-9` for all digits, `other` for everything else."""
    first = next((letter for letter in unicodedata.normalize("NFKD", title.casefold()) if letter.isalnum()), "")
    if "a" <= first <= "z":
        return first
    return NUMBERS if first.isdecimal() else OTHER


def letters(guides: Initials, *, language: str, current: str = "") -> tuple[Letter, ...]:
    """The letters titles of guides begin with; none while one list holds them all."""
    return _letters(guides, f"{prefix(language)}a-z/", current) if is_split(guides) else ()


def word_letters(words: Initials, *, language: str, current: str = "") -> tuple[Letter, ...]:
    """The letters words begin with; none while one page explains them all."""
    return _letters(words, f"{prefix(language)}glossary/", current) if words_are_split(words) else ()


def _letters(found: Initials, folder: str, current: str) -> tuple[Letter, ...]:
    return tuple(
        Letter(
            key=key,
            title=_("Other") if key == OTHER else key.upper(),
            url=f"{folder}{key}/",
            current=key == current,
        )
        for key in sorted(found, key=lambda key: (key == OTHER, key))
    )
