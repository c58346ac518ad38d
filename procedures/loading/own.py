"""What a load does to the addresses of guides: the one thing that guides can collide on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..document import own_unit
from .comparing import Step
from .problems import ContentError, Problem
from .reading import Reading

Address = tuple[str, str]
"""Language and slug."""


@dataclass(frozen=True, slots=True)
class Own:
    """A guide's own fields as a load sees them: its address in the files and in the rows, and whether it is written."""

    place: str
    writes: bool
    file: Address | None
    row: Address | None

    @classmethod
    def of(cls, step: Step) -> Own:
        file = _address(step.file)
        row = file if step.row == step.file else _address(step.row)
        return cls(step.target.place, step.writes, file, row)


def _address(text: str | None) -> Address | None:
    if text is None:
        return None
    plain = json.loads(text)
    return plain["language"], plain["slug"]


def guides_hold(own: Iterable[Own], reading: Reading) -> None:
    """Refuses what the database would refuse: two guides at one address, and a guide removed by a load."""
    wrong, taken = [], dict[Address, str]()
    every = list(own)
    for guide in sorted(every, key=lambda guide: guide.writes):  # what is written yields to what stands there
        unit = own_unit(guide.place)
        if guide.writes and guide.file is None:
            message = "a whole guide is not removed by a load (take it down and delete it in the admin)"
            wrong.append(Problem(*reading.spot(unit), message))
        address = guide.file if guide.writes else guide.row
        if address is None:
            continue
        if address in taken:
            message = f"`slug` {address[1]!r} is already the address of {taken[address]} in the admin; choose another"
            wrong.append(Problem(*reading.spot(unit, field="slug"), message))
        taken.setdefault(address, guide.place)
    held = holders(every)
    for guide in every:
        others = in_the_way(guide, held)
        if guide.file is not None and others and others[-1] is guide:
            message = (
                f"`slug` {guide.file[1]!r} is still the address of {others[0].place}; guides cannot "
                "change places in one load. Give one of them a third slug, load, then give it its own"
            )
            wrong.append(Problem(*reading.spot(own_unit(guide.place), field="slug"), message))
    if wrong:
        raise ContentError(wrong)


def holders(own: Iterable[Own]) -> dict[Address, Own]:
    """Who has which address before the load."""
    return {guide.row: guide for guide in own if guide.row is not None}


def in_the_way(guide: Own, held: Mapping[Address, Own]) -> list[Own]:
    """The guides that must move before `guide` can be written: who has its address, who has theirs …

    The last one is `guide` itself when they stand in a ring.
    """
    found: list[Own] = []
    wanted = guide
    while wanted.writes and wanted.file is not None:
        holder = held.get(wanted.file)
        if holder is None or holder is wanted or holder in found:
            break
        found.append(holder)
        if holder is guide:
            break
        wanted = holder
    return found
