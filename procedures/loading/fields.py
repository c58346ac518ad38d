"""From strict YAML to the dataclasses of `document`: each field's Form tells what may stand there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..document import Cell, CellState, Form, Slot, did_you_mean, slots
from .problems import Problems
from .strict import Node, Scalar, Sequence, Table

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {
    "bool": "yes or no",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "null": "nothing",
    "merge": "a merge",
    "value": "a default",
}
_TEXTS = (Form.KEY, Form.LABEL, Form.LINE, Form.BODY, Form.CHOICE, Form.ADDRESS, Form.DATE)
_LISTS = (Form.LINES, Form.LABELS, Form.KEYS)


@dataclass
class Place:
    """Where one item stands in its file, and which of its fields have been reported already.

    `lines` has the name of each field, `cells.benefit` for a cell, `do.0` for an entry of a list and `cites=key`
    for a key named in one. `body` is the line a section's body starts in.
    """

    path: str
    line: int
    lines: dict[str, int] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    body: int = 0

    def of(self, *names: str) -> int:
        """The line of the first of `names` that is known, or the item's."""
        return next((self.lines[name] for name in names if name in self.lines), self.line)


class Fields:
    """Reads items of one file; every wrong type is noted with its line, and a default stands in for it."""

    def __init__(self, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems

    def wrong(self, place: Place, name: str, line: int, message: str) -> None:
        place.bad.add(name)
        self.problems.add(self.path, line, message)

    def item(
        self, node: Node | None, shape: type, *, fields: Iterable[str], line: int, prefix: str = ""
    ) -> tuple[dict[str, Any], Place]:
        """Values for every field of `shape` by attribute, and where they stand. Only `fields` may be written."""
        place = Place(self.path, node.line if node else line)
        values = {slot.attribute: _nothing(slot) for slot in slots(shape)}
        if node is None or not isinstance(node, Table):
            self.wrong(place, "", place.line, "must be fields, one `name: value` a line")
            place.bad.update(slot.name for slot in slots(shape))
            return values, place
        allowed = list(fields)
        known = {slot.name: slot for slot in slots(shape) if slot.name in allowed}
        for name, entry in node.entries.items():
            slot = known.get(name)
            if slot is None:
                shown = name if len(name) <= 60 else f"{name[:59]}…"
                near = did_you_mean(shown, allowed) or f" (known are {', '.join(allowed)})"
                self.wrong(place, shown, entry.line, f"unknown field `{prefix}{shown}`{near}")
                continue
            place.lines[name] = entry.line
            values[slot.attribute] = self.value(entry.value, slot, place, f"{prefix}{name}")
        return values, place

    def value(self, node: Node, slot: Slot, place: Place, name: str) -> Any:
        if isinstance(node, Scalar) and node.tag == "alias":
            place.bad.add(slot.name)
            return _nothing(slot)
        if slot.form in _TEXTS:
            return self.text(node, slot, place, name)
        if slot.form in _LISTS:
            return self.texts(node, slot, place, name)
        if slot.form is Form.NUMBER:
            return self.number(node, slot, place, name)
        if slot.form is Form.CELLS:
            return self.cells(node, slot, place, name)
        if slot.form is Form.DRAWING:
            return self.drawing(node, slot, place, name)
        return self.part(node, slot, place, name)

    def text(self, node: Node, slot: Slot, place: Place, name: str) -> str:
        if not isinstance(node, Scalar):
            self.wrong(place, slot.name, node.line, f"`{name}` must be text, not a list or a mapping")
            return ""
        day = slot.form is Form.DATE and node.tag == "timestamp" and _DAY.fullmatch(node.text)
        if node.tag != "str" and not day:
            if node.text in ("", "~"):
                message = f"`{name}` is empty; write a text" + ("" if slot.required else " or leave the field out")
            else:
                message = (
                    f"`{name}` is text, but YAML reads {node.text} as {_WORDS.get(node.tag, node.tag)}; "
                    f"put it in quotes: '{node.text}'"
                )
            self.wrong(place, slot.name, node.line, message)
            return ""
        if not node.text:
            message = f"`{name}` is empty; write a text" + ("" if slot.required else " or leave the field out")
            self.wrong(place, slot.name, node.line, message)
        return unicodedata.normalize("NFC", node.text)

    def texts(self, node: Node, slot: Slot, place: Place, name: str) -> tuple[str, ...]:
        if not isinstance(node, Sequence):
            self.wrong(place, slot.name, node.line, f"`{name}` must be a list: one `- entry` a line")
            return ()
        found = []
        for number, entry in enumerate(node.items):
            text = self.text(entry, slot, place, f"{name}.{number + 1}")
            place.lines[f"{slot.name}.{number}"] = entry.line
            place.lines.setdefault(f"{slot.name}={text}", entry.line)
            found.append(text)
        return tuple(found)

    def number(self, node: Node, slot: Slot, place: Place, name: str) -> int | None:
        if isinstance(node, Scalar) and node.plain and _WHOLE.fullmatch(node.text) and len(node.text) < 20:
            return int(node.text)
        if isinstance(node, Scalar) and node.plain and node.text == "null" and not slot.required:
            return None
        hint = "a whole number, without quotes, points, leading zeros or signs of money"
        self.wrong(place, slot.name, node.line, f"`{name}` must be {hint}")
        return None

    def cells(self, node: Node, slot: Slot, place: Place, name: str) -> Mapping[str, Cell]:
        if not isinstance(node, Table):
            self.wrong(place, slot.name, node.line, f"`{name}` must be rows: one `name:` with `text:` or `state:` each")
            return {}
        found: dict[str, Cell] = {}
        for row, entry in node.entries.items():
            place.lines[f"{slot.name}.{row}"] = entry.line
            found[row] = self.cell(entry.value, slot, place, f"{name}.{row}")
        return found

    def cell(self, node: Node, slot: Slot, place: Place, name: str) -> Cell:
        if not isinstance(node, Table):
            self.wrong(place, slot.name, node.line, f"`{name}` must be {{text: …, cites: […]}} or {{state: …}}")
            return Cell()
        unknown = [part for part in node.entries if part not in ("text", "state", "cites")]
        for part in unknown:
            self.wrong(
                place,
                slot.name,
                node.entries[part].line,
                f"unknown field `{name}.{part}`{did_you_mean(part, ('text', 'state', 'cites'))}",
            )
        if ("text" in node.entries) == ("state" in node.entries) and not unknown:
            self.wrong(place, slot.name, node.line, f"`{name}` must have either `text` or `state`")
            return Cell()
        words = dict.fromkeys(("text", "state"), "")
        for part in words:
            if part in node.entries:
                place.lines[f"{name}.{part}"] = node.entries[part].line
                words[part] = self.text(node.entries[part].value, slot, place, f"{name}.{part}")
        cites: tuple[str, ...] = ()
        if "cites" in node.entries:
            cites = self.texts(node.entries["cites"].value, slot, place, f"{name}.cites")
        state = words["state"] or CellState.TEXT
        if words["state"] == CellState.TEXT:
            self.wrong(place, slot.name, node.line, f"`{name}.state` must be no-good-evidence or not-looked-into")
        return Cell(state=state, text=words["text"], cites=cites)

    def drawing(self, node: Node, slot: Slot, place: Place, name: str) -> Any:
        if isinstance(node, Table):
            return {
                part: self.drawing(entry.value, slot, place, f"{name}.{part}") for part, entry in node.entries.items()
            }
        if isinstance(node, Sequence):
            return [self.drawing(entry, slot, place, name) for entry in node.items]
        if node.plain and _WHOLE.fullmatch(node.text) and len(node.text) < 20:
            return int(node.text)
        return self.text(node, slot, place, name)

    def part(self, node: Node, slot: Slot, place: Place, name: str) -> Any:
        shape = slot.about["of"]
        values, inner = self.item(
            node, shape, fields=[part.name for part in slots(shape)], line=node.line, prefix=f"{name}."
        )
        for part, line in inner.lines.items():
            place.lines[f"{slot.name}.{part}"] = line
        place.bad.update(f"{slot.name}.{part}" for part in inner.bad)
        if "" in inner.bad:
            place.bad.add(slot.name)
            return None
        return shape(**values)


def _nothing(slot: Slot) -> Any:
    """What stands for a field that is not written."""
    if slot.form in (*_LISTS, Form.PARTS):
        return ()
    if slot.form in (Form.NUMBER, Form.PART):
        return None
    if slot.form in (Form.CELLS, Form.DRAWING):
        return {}
    return ""
