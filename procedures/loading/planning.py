"""Planning a load, one guide after another: all steps are known before anything is written, their texts wait on the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, starmap
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection

from ..document import DEFAULT_LANGUAGE, SHARED_FILES, base, did_you_mean
from ..models import SHARED, Agreed, Guide, part_of, working_document
from .comparing import Result, Step, compared, from_plain, plain
from .own import Own, Owners, guides_hold
from .problems import ContentError, Problem
from .reading import Reading
from .sides import Side, side
from .spooling import Kept, Spool

T = TypeVar("T")

BATCH = 200
"""How many shared rows are compared at once."""

_EXPECTED = (Result.UNCHANGED, Result.CREATED, Result.GONE)


@dataclass(frozen=True, slots=True)
class Part:
    """Some steps of a plan: those of the guide at `place`, or (`place` "") of some shared rows. `at`: where they are kept."""

    place: str
    at: int


class Steps(Iterable[Step]):
    """The steps of a plan in a temporary file, read back guide by guide. `Target.item` is not kept."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._kept = Kept()

    def add(self, place: str, steps: list[Step]) -> None:
        self._kept.append("parts", [place, self._spool.put([plain(step) for step in steps])])

    def parts(self) -> Iterator[Part]:
        return (Part(*values) for values in self._kept.values("parts", part=""))

    def of(self, part: Part) -> list[Step]:
        return [from_plain(values) for values in self._spool.get(part.at)]

    def __iter__(self) -> Iterator[Step]:
        return (step for part in self.parts() for step in self.of(part))


@dataclass
class Plan:
    """What a load would do. In memory are only numbers, conflicts, and what is not as one expects."""

    reading: Reading
    take: Mapping[str, str]
    steps: Steps = field(default_factory=Steps)
    own: Owners = field(default_factory=Owners)
    count: Counter[Result] = field(default_factory=Counter)
    changes: bool = False
    """Whether applying it writes anything."""
    conflicts: list[Step] = field(default_factory=list)
    unexpected: Kept = field(default_factory=Kept)
    """In the list "steps", unit and result of each unit that is not simply unchanged, created or gone, by `Step.rank`."""

    def line(self) -> str:
        """The plan in one line, such as `12 created, 3 taken, 400 unchanged`."""
        found = (f"{self.count[result]} {result}" for result in Result if self.count[result])
        return ", ".join(found) or "nothing to load"

    def add(self, place: str, steps: list[Step]) -> None:
        self.steps.add(place, steps)
        for step in steps:
            self.count[step.result] += 1
            self.changes = self.changes or bool(step.writes or step.agrees or step.forgets or step.loser)
            if step.result is Result.CONFLICT:
                self.conflicts.append(step)
            if step.result not in _EXPECTED:
                number = f"{self.count.total():012}"
                self.unexpected.put("steps", number, [step.unit, step.result], sort=str(step.rank))
            if step.target.is_own:
                self.own.add(Own.of(step))


def plan(reading: Reading, *, take: Mapping[str, str] | None = None) -> Plan:
    """Compares files, rows and what they last agreed on. Writes nothing.

    `take` settles units: name → "file" or "db". Raises ContentError when the files are wrong or `take` names no unit.
    """
    if reading.problems:
        raise ContentError(reading.problems)
    made = Plan(reading, dict(take or {}))
    unknown = set(made.take)
    for place, files, rows, agreed in _sides(reading):
        steps = list(compared(files, rows, agreed, made.take))
        unknown.difference_update(step.unit for step in steps)
        made.add(place, steps)
    if unknown:
        names = [step.unit for step in sorted(made.steps, key=attrgetter("rank"))]
        message = "--take: no such unit{}; name it as the load prints it, such as mesotherapy/risks.md"
        wrong = [unit for unit in made.take if unit in unknown]
        raise ContentError(Problem(unit, 1, message.format(did_you_mean(unit, names))) for unit in wrong)
    guides_hold(made.own, reading)
    made.conflicts.sort(key=attrgetter("rank"))
    return made


