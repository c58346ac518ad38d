"""What a check hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


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
