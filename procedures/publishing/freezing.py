"""From the working text to the document that is handed in, and what would make it unfit to be shown."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from .. import quality
from ..document import (
    Document,
    Fault,
    base,
    document_faults,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
)
from ..models import SHARED, Guide, trimmed, working_document
from ..rendering import Link, used
from .transitions import NotAllowed

SHOWN = 5
"""Most faults a refusal names; the rest are counted."""


def frozen_document(guide: Guide) -> Document:
    """The working text of a guide as it would be handed in now: its own rows, and copies of what they use."""
    return trimmed(working_document(guide), used)


def must_hold_together(document: Document) -> None:
    """Raises NotAllowed, naming the first faults, unless every key, link and text of the document holds."""
    found = faults(document)
    if not found:
        return
    lines = found[:SHOWN]
    if len(found) > SHOWN:
        lines.append(_("… and %(count)s more.") % {"count": len(found) - SHOWN})
    raise NotAllowed("\n".join([_("This text cannot be sent yet. Correct these places and send it again:"), *lines]))


def faults(document: Document) -> list[str]:
    """What stops a text, one line each: the unit, where in it, a sentence. Broken shape first, then editorial errors."""
    found = [f"{_unit_of(document, fault)}: {fault.message}" for fault in document_faults(document)]
    for finding in quality.findings(document, today=timezone.localdate(), guides=_guides(document.language)):
        if finding.level == "error":
            unit, field = finding.unit, finding.field
            place = f"{unit}:{finding.line}" if field == "body" else f"{unit}: `{field}`" if field else unit
            found.append(f"{place}: {finding.message}")
    return list(dict.fromkeys(found))


def _part_unit(place: str, name: str, key: str) -> str:
    return section_unit(place, key) if name == "sections" else part_unit(place, name, key)


def _unit_of(document: Document, fault: Fault) -> str:
    place = base(document.folder, document.language)
    if fault.list in SHARED:
        return shared_unit(next(item for item in document.items(fault.list) if item.key == fault.key))
    return _part_unit(place, fault.list, fault.key) if fault.list and fault.key else own_unit(place)


def _guides(language: str) -> dict[str, Link]:
    # One that is not live yet counts too: guides that point at each other could never be released otherwise.
    rows = Guide.objects.filter(language=language, withdrawn__isnull=True).values_list("folder", "title")
    return {folder: Link(f"/{folder}/", title) for folder, title in rows}
