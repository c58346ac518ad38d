"""Carrying a plan out, whole or not at all."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from .. import images
from ..document import Document, ImageRecord, canonical
from ..models import PARTS, SHARED, Agreed, Edit, Guide, own_values, row_values
from .planning import Plan, Step, holders, in_the_way, plan
from .problems import ContentError, Problem


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
        list(model._default_manager.select_for_update().order_by("pk").values_list("pk"))  # type: ignore[attr-defined]


def _keep_both(done: Plan, by: Model | None) -> None:
    guides = _guides()
    with transaction.atomic():
        for step in done.conflicts:
            for text in (step.row, step.file):
                if text is not None and not Edit.objects.filter(unit=step.unit, text=text).exists():
                    _edit(step, text, Edit.Origin.CONFLICT, by, guides.get(step.target.place)).save()


def _guides() -> dict[str, Guide]:
    return {guide.place: guide for guide in Guide.objects.all()}


def _edit(step: Step, text: str, origin: str, by: Any, guide: Guide | None) -> Edit:
    return Edit(unit=step.unit, text=text, origin=origin, by=by, guide=guide, at=timezone.now())


class _Work:
    def __init__(self, plan: Plan, by: Model | None) -> None:
        self.plan = plan
        self.by = by
        self.guides = _guides()
        self.edits: list[Edit] = []
        orders = [step for step in plan.steps if step.target.is_order]
        self.orders = {(step.target.place, step.target.list): step.order for step in orders}

    def everything(self) -> None:
        steps = list(self.plan.steps)
        held = holders(steps)  # whoever holds an address gives it up first
        for step in sorted(steps, key=lambda step: (not step.target.is_own, len(in_the_way(step, held)))):
            if step.loser is not None:
                self.keep(step, step.loser, Edit.Origin.CONFLICT)
            if step.writes and not step.target.is_order:
                self.write(step)
        for step in steps:
            if step.target.is_order and step.target.place in self.guides:
                self.arrange(step)
        Edit.objects.bulk_create(self.edits)
        self.agree()
        self.pictures()

    def keep(self, step: Step, text: str, origin: str) -> None:
        self.edits.append(_edit(step, text, origin, self.by, self.guides.get(step.target.place)))

    def write(self, step: Step) -> None:
        target = step.target
        if target.is_own:
            self.write_guide(step)
        else:
            model: Any = PARTS[target.list] if target.place else SHARED[target.list]
            keys: dict[str, Any] = {"key": target.key}
            if target.place:
                keys["guide"] = self.guides[target.place]
            row = model._default_manager.filter(**keys).first()
            if step.file is None:
                row.delete()
            else:
                if row is None:
                    row = model(**keys)
                    if target.place:
                        row.position = self.orders[(target.place, target.list)].index(target.key)
                for name, value in row_values(target.item).items():
                    setattr(row, name, value)
                row.save()
        self.keep(step, step.file or "", Edit.Origin.FILE)

    def write_guide(self, step: Step) -> None:
        document: Document = step.target.item
        guide = self.guides.get(step.target.place) or Guide()
        for name, value in own_values(document).items():
            setattr(guide, name, value)
        guide.save()
        self.guides[step.target.place] = guide

    def arrange(self, step: Step) -> None:
        model = PARTS[step.target.list]
        guide = self.guides[step.target.place]
        rows = {row.key: row for row in model._default_manager.filter(guide=guide).order_by("position", "pk")}
        text = canonical(list(step.order)) if step.order else ""
        if text != (step.row or ""):
            self.keep(step, text, Edit.Origin.FILE)
        if tuple(rows) == step.order and len({row.position for row in rows.values()}) == len(rows):
            return
        for position, key in enumerate(step.order):
            if rows[key].position != position:
                model._default_manager.filter(pk=rows[key].pk).update(position=position)

    def agree(self) -> None:
        now = [Agreed(unit=step.unit, text=step.file or "") for step in self.plan.steps if step.agrees]
        Agreed.objects.bulk_create(now, update_conflicts=True, unique_fields=["unit"], update_fields=["text"])
        Agreed.objects.filter(unit__in=[step.unit for step in self.plan.steps if step.forgets]).delete()

    def pictures(self) -> None:
        """Last, because files do not roll back; a picture no row names does no harm."""
        for step in self.plan.steps:
            if step.writes and isinstance(step.target.item, ImageRecord) and step.file is not None:
                images.render(images.keep(self.plan.reading.pictures[step.target.item.file]))
