"""From the working text to the document that is handed in, and what would make it unfit to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from ..document import (
    Document,
    Fault,
    Form,
    Slot,
    base,
    document_faults,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
    slots,
)
from ..models import PARTS, SHARED, Guide, trimmed, working_document
from ..rendering import Link, check, used
from ..rendering.of_document import references_of
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
    """What is wrong, one `unit: sentence` or `unit:line: sentence` each, in the order of the document."""
    found = [f"{_unit_of(document, fault)}: {fault.message}" for fault in document_faults(document)]
    references = references_of(document, guides=_guides(document.language))
    for unit, slot, text in texts(document):
        inline = slot.form is not Form.BODY
        for problem in check(text, references, inline=inline):
            place = unit if inline else f"{unit}:{problem.line}"
            sentence = problem.message if slot.form is Form.BODY else f"`{slot.name}` {problem.message}"
            found.append(f"{place}: {sentence}")
    return list(dict.fromkeys(found))


def texts(document: Document) -> Iterator[tuple[str, Slot, str]]:
    """Every Markdown text of a document, with the unit and field that hold it."""
    place = base(document.folder, document.language)
    for item, unit in [
        (document, own_unit(place)),
        *((part, _part_unit(place, name, part.key)) for name in PARTS for part in document.items(name)),
        *((part, shared_unit(part)) for name in SHARED for part in document.items(name)),
    ]:
        for slot, text in _texts_of(item):
            if isinstance(text, str) and text:
                yield unit, slot, text


def _texts_of(item: Any) -> Iterator[tuple[Slot, Any]]:
    for slot in slots(type(item)):
        value = getattr(item, slot.attribute)
        if slot.form in (Form.LINE, Form.BODY):
            yield slot, value
        elif slot.form is Form.LINES:
            yield from ((slot, entry) for entry in value)
        elif slot.form is Form.CELLS:
            yield from ((slot, cell.text) for cell in value.values())
        elif slot.form is Form.PART and value is not None:
            yield from _texts_of(value)


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
