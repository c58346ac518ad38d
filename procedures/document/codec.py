"""Document ⇄ canonical JSON, and its hash."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from .shape import CELL_KEYS, FORMAT, PARTS, SHARED, Cell, CellState, Document, Form, Section, slots
from .upgrades import upgrade

T = TypeVar("T")
_LISTS: dict[str, type] = {"sections": Section, **PARTS, **SHARED}


def normal(text: str) -> str:
    """`text` in Unicode normal form C with line feeds as the only line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return normal(str(value))
    if isinstance(value, Mapping):
        return {normal(str(name)): _tidy(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(item) for item in value]
    return value


def _cell_to_plain(cell: Cell) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    if cell.state == CellState.TEXT:
        plain["text"] = normal(cell.text)
    else:
        plain["state"] = str(cell.state)
    if cell.cites:
        plain["cites"] = list(cell.cites)
    return plain


def _cell_from_plain(plain: Mapping[str, Any]) -> Cell:
    if "state" in plain:
        return Cell(state=plain["state"], cites=tuple(plain.get("cites", ())))
    return Cell(state=CellState.TEXT, text=plain.get("text", ""), cites=tuple(plain.get("cites", ())))


def cells_to_plain(cells: Mapping[str, Cell]) -> dict[str, Any]:
    """Cells as files and rows keep them: `{text, cites}` or `{state, cites}` per row of the table, in table order."""
    order = {name: place for place, name in enumerate(CELL_KEYS)}
    return {name: _cell_to_plain(cells[name]) for name in sorted(cells, key=lambda name: order.get(name, len(order)))}


def cells_from_plain(plain: Mapping[str, Any]) -> dict[str, Cell]:
    """The reverse of `cells_to_plain`."""
    return {name: _cell_from_plain(cell) for name, cell in plain.items()}


def to_plain(item: Any) -> dict[str, Any]:
    """One dataclass of `shape` as dicts, lists, strings, numbers and None, texts normalised.

    Every field is present but those that came `later` and are empty: texts from before keep their hash.
    """
    plain: dict[str, Any] = {}
    for slot in slots(type(item)):
        value = getattr(item, slot.attribute)
        if slot.about.get("later") and not value:
            continue
        if slot.form is Form.PARTS:
            value = [to_plain(part) for part in value]
        elif slot.form is Form.PART:
            value = None if value is None else to_plain(value)
        elif slot.form is Form.CELLS:
            value = cells_to_plain(value)
        elif slot.form is Form.CHOICE:
            value = str(value)
        else:
            value = _tidy(value)
        plain[slot.name] = value
    return plain


def from_plain(shape: type[T], plain: Mapping[str, Any]) -> T:
    """The reverse of `to_plain`. Fields that are missing get their default; unknown ones raise TypeError."""
    values: dict[str, Any] = {}
    known = {slot.name: slot for slot in slots(shape)}
    for name, raw in plain.items():
        slot = known.get(name)
        if slot is None:
            raise TypeError(f"{shape.__name__} has no field {name!r}")
        value = raw
        if slot.form is Form.PARTS:
            value = tuple(from_plain(_LISTS[slot.about["of"]], part) for part in raw)
        elif slot.form is Form.PART:
            value = None if raw is None else from_plain(slot.about["of"], raw)
        elif slot.form is Form.CELLS:
            value = cells_from_plain(raw)
        elif isinstance(raw, list):
            value = tuple(raw)
        values[slot.attribute] = value
    return shape(**values)


def canonical(plain: Any) -> str:
    """JSON with sorted keys, no spaces, NFC, LF; the same data gives the same bytes on every machine."""
    return json.dumps(_tidy(plain), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def encode(document: Document) -> str:
    """The canonical JSON of a document (UTF-8 when stored)."""
    return canonical(to_plain(document))


def decode(text: str) -> Document:
    """The document in `text`, read through upgrade steps if its format is older.

    Raises ValueError when the format is newer than this program or the text is not a document.
    """
    plain = json.loads(text)
    if not isinstance(plain, dict):
        raise ValueError("not a document: the JSON is not an object")
    number = plain.get("format")
    if not isinstance(number, int) or number > FORMAT:
        raise ValueError(f"format {number!r} is unknown to this program, which reads up to {FORMAT}")
    try:
        return from_plain(Document, upgrade(plain, to=FORMAT))
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not a document: {error}") from error


def fingerprint(text: str) -> str:
    """SHA-256 of `text` in UTF-8, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
