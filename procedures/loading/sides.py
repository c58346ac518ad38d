"""What files hold and what rows hold, unit by unit, in the same words, so that they can be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..document import (
    PARTS,
    SHARED,
    Document,
    base,
    encode,
    order_unit,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
    text_of,
    units,
)
from ..models import Guide, shared_parts, trimmed, used_document, working_document
from ..rendering import used
from .files import tidy_body
from .reading import Reading


@dataclass(frozen=True)
class Target:
    """What a unit is a unit of: a guide's own fields (`list` ""), an order (`key` ""), a part, or (`place` "") a shared row."""

    place: str
    list: str
    key: str
    item: Any = None

    @property
    def is_own(self) -> bool:
        return bool(self.place) and not self.list

    @property
    def is_order(self) -> bool:
        return bool(self.list) and not self.key


@dataclass(frozen=True)
class Side:
    """Units of one side by name: their text, and what they are."""

    texts: Mapping[str, str]
    targets: Mapping[str, Target]


def tidied(document: Document) -> Document:
    """The document with bodies as files hold them, so that white space around a body is no difference."""
    sections = tuple(dataclasses.replace(section, body=tidy_body(section.body)) for section in document.sections)
    return dataclasses.replace(document, sections=sections)


def side(documents: Iterable[Document], shared: Mapping[str, Iterable[Any]]) -> Side:
    texts: dict[str, str] = {}
    targets: dict[str, Target] = {}
    for untidy in documents:
        document = tidied(untidy)
        place = base(document.folder, document.language)
        texts.update(units(document))
        targets[own_unit(place)] = Target(place, "", "", document)
        for name in ("sections", *PARTS):
            items = document.items(name)
            if items:
                targets[order_unit(place, name)] = Target(place, name, "", [item.key for item in items])
            for item in items:
                unit = section_unit(place, item.key) if name == "sections" else part_unit(place, name, item.key)
                targets[unit] = Target(place, name, item.key, item)
    for name in SHARED:
        for item in shared.get(name, ()):
            unit = shared_unit(item)
            texts[unit] = text_of(item)
            targets[unit] = Target("", name, item.key, item)
    return Side(texts, targets)


def file_side(reading: Reading) -> Side:
    return side(reading.documents.bare(), {name: reading.rows.current(name) for name in SHARED})


def row_side() -> Side:
    """Everything the database holds as working text."""
    guides = Guide.objects.order_by("pk")
    return side((working_document(guide, shared={}) for guide in guides), shared_parts())


def same_text(guide: Guide, document: Document) -> bool:
    """Whether the guide's whole working text, with what it uses of the shared rows, is what the file's document says."""
    working = tidied(used_document(guide, used))
    return encode(working) == encode(trimmed(tidied(document), used))
