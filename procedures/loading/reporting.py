"""A plan in words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from .comparing import Step
from .planning import Plan


def details(plan: Plan) -> Iterator[str]:
    """One line for each unit that is not simply unchanged or created."""
    for unit, result in plan.unexpected.values("steps", part=""):
        yield f"{unit}: {result}"


def conflict(plan: Plan, step: Step) -> Iterator[str]:
    """A conflict for people: where it is, both texts and the one they come from, and how to settle it."""
    path, line = plan.reading.spot(step.unit)
    yield f"{path}:{line}: conflict: {step.unit} was changed in the files and in the admin"
    file, row, before = (_read(text) for text in (step.file, step.row, step.agreed))
    for name in sorted({*file, *row}):
        if file.get(name) == row.get(name):
            continue
        yield f"  {name}:" if name else "  order:"
        texts = {"agreed before": before.get(name), "file": file.get(name), "admin": row.get(name)}
        if any(isinstance(text, str) and "\n" in text for text in texts.values()):
            yield from _differences(texts)
        else:
            for label, text in texts.items():
                shown = (
                    "(none)"
                    if text is None
                    else text
                    if isinstance(text, str)
                    else json.dumps(text, ensure_ascii=False)
                )
                yield f"    {label}: {shown}"
    yield f"  settle it with --take file:{step.unit} or --take db:{step.unit}; the other text stays in the history"


def _read(text: str | None) -> dict[str, Any]:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {"": value}


def _differences(texts: dict[str, Any]) -> Iterator[str]:
    sides = {label: (text or "").split("\n") for label, text in texts.items()}
    start = "agreed before" if texts["agreed before"] else "file"
    for label in ("file", "admin"):
        if label != start:
            for line in difflib.unified_diff(sides[start], sides[label], start, label, lineterm="", n=1):
                yield f"    {line}"
