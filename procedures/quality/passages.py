"""The texts of a document as the checks read them: passages, each cut into sentences that keep their own marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .. import rendering
from ..document import (
    CELL_KEYS,
    PARTS,
    CellState,
    Document,
    Form,
    base,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
    slots,
)
from .sentences import sentences

# Marks become runs between two private characters, so that they keep their place while the syntax around them goes.
_OPEN, _CLOSE = "\ue000", "\ue001"
_WRITTEN = re.compile(r"\[\^([^\]\[\s]{1,80})\]")
_KEPT = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_AFTER_END = re.compile(f"([.!?…]+[\"'”’)]*)\\s*((?:\\s*{_OPEN}[^{_CLOSE}]*{_CLOSE})+)")
_MENTION = re.compile(r"\]\(\s*(glossary|section|guide):")


@dataclass(frozen=True)
class Sentence:
    """One sentence without syntax, and the keys of the marks that stand in it or right after its end mark."""

    text: str
    marks: tuple[str, ...] = ()

    @property
    def is_question(self) -> bool:
        return self.text.rstrip("\"'”’)").endswith("?")


@dataclass(frozen=True)
class Passage:
    """One run of text: a block of a section, or one line of a part.

    `line` counts from 1 within the section's body (1 for lines of parts); `kind` is a block's kind or `line`, `label`;
    `context` is the care card around it; `cites` are the marks of the part it belongs to; `about` names what the
    whole part is about (the option's name), so that its sentences need not.
    """

    unit: str
    field: str
    line: int
    kind: str
    list: str
    sentences: tuple[Sentence, ...]
    context: str = ""
    cites: tuple[str, ...] = ()
    about: str = ""
    section: str = ""

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def marks(self) -> tuple[str, ...]:
        """Every mark that covers this passage: those in it and those of its part."""
        return tuple(mark for sentence in self.sentences for mark in sentence.marks) + self.cites


def cut(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text whose marks are between private characters, as `_keep` leaves them."""
    moved = _AFTER_END.sub(r"\2\1", text)
    bare: list[Sentence] = []
    for piece in sentences(moved):
        marks = tuple(match[1] for match in _KEPT.finditer(piece))
        words = re.sub(r"\s+", " ", re.sub(rf"\s*{_KEPT.pattern}", "", piece)).strip()
        if words:
            bare.append(Sentence(words, marks))
        elif bare and marks:
            bare[-1] = Sentence(bare[-1].text, bare[-1].marks + marks)
    return tuple(bare)


def _keep(text: str) -> str:
    return _WRITTEN.sub(lambda match: f"{_OPEN}{match[1]}{_CLOSE}", text.replace(_OPEN, "").replace(_CLOSE, ""))


def of_line(text: str) -> tuple[Sentence, ...]:
    """The sentences of a one-line Markdown text."""
    return cut(rendering.plain(_keep(text), inline=True))


def of_body(text: str) -> Iterator[tuple[rendering.Block, tuple[Sentence, ...]]]:
    """The blocks of a body, each with its sentences."""
    for block in rendering.blocks(_keep(text)):
        found = cut(block.text)
        if found:
            yield block, found


def passages(document: Document) -> tuple[Passage, ...]:
    """Every text of a document that readers see, in page order, terms of the glossary last. Sources are left out."""
    place = base(document.folder, document.language)
    found = list(_own(document, place))
    for section in document.sections:
        unit = section_unit(place, section.key)
        found += _line(unit, "title", "sections", section.title, kind="heading", section=section.key)
        found += _line(unit, "summary", "sections", section.summary, section=section.key)
        for block, cut_ in of_body(section.body):
            found.append(
                Passage(
                    unit, "body", block.line, block.kind, "sections", cut_, context=block.context, section=section.key
                )
            )
    for name in PARTS:
        for item in document.items(name):
            found += _part(part_unit(place, name, item.key), name, item)
    for term in document.terms:
        found += _part(shared_unit(term), "terms", term)
    return tuple(found)


def _own(document: Document, place: str) -> Iterator[Passage]:
    unit = own_unit(place)
    yield from _line(unit, "title", "", document.title, kind="heading")
    yield from _line(unit, "summary", "", document.summary)
    yield from _line(unit, "decision", "", document.decision)
    if document.status is not None:
        yield from _line(unit, "status.note", "", document.status.note, cites=document.status.cites)


def _line(
    unit: str,
    field: str,
    list_: str,
    text: str,
    *,
    kind: str = "line",
    cites: tuple[str, ...] = (),
    about: str = "",
    section: str = "",
) -> Iterator[Passage]:
    found = of_line(text) if text else ()
    if found:
        yield Passage(unit, field, 1, kind, list_, found, cites=cites, about=about, section=section)


def _part(unit: str, name: str, item: object) -> Iterator[Passage]:
    cites = tuple(getattr(item, "cites", ()))
    about = str(getattr(item, "name", ""))
    for slot in slots(type(item)):
        value = getattr(item, slot.attribute)
        if slot.form is Form.LINE:
            yield from _line(unit, slot.name, name, value, cites=cites, about=about)
        elif slot.form is Form.LINES:
            for text in value:
                yield from _line(unit, slot.name, name, text, cites=cites, about=about)
        elif slot.form is Form.LABEL and slot.name in ("title", "label", "name"):
            yield from _line(unit, slot.name, name, value, kind="heading", cites=cites)
        elif slot.form is Form.CELLS:
            for row in sorted(value, key=lambda row: CELL_KEYS.index(row) if row in CELL_KEYS else 99):
                cell = value[row]
                if cell.state == CellState.TEXT:
                    yield from _line(
                        unit, f"cells.{row}", name, cell.text, kind="cell", cites=tuple(cell.cites), about=about
                    )
