"""Guides and words from A to Z, where there are too many for one page: one page for each first letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..document import Kind, Term
from .frame import prefix
from .live import Shown

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


def guides_of(items: Sequence[Shown]) -> list[Shown]:
    return [item for item in items if item.document.kind == Kind.PROCEDURE]


def titles_of(guides: Sequence[Shown]) -> list[str]:
    return [guide.document.title for guide in guides]


def is_split(guides: Sequence[Shown] | Sequence[str]) -> bool:
    return len(guides) >= SPLIT


def letter_of(title: str) -> str:
    """`a` to `z` without accents, `0-9` for all digits, `other` for everything else."""
    first = next((letter for letter in unicodedata.normalize("NFKD", title.casefold()) if letter.isalnum()), "")
    if "a" <= first <= "z":
        return first
    return NUMBERS if first.isdecimal() else OTHER


def letters(titles: Sequence[str], *, language: str, current: str = "") -> tuple[Letter, ...]:
    """The letters these titles of guides begin with; none while one list holds them all."""
    return _letters(titles, f"{prefix(language)}a-z/", current) if is_split(titles) else ()


def word_letters(words: Sequence[str], *, language: str, current: str = "") -> tuple[Letter, ...]:
    """The letters these words begin with; none while one page explains them all."""
    return _letters(words, f"{prefix(language)}glossary/", current) if words_are_split(words) else ()


def words_are_split(words: Sequence[str] | Sequence[Term]) -> bool:
    return len(words) >= WORDS


def words_of(terms: Iterable[Term]) -> list[str]:
    return [term.term for term in terms]


def _letters(titles: Sequence[str], folder: str, current: str) -> tuple[Letter, ...]:
    keys = sorted({letter_of(title) for title in titles}, key=lambda key: (key == OTHER, key))
    return tuple(
        Letter(
            key=key,
            title=_("Other") if key == OTHER else key.upper(),
            url=f"{folder}{key}/",
            current=key == current,
        )
        for key in keys
    )
