"""The record of what staff change: one Edit for each unit whose text is another afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from django.db import models as db

from ..document import own_text, own_unit, text_of, units
from ..models import Edit, Guide, Part, Shared, own_part, part_of, record, working_document


def texts_of(guide: Guide | None) -> dict[str, str]:
    """Every unit of a guide as it is stored now: name → text. Nothing for a guide that is not stored yet."""
    stored = Guide.objects.filter(pk=guide.pk).first() if guide is not None and guide.pk else None
    return units(working_document(stored, shared={})) if stored is not None else {}


def record_changes(guide: Guide, *, before: Mapping[str, str], by: db.Model, of: Collection[str] = ()) -> int:
    """Records an Edit for each unit that differs from `before`; a unit that is gone is recorded empty. Returns how many.

    `of` names the units that were to be written, a list by its order: what somebody else saves at the same moment
    elsewhere in the guide is not recorded as this person's. Empty: all of them.
    """
    after = texts_of(guide)
    changed = [unit for unit in {**before, **after} if before.get(unit) != after.get(unit)]
    changed = [unit for unit in changed if not of or unit in of or unit.rpartition("/")[0] in of]
    for unit in changed:
        record(unit, after.get(unit, ""), origin=Edit.Origin.ADMIN, by=by, guide=guide)
    return len(changed)


@contextmanager
def recorded(guide: Guide, *, by: db.Model, of: Collection[str] = ()) -> Iterator[None]:
    """Records what the block changes in `guide`. Use it inside a transaction."""
    before = texts_of(guide)
    yield
    record_changes(guide, before=before, by=by, of=of)


def record_shared(row: Shared, *, before: str, by: db.Model, gone: bool = False) -> bool:
    """Records an Edit for a source, word or picture if its text is another than `before`. Returns whether it was."""
    after = "" if gone else unit_text(row)
    if before == after:
        return False
    record(row.unit, after, origin=Edit.Origin.ADMIN, by=by)
    return True


def unit_text(row: Guide | Part | Shared) -> str:
    """The text of the unit a row is, from its present values."""
    return own_text(own_part(row)) if isinstance(row, Guide) else text_of(part_of(row))


def unit_name(row: Guide | Part | Shared) -> str:
    return own_unit(row.place) if isinstance(row, Guide) else row.unit


def last_edit(row: Guide | Part | Shared) -> Edit | None:
    """The save that left the unit as it stands; words that lost a conflict never stood there."""
    return last_edits([unit_name(row)]).get(unit_name(row))


def last_edits(names: Collection[str]) -> dict[str, Edit]:
    """The last save of each of these units that has one. One query."""
    stood = Edit.objects.filter(unit__in=names).exclude(origin=Edit.Origin.CONFLICT)
    newest = stood.order_by().values("unit").annotate(newest=db.Max("pk")).values("newest")
    return {edit.unit: edit for edit in Edit.objects.defer("text").filter(pk__in=newest).select_related("by")}
