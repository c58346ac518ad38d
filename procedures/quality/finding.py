"""What a check hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

Level = Literal["error", "warning"]

ERRORS = {
    "markup": _("Key, link or block that does not work"),
    "broken-link": _("Link to a heading that is not there"),
    "heading-order": _("Headings out of order"),
    "picture-words": _("Picture without words of 3 to 30"),
    "figure-without-mark": _("Number without a mark"),
    "benefit-without-mark": _("Benefit without a mark"),
    "risk-without-mark": _("Harm without a mark"),
    "borrowed-figure": _("Number from elsewhere that does not say so"),
    "cited-phrase": _("Phrase regulators have cited"),
    "no-emergency-sign": _("No sign of an emergency"),
}
"""The checks that stop sending and publishing, and what each finds, in words."""
WARNINGS = {
    "mark-elsewhere": _("Mark in another sentence"),
    "cited-word": _("Word regulators have cited"),
    "benefit-alone": _("Benefit without a harm beside it"),
    "unequal-options": _("Options at unequal length"),
    "undefined-term": _("Medical word that is not explained"),
    "reading-grade": _("Hard to read"),
    "long-sentence": _("Long sentence"),
    "average-sentence": _("Long sentences on average"),
    "length": _("Too long a page"),
    "source-not-opened": _("Link not opened within a year"),
    "old-price": _("Old price"),
    "review-overdue": _("Review overdue"),
}
"""The checks that ask editors to look, and what each finds, in words."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing an editor should look at.

    An `error` stops publishing, a `warning` does not. `unit` and `field` say where (`mesotherapy/risks.md`, `body`);
    `line` counts from 1 within a section's body and is 1 everywhere else. `message` says in sentences what was
    found, why it matters and what to do.
    """

    level: Level
    check: str
    unit: str
    line: int
    message: str
    field: str = ""


def short(text: str, *, limit: int = 90) -> str:
    """A sentence as messages quote it."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
