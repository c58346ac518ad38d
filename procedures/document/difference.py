"""What differs between two documents: unit by unit, field by field, word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from .codec import canonical
from .shape import OWN_FIELDS, PARTS, SHARED, Cell, CellState, Document, Form, Section, slots
from .units import base, order_unit, own_unit, part_unit, section_unit, shared_unit

PieceKind = Literal["same", "removed", "added"]
ChangeKind = Literal["added", "removed", "changed", "moved"]

GAP = "\n\n"
"""Stands between two fields of a unit in its text."""
WORDS = re.compile(r"\[\^[^\]\s]*\]|\w+(?:[’'.,\-]\w+)*|\s+|.", re.S)
"""A mark, a word or number, white space, or a single sign. Together they give the text back."""
MOST_PAIRS = 4_000_000
"""Above so many pairs of words two passages are told apart as wholes: the comparison takes quadratic time."""
TITLES = ("title", "name", "term", "label", "question", "sign", "what", "says", "text", "words")
LISTS = ("sections", *PARTS)


@dataclass(frozen=True)
class DiffPiece:
    """A run of text that both hold, that only the old holds, or that only the new holds."""

    text: str
    kind: PieceKind


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: its name in files (`status.note` and `cells.harms` within), and its words."""

    name: str
    pieces: tuple[DiffPiece, ...]


@dataclass(frozen=True)
class UnitChange:
    """What happened to one unit (see `units` for its name).

    `list` and `key` say where it stands ("" and "" for the guide's own fields, "" as key for an order). `before` and
    `after` hold the fields that differ as plain text; `pieces` the same word by word: those that are not added give
    `before`, those that are not removed give `after`.
    """

    unit: str
    title: str
    kind: ChangeKind
    list: str
    key: str
    fields: tuple[FieldChange, ...]

    @property
    def pieces(self) -> tuple[DiffPiece, ...]:
        found: list[DiffPiece] = []
        for place, field in enumerate(self.fields):
            if place:
                gap: PieceKind = "same" if self.kind in ("changed", "moved") else self.kind  # type: ignore[assignment]
                found.append(DiffPiece(GAP, gap))
            found += field.pieces
        return tuple(found)

    @property
    def before(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "added")

    @property
    def after(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "removed")


def changes(old: Document | None, new: Document) -> tuple[UnitChange, ...]:
    """Every unit that differs, copies of shared sources, words and pictures included, in page order.

    `old` None: everything is added. Parts are known by their keys, so a part with another key is another part. An
    order is told only where it differs among what both hold; what came and went is told by itself.
    """
    place = base(new.folder, new.language)
    found: list[UnitChange | None] = [
        _change(own_unit(place), new.title, "", "", _own(old) if old else {}, _own(new)),
    ]
    for name in (*LISTS, *SHARED):
        earlier = {item.key: item for item in old.items(name)} if old else {}
        later = {item.key: item for item in new.items(name)}
        for key in [*later, *(key for key in earlier if key not in later)]:
            was, now = earlier.get(key), later.get(key)
            found.append(
                _change(
                    _unit(place, name, now or was),
                    title_of(now or was),
                    name,
                    key,
                    plain_fields(was) if was else {},
                    plain_fields(now) if now else {},
                )
            )
        if name in LISTS:
            found.append(_moved(order_unit(place, name), name, earlier, later))
    return tuple(change for change in found if change is not None)


