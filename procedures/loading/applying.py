"""Carrying a plan out, guide by guide in one transaction: whole or not at all."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from .. import images
from ..document import Document, canonical
from ..models import PARTS, SHARED, Agreed, Edit, Guide, own_values, row_values
from .comparing import Step
from .own import in_the_way
from .planning import Part, Plan, guide_at, plan
from .problems import ContentError, Problem
from .sides import tidied

GATHERED = 256 * 1024
"""Characters of text after which the gathered edits and agreed texts are written."""


class Conflict(Exception):
    """Files and rows contradict each other; `plan.conflicts` are the units. Nothing was loaded."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(", ".join(step.unit for step in plan.conflicts))


def apply(first: Plan, *, by: Model | None = None, dry_run: bool = False) -> Plan:
    """Loads what `first` was made of and returns the plan that was carried out.

    The plan is made anew inside the transaction, so that an edit saved since is seen. Raises Conflict, after keeping both
    texts of each conflict in Edit (unless `dry_run`), and ContentError when the database refuses a value.
    """
    if dry_run:
        if first.conflicts:
            raise Conflict(first)
        return first
    try:
        with transaction.atomic():
            _lock()
            done = plan(first.reading, take=first.take)
            if done.conflicts:
                raise Conflict(done)
            _Work(done, by).everything()
    except Conflict as conflict:
        _keep_both(conflict.plan, by)
        raise
    except IntegrityError as error:
        where = Problem(
            first.reading.folder.name, 1, f"the database refuses the content: {error} (give each guide its own slug)"
        )
        raise ContentError([where]) from error
    return done


def _lock() -> None:
    """Keeps editors from saving between the comparison and the writing (SQLite locks as a whole)."""
    for model in (Guide, *PARTS.values(), *SHARED.values()):
        for _row in model._default_manager.select_for_update().order_by("pk").values_list("pk").iterator():  # type: ignore[attr-defined]
            pass  # one after another: a list of all would grow with the guides


def _keep_both(done: Plan, by: Model | None) -> None:
    with transaction.atomic():
        for step in done.conflicts:
            guide = guide_at(step.target.place)
            for text in (step.row, step.file):
                if text is not None and not Edit.objects.filter(unit=step.unit, text=text).exists():
                    _edit(step, text, Edit.Origin.CONFLICT, by, guide).save()


def _edit(step: Step, text: str, origin: str, by: Any, guide: Guide | None) -> Edit:
    return Edit(unit=step.unit, text=text, origin=origin, by=by, guide=guide, at=timezone.now())


class _Work:
    def __init__(self, plan: Plan, by: Model | None) -> None:
        self.plan = plan
        self.reading = plan.reading
        self.by = by
        self.edits: list[Edit] = []
        self.agreed: list[Agreed] = []
        self.pictures: list[str] = []

    def everything(self) -> None:
        waits = {}  # whoever holds an address gives it up first
        for guide in self.plan.own.written():
            if before := in_the_way(guide, self.plan.own):
                waits[guide.place] = len(before)
        late = []
        for part in self.plan.steps.parts():
            if part.place in waits:
                late.append(part)
            else:
                self.part(part)
        for part in sorted(late, key=lambda part: waits[part.place]):
            self.part(part)
        self.flush()
        for file in self.pictures:  # last, because files do not roll back; a picture no row names does no harm
            images.render(images.keep(self.reading.pictures[file]))

    def part(self, part: Part) -> None:
        """Carries out the steps of one guide, its own fields first, or of some shared rows."""
        steps = self.plan.steps.of(part)
        writer = _Guide(self, part.place, steps) if part.place else None
        for step in sorted(steps, key=lambda step: not step.target.is_own):
            if step.loser is not None:
                self.keep(step, step.loser, Edit.Origin.CONFLICT, writer)
            if step.writes and not step.target.is_order:
                if writer:
                    writer.write(step)
                else:
                    self.write_shared(step)
                self.keep(step, step.file or "", Edit.Origin.FILE, writer)
        for step in steps:
            if step.target.is_order and writer and writer.guide:
                writer.arrange(step)
        self.agreed += [Agreed(unit=step.unit, text=step.file or "") for step in steps if step.agrees]
        gone = [step.unit for step in steps if step.forgets]
        if gone:
            Agreed.objects.filter(unit__in=gone).delete()
        if sum(len(row.text) for row in self.edits) + sum(len(row.text) for row in self.agreed) > GATHERED:
            self.flush()

    def keep(self, step: Step, text: str, origin: str, writer: _Guide | None) -> None:
        self.edits.append(_edit(step, text, origin, self.by, writer.guide if writer else None))

    def flush(self) -> None:
        """Writes what has been gathered."""
        Edit.objects.bulk_create(self.edits)
        Agreed.objects.bulk_create(self.agreed, update_conflicts=True, unique_fields=["unit"], update_fields=["text"])
        self.edits, self.agreed = [], []

    def write_shared(self, step: Step) -> None:
        name, key = step.target.list, step.target.key
        item = None if step.file is None else self.reading.rows.get(name, key)
        _write_row(SHARED[name], {"key": key}, item)
        if name == "images" and item is not None:
            self.pictures.append(item.file)


class _Guide:
    """Writes the rows of one guide. What the files say of it is read back when the first row needs it."""

    def __init__(self, work: _Work, place: str, steps: list[Step]) -> None:
        self.work = work
        self.place = place
        self.orders = {step.target.list: step.order for step in steps if step.target.is_order}
        self.new = any(step.target.is_own and step.row is None for step in steps)

    @cached_property
    def document(self) -> Document:
        number = self.work.reading.documents.number(self.place)
        if number is None:
            raise LookupError(self.place)
        return tidied(self.work.reading.documents.bare_one(number))

    @cached_property
    def guide(self) -> Guide | None:
        """None until it is written for the first time.

        One that was made since the plan is not looked for: the database then refuses a second one, and nobody's words
        are written over.
        """
        return None if self.new else guide_at(self.place)

    def write(self, step: Step) -> None:
        name, key = step.target.list, step.target.key
        if step.target.is_own:
            self.write_own()
        elif step.file is None:
            _write_row(PARTS[name], {"guide": self.guide, "key": key}, None)
        else:
            item = next(item for item in self.document.items(name) if item.key == key)
            position = self.orders[name].index(key)
            _write_row(PARTS[name], {"guide": self.guide, "key": key}, item, position=position)

    def write_own(self) -> None:
        guide = self.guide or Guide()
        for name, value in own_values(self.document).items():
            setattr(guide, name, value)
        guide.save()
        self.guide = guide

    def arrange(self, step: Step) -> None:
        model = PARTS[step.target.list]
        rows = {row.key: row for row in model._default_manager.filter(guide=self.guide).order_by("position", "pk")}
        text = canonical(list(step.order)) if step.order else ""
        if text != (step.row or ""):
            self.work.keep(step, text, Edit.Origin.FILE, self)
        if tuple(rows) == step.order and len({row.position for row in rows.values()}) == len(rows):
            return
        for position, key in enumerate(step.order):
            if rows[key].position != position:
                model._default_manager.filter(pk=rows[key].pk).update(position=position)


def _write_row(model: Any, keys: dict[str, Any], item: Any, **new: Any) -> None:
    """Makes the row of `model` with `keys` say what `item` says (None: removes it); `new` is for a row that is made."""
    row = model._default_manager.filter(**keys).first()
    if item is None:
        row.delete()
        return
    if row is None:
        row = model(**keys, **new)
    for name, value in row_values(item).items():
        setattr(row, name, value)
    row.save()
