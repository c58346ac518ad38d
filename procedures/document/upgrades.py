"""Steps that read stored documents of an older format. Stored bytes never change; only the reading does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From format n → a function that gives the same document in format n + 1."""


def upgrade(plain: dict[str, Any], *, to: int) -> dict[str, Any]:
    """`plain` brought to format `to`, one step at a time. Raises ValueError when a step is missing."""
    number = plain["format"]
    while number < to:
        step = STEPS.get(number)
        if step is None:
            raise ValueError(f"there is no step that reads documents of format {number}")
        plain = {**step(plain), "format": number + 1}
        number += 1
    return plain
