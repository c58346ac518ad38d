"""Rows ⇄ document, and the record of every save."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from .. import document as shape
from ..document import Document, Form, cells_from_plain, cells_to_plain, normal, slots
from .frozen import Edit
from .shared import GlossaryTerm, Image, Shared, Source
from .working import PARTS, Guide, Part

SHARED: dict[str, type[Shared]] = {"sources": Source, "terms": GlossaryTerm, "images": Image}
"""Model of each shared list of a document."""


def part_of(row: Part | Shared) -> Any:
    """The dataclass a row stands for. It may hold faults; `document.item_faults` names them."""
    values: dict[str, Any] = {}
    for slot in slots(row.SHAPE):
        value = getattr(row, slot.attribute)
        if slot.form is Form.CELLS:
            value = cells_from_plain(value)
        elif slot.form in (Form.KEYS, Form.LINES, Form.LABELS):
            value = tuple(value)
        elif slot.form is Form.DATE:
            value = value.isoformat() if isinstance(value, datetime.date) else (value or "")
        elif isinstance(value, str):
            value = normal(value)
        values[slot.attribute] = value
    return row.SHAPE(**values)


def row_values(part: Any) -> dict[str, Any]:
    """The reverse of `part_of`: field values for the row of a dataclass."""
    values: dict[str, Any] = {}
    for slot in slots(type(part)):
        value = getattr(part, slot.attribute)
        if slot.form is Form.CELLS:
            value = cells_to_plain(value)
        elif slot.form in (Form.KEYS, Form.LINES, Form.LABELS):
            value = list(value)
        elif slot.form is Form.DATE:
            value = datetime.date.fromisoformat(value) if value else None
        elif slot.form is Form.CHOICE:
            value = str(value)
        values[slot.attribute] = value
    return values


def status_part(guide: Guide) -> shape.Status | None:
    if not (guide.status_is or guide.status_note or guide.status_cites):
        return None
    return shape.Status(is_=guide.status_is, note=normal(guide.status_note), cites=tuple(guide.status_cites))


def _emergency_part(guide: Guide) -> shape.Emergency | None:
    if not (guide.emergency_call or guide.emergency_place):
        return None
    return shape.Emergency(call=normal(guide.emergency_call), place=normal(guide.emergency_place))


def own_part(guide: Guide) -> Document:
    """A document of the guide's own fields alone, its lists empty."""
    return Document(
        folder=guide.folder,
        kind=guide.kind,
        slug=guide.slug,
        language=guide.language,
        title=normal(guide.title),
        summary=normal(guide.summary),
        decision=normal(guide.decision),
        status=status_part(guide),
        emergency=_emergency_part(guide),
        translated=tuple(guide.translated),
    )


def own_values(document: Document) -> dict[str, Any]:
    """Field values of the Guide row for a document's own fields."""
    status, emergency = document.status, document.emergency
    return {
        "folder": document.folder,
        "kind": str(document.kind),
        "slug": document.slug,
        "language": document.language,
        "title": document.title,
        "summary": document.summary,
        "decision": document.decision,
        "status_is": str(status.is_) if status else "",
        "status_note": status.note if status else "",
        "status_cites": list(status.cites) if status else [],
        "emergency_call": emergency.call if emergency else "",
        "emergency_place": emergency.place if emergency else "",
        "translated": list(document.translated),
    }


def working_document(guide: Guide, *, shared: Mapping[str, tuple[Any, ...]] | None = None) -> Document:
    """The working text of a guide with all shared rows there are, or with `shared`: list name → its parts."""
    own = own_part(guide)
    lists: dict[str, tuple[Any, ...]] = {
        name: tuple(part_of(row) for row in model._default_manager.filter(guide=guide).order_by("position", "pk"))
        for name, model in PARTS.items()
    }
    lists.update(shared_parts() if shared is None else shared)
    plain = {slot.attribute: getattr(own, slot.attribute) for slot in slots(Document)}
    return Document(**{**plain, **lists})


def shared_parts() -> dict[str, tuple[Any, ...]]:
    """Every source, word and picture of the site."""
    return {name: _by_key(part_of(row) for row in model._default_manager.all()) for name, model in SHARED.items()}


