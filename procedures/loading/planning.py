"""The three-way comparison: per unit, what a load would do (the table of design: loading and export)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..document import did_you_mean, own_unit
from ..models import Agreed
from .orders import merged, woven
from .problems import ContentError, Problem
from .reading import Reading
from .sides import Side, Target, file_side, row_side


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


@dataclass(frozen=True)
class Plan:
    reading: Reading
    steps: tuple[Step, ...]
    take: Mapping[str, str]

    @property
    def conflicts(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.result is Result.CONFLICT)

    @property
    def changes(self) -> bool:
        """Whether applying it writes anything."""
        return any(step.writes or step.agrees or step.forgets or step.loser for step in self.steps)

    def line(self) -> str:
        """The plan in one line, such as `12 created, 3 taken, 400 unchanged`."""
        count = Counter(step.result for step in self.steps)
        return ", ".join(f"{count[result]} {result}" for result in Result if count[result]) or "nothing to load"


def plan(reading: Reading, *, take: Mapping[str, str] | None = None) -> Plan:
    """Compares files, rows and what they last agreed on. Writes nothing.

    `take` settles units: name → "file" or "db". Raises ContentError when the files are wrong or `take` names no unit.
    """
    if reading.problems:
        raise ContentError(reading.problems)
    settled = dict(take or {})
    files, rows = file_side(reading), row_side()
    agreed = dict(Agreed.objects.values_list("unit", "text"))
    names = [*files.texts, *(unit for unit in rows.texts if unit not in files.texts)]
    names += [unit for unit in agreed if unit not in files.texts and unit not in rows.texts]
    _known(settled, names)
    steps: list[Step] = []
    orders: list[str] = []
    for unit in names:
        target = files.targets.get(unit) or rows.targets.get(unit) or Target("", "", "")
        if target.is_order:
            orders.append(unit)
            continue
        gone = target.place and _guide_removed(target.place, files, rows, agreed, settled)
        file, row = files.texts.get(unit), rows.texts.get(unit)
        result = Result.REMOVED if gone else _result(file, row, agreed.get(unit), settled.get(unit))
        steps.append(Step(unit, target, result, file, row, agreed.get(unit)))
    _guides_hold(steps, reading)
    present = {
        (step.target.place, step.target.list, step.target.key)
        for step in steps
        if (step.row is not None and not (step.writes and step.file is None)) or (step.writes and step.file is not None)
    }
    steps += [_order(unit, files, rows, agreed.get(unit), settled.get(unit), present) for unit in orders]
    return Plan(reading, tuple(steps), settled)


def _known(settled: Mapping[str, str], names: list[str]) -> None:
    wrong = [unit for unit in settled if unit not in names]
    if wrong:
        message = "--take: no such unit{}; name it as the load prints it, such as mesotherapy/risks.md"
        raise ContentError(Problem(unit, 1, message.format(did_you_mean(unit, names))) for unit in wrong)


def _guides_hold(steps: list[Step], reading: Reading) -> None:
    """Refuses what the database would refuse: two guides at one address, and a guide removed by a load."""
    wrong, taken = [], dict[Address, str]()
    own = [step for step in steps if step.target.is_own]
    for step in sorted(own, key=lambda step: step.writes):  # what is written yields to what stands there
        if step.writes and step.file is None:
            message = "a whole guide is not removed by a load (take it down and delete it in the admin)"
            wrong.append(Problem(*reading.spot(step.unit), message))
        text = step.file if step.writes else step.row
        if text is None:
            continue
        address = _address(text)
        if address in taken:
            message = f"`slug` {address[1]!r} is already the address of {taken[address]} in the admin; choose another"
            wrong.append(Problem(*reading.spot(step.unit, field="slug"), message))
        taken.setdefault(address, step.target.place)
    held = holders(own)
    for step in own:
        others = in_the_way(step, held)
        if step.file is not None and others and others[-1] is step:
            message = (
                f"`slug` {_address(step.file)[1]!r} is still the address of {others[0].target.place}; guides cannot "
                "change places in one load. Give one of them a third slug, load, then give it its own"
            )
            wrong.append(Problem(*reading.spot(step.unit, field="slug"), message))
    if wrong:
        raise ContentError(wrong)


Address = tuple[str, str]
"""Language and slug."""


def holders(steps: list[Step]) -> dict[Address, Step]:
    """Who has which address before the load."""
    return {_address(step.row): step for step in steps if step.target.is_own and step.row is not None}


def in_the_way(step: Step, held: Mapping[Address, Step]) -> list[Step]:
    """The guides that must move before `step` can be written: who has its address, who has theirs …

    The last one is `step` itself when they stand in a ring.
    """
    found: list[Step] = []
    wanted = step
    while wanted.target.is_own and wanted.writes and wanted.file is not None:
        holder = held.get(_address(wanted.file))
        if holder is None or holder is wanted or holder in found:
            break
        found.append(holder)
        if holder is step:
            break
        wanted = holder
    return found


def _address(text: str) -> Address:
    plain = json.loads(text)
    return plain["language"], plain["slug"]


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
    unit: str, files: Side, rows: Side, agreed: str | None, take: str | None, present: set[tuple[str, str, str]]
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
    keys = tuple(key for key in lead if (target.place, target.list, key) in present)
    return Step(unit, target, result, file, row, agreed, keys)
