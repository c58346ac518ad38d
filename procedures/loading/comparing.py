"""The three-way comparison: per unit, what a load would do (the table of design: loading and export)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..document import own_unit
from .orders import merged, woven
from .sides import Side, Target


class Result(StrEnum):
    """What happens to a unit, in the words people are told."""

    CREATED = "created"
    TAKEN = "taken"
    MERGED = "merged"
    AGREED = "agreed"
    UNCHANGED = "unchanged"
    KEPT = "kept: edited in the admin"
    MISSING = "kept: missing in files"
    ONLY_HERE = "kept: only in the admin"
    REMOVED = "kept removed in the admin"
    GONE = "removed on both sides"
    FROM_FILE = "settled for the file"
    FROM_DB = "settled for the admin"
    CONFLICT = "conflict"


FILE, DB = "file", "db"
_AGREEING = (Result.CREATED, Result.TAKEN, Result.MERGED, Result.AGREED, Result.FROM_FILE, Result.FROM_DB)


@dataclass(frozen=True)
class Step:
    """One unit: its text in the files, in the rows and when they last agreed (None: not there), and what happens."""

    unit: str
    target: Target
    result: Result
    file: str | None
    row: str | None
    agreed: str | None
    order: tuple[str, ...] = ()
    """For the order of a list: the keys as they will stand."""

    @property
    def writes(self) -> bool:
        """Whether the row becomes what the file says."""
        return self.result in (Result.CREATED, Result.TAKEN, Result.FROM_FILE) and self.file != self.row

    @property
    def agrees(self) -> bool:
        """Whether the file's text becomes the one both sides agreed on."""
        return self.result in _AGREEING and self.file is not None and self.file != self.agreed

    @property
    def forgets(self) -> bool:
        """Whether nothing is agreed on any more, because neither side has the unit."""
        gone = self.result is Result.GONE or (self.result is Result.FROM_FILE and self.file is None)
        return gone and self.agreed is not None

    @property
    def loser(self) -> str | None:
        """The text a settled conflict leaves behind."""
        lost = {Result.FROM_FILE: self.row, Result.FROM_DB: self.file}.get(self.result)
        return lost if self.file != self.row else None

    @property
    def rank(self) -> int:
        """In which order people are told: what files have, what only rows have, what neither has, orders of lists."""
        if self.target.is_order:
            return 3
        return 0 if self.file is not None else 1 if self.row is not None else 2


def plain(step: Step) -> list[Any]:
    """The step as JSON values; a text that is the file's is not said again. What the unit stands for is not kept."""
    row, agreed = (text if text is None or text != step.file else True for text in (step.row, step.agreed))
    target = step.target
    return [step.unit, target.place, target.list, target.key, step.result, step.file, row, agreed, step.order]


def from_plain(values: list[Any]) -> Step:
    """The reverse of `plain`."""
    unit, place, name, key, result, file, row, agreed, order = values
    row, agreed = (file if text is True else text for text in (row, agreed))
    return Step(unit, Target(place, name, key), Result(result), file, row, agreed, tuple(order))


def compared(files: Side, rows: Side, agreed: Mapping[str, str], settled: Mapping[str, str]) -> Iterator[Step]:
    """The steps of one guide, or of some shared rows; those of the orders of its lists last."""
    names = [*files.texts, *(unit for unit in rows.texts if unit not in files.texts)]
    names += [unit for unit in agreed if unit not in files.texts and unit not in rows.texts]
    present: set[tuple[str, str]] = set()
    orders: list[str] = []
    for unit in names:
        target = files.targets.get(unit) or rows.targets.get(unit) or Target("", "", "")
        if target.is_order:
            orders.append(unit)
            continue
        gone = target.place and _guide_removed(target.place, files, rows, agreed, settled)
        file, row = files.texts.get(unit), rows.texts.get(unit)
        result = Result.REMOVED if gone else _result(file, row, agreed.get(unit), settled.get(unit))
        step = Step(unit, target, result, file, row, agreed.get(unit))
        if (file if step.writes else row) is not None:
            present.add((target.list, target.key))
        yield step
    for unit in orders:
        yield _order(unit, files, rows, agreed.get(unit), settled.get(unit), present)


def _guide_removed(place: str, files: Side, rows: Side, agreed: Mapping[str, str], settled: Mapping[str, str]) -> bool:
    """Whether the guide itself was removed in the admin: then its parts stay removed, new ones too."""
    unit = own_unit(place)
    return unit not in rows.texts and unit in agreed and unit in files.texts and settled.get(unit) != FILE


def _result(file: str | None, row: str | None, agreed: str | None, take: str | None) -> Result:
    if file == row:
        if file is None:
            return Result.GONE
        return Result.UNCHANGED if file == agreed else Result.AGREED
    if take:
        return Result.FROM_FILE if take == FILE else Result.FROM_DB
    if file is None:
        return Result.ONLY_HERE if agreed is None else Result.MISSING
    if row is None:
        return Result.CREATED if agreed is None else Result.REMOVED
    if agreed == row:
        return Result.TAKEN
    return Result.KEPT if agreed == file else Result.CONFLICT


def _order(
    unit: str, files: Side, rows: Side, agreed: str | None, take: str | None, present: Iterable[tuple[str, str]]
) -> Step:
    file, row = files.texts.get(unit), rows.texts.get(unit)
    target = files.targets.get(unit) or rows.targets[unit]
    wanted: list[str] = files.targets[unit].item if file is not None else []
    have: list[str] = rows.targets[unit].item if row is not None else []
    result = _result(file, row, agreed, take)
    lead = woven(have, wanted)
    if result in (Result.CREATED, Result.TAKEN, Result.FROM_FILE):
        lead = woven(wanted, have)
    elif result is Result.CONFLICT:
        both = merged(wanted, have, json.loads(agreed) if agreed else None)
        if both is not None:
            result, lead = Result.MERGED, both
    keys = tuple(key for key in lead if (target.list, key) in present)
    return Step(unit, target, result, file, row, agreed, keys)