def field_changes(before: dict[str, str], after: dict[str, str]) -> tuple[FieldChange, ...]:
    """The fields whose texts differ, in the order of `after`, then those that are gone."""
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        FieldChange(name, difference(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def plain_fields(item: Any) -> dict[str, str]:
    """The fields of one dataclass of `shape` as plain text, by their names in files; its key is left out."""
    found: dict[str, str] = {}
    for slot in slots(type(item)):
        value = getattr(item, slot.attribute)
        if slot.form is Form.KEY or slot.form is Form.PARTS:
            continue
        if slot.form is Form.PART:
            inner = plain_fields(value) if value is not None else {}
            found |= {f"{slot.name}.{name}": text for name, text in inner.items()}
        elif slot.form is Form.CELLS:
            found |= {f"{slot.name}.{name}": _cell(cell) for name, cell in value.items()}
        else:
            found[slot.name] = _text(slot.form, value)
    return found


def title_of(item: Any) -> str:
    """What a person would call a section or part: its title, its question, its sign …, at most 80 characters."""
    text = next((text for name in TITLES if (text := getattr(item, name, ""))), item.key)
    return text if len(text) <= 80 else f"{text[:79]}…"


def difference(old: str, new: str) -> tuple[DiffPiece, ...]:
    """Two texts, paragraph by paragraph and then word by word. Every piece holds text; equal texts give one piece."""
    pieces: list[DiffPiece] = []
    a, b = _paragraphs(old), _paragraphs(new)
    for what, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        removed, added = "".join(a[a_from:a_to]), "".join(b[b_from:b_to])
        if what == "equal":
            pieces.append(DiffPiece(removed, "same"))
        elif what == "replace":
            pieces += _words(removed, added)
        else:
            pieces += _both(removed, added)
    return tuple(_joined(pieces))


def _change(
    unit: str, title: str, name: str, key: str, before: dict[str, str], after: dict[str, str]
) -> UnitChange | None:
    fields = field_changes(before, after)
    if before and after:
        return UnitChange(unit, title, "changed", name, key, fields) if fields else None
    return UnitChange(unit, title, "added" if after else "removed", name, key, fields)


def _moved(unit: str, name: str, earlier: dict[str, Any], later: dict[str, Any]) -> UnitChange | None:
    was = [key for key in earlier if key in later]
    now = [key for key in later if key in earlier]
    if was == now:
        return None
    pieces: list[DiffPiece] = []
    for what, a_from, a_to, b_from, b_to in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        removed = "".join(f"{title_of(later[key])}\n" for key in was[a_from:a_to])
        added = "".join(f"{title_of(later[key])}\n" for key in now[b_from:b_to])
        pieces += [DiffPiece(removed, "same")] if what == "equal" else _both(removed, added)
    return UnitChange(unit, name, "moved", name, "", (FieldChange("order", tuple(pieces)),))


def _own(document: Document) -> dict[str, str]:
    found = plain_fields(document)
    return {name: text for name, text in found.items() if name.split(".")[0] in OWN_FIELDS} | {"slug": document.slug}


def _unit(place: str, name: str, item: Any) -> str:
    if name in SHARED:
        return shared_unit(item)
    return section_unit(place, item.key) if isinstance(item, Section) else part_unit(place, name, item.key)


def _text(form: Form, value: Any) -> str:
    if value is None:
        return ""
    if form is Form.KEYS:
        return ", ".join(value)
    if form in (Form.LINES, Form.LABELS):
        return "\n".join(value)
    if form is Form.DRAWING:
        return json.dumps(json.loads(canonical(value)), ensure_ascii=False, indent=1)
    return str(value)


def _cell(cell: Cell) -> str:
    words = cell.text if cell.state == CellState.TEXT else str(cell.state)
    return f"{words} [{', '.join(cell.cites)}]" if cell.cites else words


def _paragraphs(text: str) -> list[str]:
    return re.findall(r"(?:[^\n]|\n(?!\n))+\n*|\n+", text)


def _words(old: str, new: str) -> Iterator[DiffPiece]:
    a, b = WORDS.findall(old), WORDS.findall(new)
    if len(a) * len(b) > MOST_PAIRS:
        yield from _both(old, new)
        return
    # White space is junk to the matcher: alone it makes no two passages alike.
    matcher = SequenceMatcher(str.isspace, a, b, autojunk=False)
    removed = added = ""
    codes = matcher.get_opcodes()
    for place, (what, a_from, a_to, b_from, b_to) in enumerate(codes):
        gone, come = "".join(a[a_from:a_to]), "".join(b[b_from:b_to])
        if what == "equal" and (_is_sense(a[a_from:a_to]) or place in (0, len(codes) - 1)):
            yield from _both(removed, added)
            yield DiffPiece(gone, "same")
            removed = added = ""
        else:  # a lone comma or space between two changes is read as part of them
            removed, added = removed + gone, added + come
    yield from _both(removed, added)


def _is_sense(words: Sequence[str]) -> bool:
    return any(re.search(r"\w", word) for word in words)


def _both(removed: str, added: str) -> Iterator[DiffPiece]:
    if removed:
        yield DiffPiece(removed, "removed")
    if added:
        yield DiffPiece(added, "added")


def _joined(pieces: Sequence[DiffPiece]) -> Iterator[DiffPiece]:
    last: DiffPiece | None = None
    for piece in pieces:
        if last is not None and last.kind == piece.kind:
            last = DiffPiece(last.text + piece.text, piece.kind)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
