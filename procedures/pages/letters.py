"""The guides from A to Z, where there are too many for one list: one page for each first letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..document import Kind
from .frame import prefix
from .live import Shown

SPLIT = 100
"""From this many guides on the home page shows letters instead of all titles."""
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


def is_split(guides: Sequence[Shown]) -> bool:
    return len(guides) >= SPLIT


def letter_of(title: str) -> str:
    """`a` to `z` without accents, `0-9` for all digits, `other` for everything else."""
    first = next((letter for letter in unicodedata.normalize("NFKD", title.casefold()) if letter.isalnum()), "")
    if "a" <= first <= "z":
        return first
    return NUMBERS if first.isdecimal() else OTHER


def letters(titles: Sequence[str], *, language: str, current: str = "") -> tuple[Letter, ...]:
    """The letters these titles begin with; none while one list holds them all."""
    if len(titles) < SPLIT:
        return ()
    keys = sorted({letter_of(title) for title in titles}, key=lambda key: (key == OTHER, key))
    return tuple(
        Letter(
            key=key,
            title=_("Other") if key == OTHER else key.upper(),
            url=f"{prefix(language)}a-z/{key}/",
            current=key == current,
        )
        for key in keys
    )
