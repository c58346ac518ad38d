"""The record of what staff change: one Edit for each unit whose text is another afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import models as db

from ..document import own_text, text_of, units
from ..models import Edit, Guide, Part, Shared, own_part, part_of, record, working_document


def texts_of(guide: Guide | None) -> dict[str, str]:
    """Every unit of a guide as it is stored now: name → text. Nothing for a guide that is not stored yet."""
    stored = Guide.objects.filter(pk=guide.pk).first() if guide is not None and guide.pk else None
    return units(working_document(stored)) if stored is not None else {}


def record_changes(guide: Guide, *, before: Mapping[str, str], by: db.Model) -> int:
    """Records an Edit for each unit that differs from `before`; a unit that is gone is recorded empty. Returns how many."""
    after = texts_of(guide)
    changed = [unit for unit in {**before, **after} if before.get(unit) != after.get(unit)]
    for unit in changed:
        record(unit, after.get(unit, ""), origin=Edit.Origin.ADMIN, by=by, guide=guide)
    return len(changed)


@contextmanager
def recorded(guide: Guide, *, by: db.Model) -> Iterator[None]:
    """Records what the block changes in `guide`. Use it inside a transaction."""
    before = texts_of(guide)
    yield
    record_changes(guide, before=before, by=by)


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
    from ..document import own_unit

    return own_unit(row.place) if isinstance(row, Guide) else row.unit


def last_edit(row: Guide | Part | Shared) -> Edit | None:
    return Edit.objects.filter(unit=unit_name(row)).select_related("by").first()
