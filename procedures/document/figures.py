"""What the data of each kind of figure must look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from .shape import FigureType


def _whole(value: Any, *, low: int, high: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 200


def _span(value: Any, *, low: int, high: int) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(_whole(end, low=low, high=high) for end in value)
        and value[0] <= value[1]
    )


def _course(data: Mapping[str, Any]) -> list[str]:
    wrong = []
    if not _whole(data.get("sessions"), low=1, high=60):
        wrong.append("`sessions` must be a whole number from 1 to 60")
    if not _span(data.get("gap_weeks"), low=0, high=52):
        wrong.append("`gap_weeks` must be two whole numbers of weeks, the smaller first")
    if "onset_weeks" in data and not _span(data["onset_weeks"], low=0, high=104):
        wrong.append("`onset_weeks` must be two whole numbers of weeks, the smaller first")
    return wrong


def _days(data: Mapping[str, Any]) -> list[str]:
    named = data.get("stages")
    if not isinstance(named, list | tuple) or not named or not all(_text(key) for key in named):
        return ["`stages` must be a list of keys of the guide's stages"]
    return []


def _layers(data: Mapping[str, Any]) -> list[str]:
    layers = data.get("layers")
    if (
        not isinstance(layers, list | tuple)
        or not 2 <= len(layers) <= 6
        or not all(isinstance(layer, Mapping) and _text(layer.get("name")) for layer in layers)
        or not all(isinstance(layer.get("note", ""), str) and set(layer) <= {"name", "note"} for layer in layers)
    ):
        return ["`layers` must be 2 to 6 entries, each with a `name` and, if wanted, a `note`"]
    if not _whole(data.get("needle_to"), low=0, high=len(layers) - 1):
        return ["`needle_to` must be the place of a layer, counted from 0"]
    return []


def _frequency(data: Mapping[str, Any]) -> list[str]:
    wrong = []
    total = data.get("denominator")
    if not _whole(total, low=1, high=1000):
        return ["`denominator` must be a whole number from 1 to 1000 (how many people the figures are out of)"]
    wrong += [f"`{name}` must be a short text" for name in ("group", "comparison", "who") if not _text(data.get(name))]
    rows = data.get("rows")
    if not isinstance(rows, list | tuple) or not 1 <= len(rows) <= 12:
        return [*wrong, "`rows` must be 1 to 12 entries"]
    for place, row in enumerate(rows, start=1):
        if not (
            isinstance(row, Mapping)
            and set(row) == {"label", "group", "comparison"}
            and _text(row["label"])
            and _whole(row["group"], low=0, high=total)
            and _whole(row["comparison"], low=0, high=total)
        ):
            wrong.append(
                f"row {place} must have a `label`, and for `group` and `comparison` a whole number of people "
                f"from 0 to {total}: a figure without its comparison misleads"
            )
    return wrong


_RULES: dict[str, tuple[frozenset[str], Callable[[Mapping[str, Any]], list[str]]]] = {
    FigureType.COURSE: (frozenset({"sessions", "gap_weeks", "onset_weeks"}), _course),
    FigureType.DAYS: (frozenset({"stages"}), _days),
    FigureType.LAYERS: (frozenset({"layers", "needle_to"}), _layers),
    FigureType.FREQUENCY: (frozenset({"denominator", "group", "comparison", "who", "rows"}), _frequency),
}


def problems(kind: str, data: Any) -> list[str]:
    """What is wrong with a figure's data, each a sentence without its end; empty when nothing is."""
    if kind not in _RULES:
        return [f"a figure of type {kind!r} is unknown"]
    if not isinstance(data, Mapping):
        return ["`data` must be a mapping"]
    allowed, rule = _RULES[kind]
    unknown = sorted(str(name) for name in set(data) - allowed)
    return [f"`{name}` is not part of a {kind} figure" for name in unknown] + rule(data)
