"""What a form knows of the text it was opened with, and what it found when somebody else had saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..document import token
from ..models import Guide, Part, Shared
from .edits import unit_name, unit_text

if TYPE_CHECKING:
    from .forms import UnitForm


@dataclass(frozen=True)
class Opened:
    """What a form says it was opened with: the fingerprint of a unit's text, and the unit. Empty for something new."""

    hash: str
    unit: str


@dataclass(frozen=True)
class Clash:
    """A unit that somebody else saved or removed (`stored` None) while it was being written.

    `opened` is the fingerprint of the text both started from; `yours` what was sent (None: to be removed).
    """

    unit: str
    opened: str
    form: UnitForm
    stored: Any
    yours: str | None


def mark_of_unit(row: Guide | Part | Shared) -> str:
    """What a form carries: the fingerprint of the unit it shows, and the unit's name, should it be removed meanwhile."""
    return f"{token(unit_text(row))} {unit_name(row)}"


def opened_with(mark: str) -> Opened:
    """The reverse of `mark_of_unit`. Anything else is a mark of nothing."""
    found, _space, unit = mark.strip().partition(" ")
    return Opened(found, unit)
