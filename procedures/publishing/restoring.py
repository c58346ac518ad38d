"""Bringing an older text back into the rows, as a draft."""

from __future__ import annotations

import dataclasses

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..document import Document, units
from ..models import (
    PARTS,
    Edit,
    Guide,
    PublicationEvent,
    Revision,
    UnreadableText,
    own_values,
    record,
    row_values,
    working_document,
)
from .transitions import STEPS, NotAllowed, may, stands


def restore(revision: Revision, *, by: User | None) -> None:
    """Writes a handed-in text back into the rows: missing parts come back, added ones go, order is as it was.

    Shared rows (sources, words, pictures) are not touched. One Edit is kept for every unit that changed; what stood
    there before is in the Edits before it.
    """
    may(STEPS["restore"], by)
    with transaction.atomic():
        guide = Guide.objects.select_for_update().get(pk=revision.guide_id)
        revision = guide.revisions.get(pk=revision.pk)
        stands(STEPS["restore"], revision)
        try:
            document = dataclasses.replace(revision.read(), folder=guide.folder, language=guide.language)
        except UnreadableText as error:
            raise NotAllowed(
                _("What is stored of that text was damaged, so it cannot be brought back. Choose another text.")
            ) from error
        taken = Guide.objects.filter(slug=document.slug, language=guide.language).exclude(pk=guide.pk).first()
        if taken is not None:
            raise NotAllowed(
                _("The address “%(slug)s” of that text belongs to “%(title)s” now. Change that guide's address first.")
                % {"slug": document.slug, "title": taken.title}
            )
        before = units(working_document(guide, shared={}))
        _write(guide, document)
        after = units(document)
        for unit in sorted(before.keys() | after.keys()):
            if before.get(unit) != after.get(unit):
                record(unit, after.get(unit, ""), origin=Edit.Origin.RESTORE, by=by, guide=guide)
        PublicationEvent.objects.create(guide=guide, to_revision=revision, step="restore", by=by, at=timezone.now())


def _write(guide: Guide, document: Document) -> None:
    for name, value in own_values(document).items():
        setattr(guide, name, value)
    guide.save(update_fields=list(own_values(document)))
    for list_name, model in PARTS.items():
        items = document.items(list_name)
        rows = {row.key: row for row in model._default_manager.filter(guide=guide)}
        for key in rows.keys() - {item.key for item in items}:
            rows[key].delete()
        for place, item in enumerate(items):
            row = rows.get(item.key) or model(guide=guide)
            for name, value in {**row_values(item), "position": place}.items():
                setattr(row, name, value)
            row.save()