def _sides(reading: Reading) -> Iterator[tuple[str, Side, Side, Mapping[str, str]]]:
    """Place, files, rows and agreed texts of one guide after another, then of shared rows, then of what is gone."""
    for document in reading.documents.bare():
        place = base(document.folder, document.language)
        yield place, side([document], {}), _rows(place), _agreed(place)
    for name in SHARED:
        for batch in batched(reading.rows.items(name), BATCH):
            yield "", *_shared(name, batch, [item.key for item in batch])
    for folder, language in Guide.objects.order_by("pk").values_list("folder", "language").iterator():
        place = base(folder, language)
        if reading.documents.number(place) is None:
            yield place, side([], {}), _rows(place), _agreed(place)
    for name, model in SHARED.items():
        here = model._default_manager.order_by("key").values_list("key", flat=True).iterator()
        for keys in batched((key for key in here if not reading.rows.has(name, key)), BATCH):
            yield "", *_shared(name, (), keys)
    for units in batched(_nowhere(reading), BATCH):
        yield "", side([], {}), side([], {}), dict(Agreed.objects.filter(unit__in=units).values_list("unit", "text"))


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """`items` in tuples of `size` (itertools has it from Python 3.12 on)."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


def guide_at(place: str) -> Guide | None:
    """The guide whose files stand at `place`."""
    folder, _, language = place.partition("/")
    return Guide.objects.filter(folder=folder, language=language or DEFAULT_LANGUAGE).first()


def _rows(place: str) -> Side:
    guide = guide_at(place)
    return side([] if guide is None else [working_document(guide, shared={})], {})


def _agreed(place: str) -> dict[str, str]:
    """What was agreed on of one guide, found through the index of each database."""
    found = Agreed.objects.order_by("pk").values_list("unit", "text")
    if connection.vendor == "sqlite":  # its LIKE knows no capitals, and so uses no index; `0` follows `/`
        found = found.filter(unit__gte=f"{place}/", unit__lt=f"{place}0")
    else:
        found = found.filter(unit__startswith=f"{place}/")
    return {unit: text for unit, text in found if _place(unit) == place}


def _place(unit: str) -> str:
    """The place of the guide a unit belongs to; "" of a shared one."""
    return unit.partition("#")[0].rpartition("/")[0]


def _shared(name: str, items: tuple[Any, ...], keys: Iterable[str]) -> tuple[Side, Side, Mapping[str, str]]:
    files = side([], {name: items})
    rows = SHARED[name]._default_manager.filter(key__in=keys).order_by("key")
    there = side([], {name: tuple(part_of(row) for row in rows)})
    agreed = Agreed.objects.filter(unit__in={*files.texts, *there.texts}).values_list("unit", "text")
    return files, there, dict(agreed)


def _nowhere(reading: Reading) -> Iterator[str]:
    """Units that were agreed on and belong to no guide and no shared row any more, neither in files nor here."""
    for units in batched(Agreed.objects.order_by("pk").values_list("unit", flat=True).iterator(), BATCH):
        there = _there(units, reading)
        yield from (unit for unit in units if unit not in there)


def _there(units: Iterable[str], reading: Reading) -> set[str]:
    """Those of `units` that belong to a guide or a shared row of the files or of the database."""
    names = {SHARED_FILES[row.SHAPE]: name for name, row in SHARED.items()}
    owners: dict[str, dict[str, list[str]]] = {}  # by list ("" guides), then by key or place
    for unit in units:
        file, _, key = unit.partition("#")
        name = names.get(file, "")
        owners.setdefault(name, {}).setdefault(key if name else _place(unit), []).append(unit)
    found: set[str] = set()
    for name, by_key in owners.items():
        here = {key for key in by_key if (reading.rows.has(name, key) if name else reading.documents.has(key))}
        rest = by_key.keys() - here
        if rest and name:
            here.update(SHARED[name]._default_manager.filter(key__in=rest).values_list("key", flat=True))
        elif rest:
            folders = {place.partition("/")[0] for place in rest}
            here.update(starmap(base, Guide.objects.filter(folder__in=folders).values_list("folder", "language")))
        found.update(unit for key in here & by_key.keys() for unit in by_key[key])
    return found