def used_document(guide: Guide, used: Callable[[str], Used]) -> Document:
    """The working text of a guide with only the sources, words and images it uses, read without the others.

    What `trimmed` makes of `working_document`; a site with ten thousand guides has a hundred thousand sources.
    """
    return with_used(working_document(guide, shared={}), used, _rows_of)


def _rows_of(name: str, keys: Collection[str]) -> Iterable[Any]:
    return (part_of(row) for row in SHARED[name]._default_manager.filter(key__in=keys))


def with_used(
    bare: Document, used: Callable[[str], Used], find: Callable[[str, Collection[str]], Iterable[Any]]
) -> Document:
    """`bare` with the sources, words and images it uses. `find` gives those of a list that have one of the keys."""
    keys = _Keys(used)
    keys.of_guide(bare)
    terms: dict[str, Any] = {}
    while waiting := keys.terms - terms.keys():  # a definition may use further words
        found = {term.key: term for term in find("terms", waiting)}
        for term in found.values():
            keys.look(term)
        terms.update({key: found.get(key) for key in waiting})
    return dataclasses.replace(
        bare,
        sources=_by_key(find("sources", keys.marks)),
        terms=_by_key(term for term in terms.values() if term is not None),
        images=_by_key(find("images", keys.images)),
    )


def _by_key(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(items, key=lambda item: str(item.key)))


class Used(Protocol):
    """The keys one Markdown text names; `rendering.used` gives them."""

    @property
    def marks(self) -> frozenset[str]: ...
    @property
    def terms(self) -> frozenset[str]: ...
    @property
    def images(self) -> frozenset[str]: ...


class _Keys:
    """The keys of shared rows that texts name, gathered one text after another."""

    def __init__(self, used: Callable[[str], Used]) -> None:
        self._used = used
        self.marks, self.terms, self.images = set[str](), set[str](), set[str]()

    def of_guide(self, document: Document) -> None:
        """All texts of a guide but its shared rows."""
        for item in [document, *(part for name in PARTS for part in document.items(name))]:
            self.look(item)

    def look(self, item: Any) -> None:
        for slot in slots(type(item)):
            value = getattr(item, slot.attribute)
            texts: list[str] = []
            if slot.form in (Form.LINE, Form.BODY):
                texts = [value]
            elif slot.form is Form.LINES:
                texts = list(value)
            elif slot.form is Form.KEYS and slot.about.get("of") in ("marks", "sources"):
                self.marks.update(value)
            elif slot.form is Form.CELLS:
                for cell in value.values():
                    texts.append(cell.text)
                    self.marks.update(cell.cites)
            elif slot.form is Form.PART and value is not None:
                self.look(value)
            for text in texts:
                if text:
                    found = self._used(text)
                    self.marks.update(found.marks)
                    self.terms.update(found.terms)
                    self.images.update(found.images)


def trimmed(document: Document, used: Callable[[str], Used]) -> Document:
    """`document` with only the sources, terms and images it uses, as `used` finds them in its texts."""
    keys = _Keys(used)
    keys.of_guide(document)
    by_key = {term.key: term for term in document.terms}
    seen: set[str] = set()
    while waiting := (keys.terms & by_key.keys()) - seen:  # a definition may use further words
        for key in waiting:
            keys.look(by_key[key])
        seen |= waiting
    return dataclasses.replace(
        document,
        sources=tuple(source for source in document.sources if source.key in keys.marks),
        terms=tuple(term for term in document.terms if term.key in seen),
        images=tuple(image for image in document.images if image.key in keys.images),
    )


def record(unit: str, text: str, *, origin: str, by: AbstractUser | None = None, guide: Guide | None = None) -> Edit:
    """Keeps one save of a unit. `text` is the unit's canonical JSON, or "" when it was removed."""
    return Edit.objects.create(
        unit=unit, text=text, origin=origin, by_id=by.pk if by else None, guide=guide, at=timezone.now()
    )


def next_position(model: type[Part], guide: Guide) -> int:
    last = model._default_manager.filter(guide=guide).aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else last + 1
