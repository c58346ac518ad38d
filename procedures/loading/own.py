"""What a load does to the addresses of guides: the one thing that guides can collide on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from ..document import own_unit
from .comparing import Step
from .problems import ContentError, Problem
from .reading import Reading
from .spooling import Kept

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


class Owners:
    """The own fields of all guides as a load sees them, in a temporary database."""

    def __init__(self) -> None:
        self._kept = Kept()

    def add(self, own: Own) -> None:
        self._kept.append("written" if own.writes else "left", own.place)
        self._kept.put("guides", own.place, [own.place, own.writes, own.file, own.row])
        if own.row is not None:
            self._kept.put("held", "\0".join(own.row), own.place)

    def __iter__(self) -> Iterator[Own]:
        """What is written after what stays as it is."""
        return chain(self._of("left"), self._of("written"))

    def written(self) -> Iterator[Own]:
        return self._of("written")

    def holder(self, address: Address) -> Own | None:
        """Who has an address before the load."""
        place = self._kept.get("held", "\0".join(address))
        return None if place is None else self._get(place)

    def _of(self, name: str) -> Iterator[Own]:
        return (self._get(place) for place in self._kept.values(name, part=""))

    def _get(self, place: str) -> Own:
        place, writes, file, row = self._kept.get("guides", place)
        return Own(
            place, writes, None if file is None else (file[0], file[1]), None if row is None else (row[0], row[1])
        )


def guides_hold(owners: Owners, reading: Reading) -> None:
    """Refuses what the database would refuse: two guides at one address, and a guide removed by a load."""
    wrong, taken = [], Kept()
    for guide in owners:  # what is written yields to what stands there
        unit = own_unit(guide.place)
        if guide.writes and guide.file is None:
            message = "a whole guide is not removed by a load (take it down and delete it in the admin)"
            wrong.append(Problem(*reading.spot(unit), message))
        address = guide.file if guide.writes else guide.row
        if address is None:
            continue
        other = taken.get("addresses", "\0".join(address))
        if other is None:
            taken.put("addresses", "\0".join(address), guide.place)
        else:
            message = f"`slug` {address[1]!r} is already the address of {other} in the admin; choose another"
            wrong.append(Problem(*reading.spot(unit, field="slug"), message))
    for guide in owners.written():
        others = in_the_way(guide, owners)
        if guide.file is not None and others and others[-1] == guide:
            message = (
                f"`slug` {guide.file[1]!r} is still the address of {others[0].place}; guides cannot "
                "change places in one load. Give one of them a third slug, load, then give it its own"
            )
            wrong.append(Problem(*reading.spot(own_unit(guide.place), field="slug"), message))
    if wrong:
        raise ContentError(wrong)


def in_the_way(guide: Own, owners: Owners) -> list[Own]:
    """The guides that must move before `guide` can be written: who has its address, who has theirs …

    The last one is `guide` itself when they stand in a ring.
    """
    found: list[Own] = []
    wanted = guide
    while wanted.writes and wanted.file is not None:
        holder = owners.holder(wanted.file)
        if holder is None or holder == wanted or holder in found:
            break
        found.append(holder)
        if holder == guide:
            break
        wanted = holder
    return found
