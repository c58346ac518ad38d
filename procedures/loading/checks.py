"""What is wrong in a content folder beyond types: `document`'s rules and `rendering`'s, told with path and line."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from ..document import (
    CELL_KEYS,
    PARTS,
    SHARED,
    Document,
    Fault,
    Form,
    Kind,
    Source,
    document_faults,
    slots,
)
from ..models import with_used
from ..rendering import References, Used
from ..rendering import check as check_text
from ..rendering.of_document import references_of
from .fields import Place
from .problems import Problems
from .reading import Reading
from .spooling import Kept

_UNKNOWN = re.compile(r'unknown [a-z ]+ "([^"]+)"')
_ROW = re.compile(r"row `([^`]+)`")


def check(reading: Reading, problems: Problems) -> None:
    """Adds everything that is wrong in `reading` to `problems`."""
    if not reading.documents:
        return
    for number, document in enumerate(reading.documents.bare()):
        _faults(document, number, reading, problems)
        _texts(document, number, reading, problems)
    _shared(reading, problems)
    _across(reading, problems)


def _shared(reading: Reading, problems: Problems) -> None:
    """Each row that all guides share, beside no guide: it may cite sources and name terms, nothing else."""
    head = reading.documents.outline(0).head
    references = _references(head, reading)
    for name in SHARED:
        for key, rows in groupby(reading.rows.items(name), key=attrgetter("key")):
            same: dict[str, Any] = {name: tuple(rows)}
            _faults(dataclasses.replace(head, **same), 0, reading, problems, shared=name)
            for term in same.get("terms", ()):
                _check_item(term, _place(reading, 0, name, key), references, problems)


def _place(reading: Reading, number: int, name: str, key: str) -> Place:
    return reading.place(number, name, key) or reading.documents.places(number)[("", "")]


def _named(key: str) -> Source:
    return Source(key=key, publisher="", kind="", how="", supports=())


def _found(document: Document, reading: Reading, shared: str) -> list[Fault]:
    """The faults of a guide, or (`shared`) of its rows of a list that all guides share. Of sources only keys are looked at."""
    keys = {claim.key for claim in document.claims}.union(*(term.cites for term in document.terms))

    def cited(name: str, more: Collection[str]) -> Iterator[Source]:
        return (_named(key) for key in keys.union(more) if name == "sources" and reading.rows.has(name, key))

    sources = document.sources or with_used(document, lambda _text: Used(), cited).sources
    found = document_faults(dataclasses.replace(document, sources=sources))
    if any("unknown source" in fault.message for fault in found):  # what is nearest is looked for among all
        every = tuple(map(_named, reading.rows.keys("sources")))
        found = document_faults(dataclasses.replace(document, sources=every))
    return [fault for fault in found if (fault.list == shared if shared else fault.list not in SHARED)]


def _faults(document: Document, number: int, reading: Reading, problems: Problems, *, shared: str = "") -> None:
    for fault in _found(document, reading, shared):
        place = _place(reading, number, fault.list, fault.key)
        own = reading.place(number, fault.list, fault.key)
        if own is None and fault.list:  # about a whole list, such as an answer that is missing
            problems.add(place.path, place.of(fault.list), fault.message)
            continue
        parts = fault.field.split(".")
        if fault.field in place.bad or (parts[0] in place.bad and not fault.list):
            continue
        problems.add(place.path, _line(fault, place), fault.message)


def _line(fault: Fault, place: Place) -> int:
    names = []
    unknown = _UNKNOWN.search(fault.message)
    row = _ROW.search(fault.message)
    if row:
        names.append(f"cells.{row.group(1)}")
    if unknown:
        names.append(f"{fault.field}={unknown.group(1)}")
    if fault.field == "slug" and fault.list == "sections":
        names += ["slug"]
    elif fault.field == "body":
        return place.body or place.line
    else:
        names.append(fault.field)
    return place.of(*names, fault.field.partition(".")[0])


def markdown(item: Any, place: Place) -> Iterator[tuple[str, int, bool]]:
    """Each Markdown text of one dataclass: the text, the line it starts in, and whether it is a one-line text."""
    for slot in slots(type(item)):
        value = getattr(item, slot.attribute)
        if slot.name in place.bad or not value:
            continue
        if slot.form is Form.LINE:
            yield value, place.of(slot.name), True
        elif slot.form is Form.BODY:
            yield value, place.body or place.line, False
        elif slot.form is Form.LINES:
            for number, text in enumerate(value):
                yield text, place.of(f"{slot.name}.{number}", slot.name), True
        elif slot.form is Form.CELLS:
            for row in CELL_KEYS:
                if row in value and value[row].text:
                    yield value[row].text, place.of(f"{slot.name}.{row}.text", f"{slot.name}.{row}"), True
        elif slot.form is Form.PART:
            for inner in slots(type(value)):
                if inner.form is Form.LINE and getattr(value, inner.attribute):
                    yield getattr(value, inner.attribute), place.of(f"{slot.name}.{inner.name}", slot.name), True


def _check_item(item: Any, place: Place, references: References, problems: Problems) -> None:
    for text, line, inline in markdown(item, place):
        for problem in check_text(text, references, inline=inline):
            problems.add(place.path, line + (0 if inline else problem.line - 1), problem.message)


def _references(document: Document, reading: Reading) -> References:
    own = references_of(document)
    return dataclasses.replace(
        own,
        marks=reading.rows.known("sources", beside=own.marks),
        terms=reading.rows.known("terms"),
        images=reading.rows.known("images"),
        guides=reading.documents.folders(),
    )


def _texts(document: Document, number: int, reading: Reading, problems: Problems) -> None:
    references = _references(document, reading)
    _check_item(document, _place(reading, number, "", ""), references, problems)
    for name in ("sections", *PARTS):
        for item in document.items(name):
            _check_item(item, _place(reading, number, name, item.key), references, problems)


def _across(reading: Reading, problems: Problems) -> None:
    taken = Kept()
    sites: dict[str, str] = {}
    for number, outline in enumerate(reading.documents.outlines()):
        if outline.kind != Kind.SITE and outline.slug:
            address = f"{outline.language}\0{outline.slug}"
            other = taken.get("addresses", address)
            if other is None:
                taken.put("addresses", address, outline.place)
            else:
                own = _place(reading, number, "", "")
                message = f"`slug` {outline.slug!r} is already the address of {other}; choose another"
                problems.add(own.path, own.of("slug"), message)
    for number, outline in enumerate(reading.documents.outlines()):
        if outline.kind == Kind.SITE:
            own = _place(reading, number, "", "")
            if outline.language in sites:
                message = f"{sites[outline.language]} holds the site's own pages already; one folder has `kind: site`"
                problems.add(own.path, own.of("kind"), message)
            sites.setdefault(outline.language, outline.place)
            for section in reading.documents.bare_one(number).sections:
                place = _place(reading, number, "sections", section.key)
                other = taken.get("addresses", f"{outline.language}\0{section.address}")
                if other is not None:
                    message = f"`slug` {section.address!r} is already the address of {other}; choose another"
                    problems.add(place.path, place.of("slug"), message)
