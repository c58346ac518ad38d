"""The JSON Schema (2020-12) of what the `.json` twins of pages hold, made from `shape`, so that it cannot lag behind.

`python -m procedures.document.schema` writes docs/schema.json; a test fails while that file is not current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .shape import CELL_KEYS, PARTS, SHARED, CellState, Document, Form, Section, Slot, slots

FILE = Path(__file__).resolve().parents[2] / "docs" / "schema.json"
LISTS: dict[str, type] = {"sections": Section, **PARTS, **SHARED}
TEXT = {"type": "string"}
KEYS = {"type": "array", "items": TEXT}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DATE = {"type": "string", "format": "date"}


def schema() -> dict[str, Any]:
    """One schema for the twins of a guide and its whole page, of a section, and of the glossary."""
    about = {
        "url": {"type": "string", "format": "uri"},
        "language": TEXT,
        "written": {**DATE, "description": "Day on which this text was handed in."},
        "hash": {
            **HASH,
            "description": "SHA-256 of the guide's canonical JSON; /v/<first 10 digits>/ says if it is current.",
        },
        "reviewed": {
            "description": "Who signed exactly this text; null while no clinician has.",
            "anyOf": [
                {"type": "null"},
                _object({"name": TEXT, "credentials": TEXT, "date": DATE, "next_due": DATE}),
            ],
        },
    }
    guide = _object({**about, "guide": {"$ref": "#/$defs/Document"}})
    section = _object(
        {
            **about,
            "guide": {**TEXT, "description": "Title of the guide."},
            "section": {"$ref": "#/$defs/Section"},
            "parts": {
                "type": "object",
                "description": "The lists that follow the section's body on its page, by name.",
                "properties": {name: _list(part) for name, part in PARTS.items()},
                "additionalProperties": False,
            },
            "claims": _list(PARTS["claims"]),
            "sources": _list(SHARED["sources"]),
        }
    )
    glossary = _object({"terms": _list(SHARED["terms"])})
    word = _object({"key": TEXT, "term": TEXT, "url": TEXT}, "A word of a long glossary, and where it is explained.")
    words = _object({"terms": {"type": "array", "items": word}})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What the .json twin of a page holds",
        "description": "Texts are Markdown as docs/writing-content.md describes it; a mark [^key] names a claim or a source.",
        "anyOf": [guide, section, glossary, words],
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    found: dict[str, Any] = {}
    todo: list[type] = [Document, *LISTS.values()]
    while todo:
        shape = todo.pop()
        if shape.__name__ in found:
            continue
        fields = list(slots(shape))
        found[shape.__name__] = _object(
            {slot.name: _value(slot) for slot in fields},
            (shape.__doc__ or "").split("\n")[0],
            optional=frozenset(slot.name for slot in fields if slot.about.get("later")),
        )
        todo += [slot.about["of"] for slot in fields if slot.form is Form.PART]
    cell = {"cites": KEYS}
    states = [str(state) for state in CellState if state is not CellState.TEXT]
    found["Cell"] = {
        "description": "A cell of the choice table: a text, or why there is none.",
        "anyOf": [
            {**_object({"text": TEXT, **cell}), "required": ["text"]},
            {**_object({"state": {"enum": states}, **cell}), "required": ["state"]},
        ],
    }
    return dict(sorted(found.items()))


def _value(slot: Slot) -> dict[str, Any]:
    about = slot.about
    if slot.form is Form.NUMBER:
        number = {"type": "integer", "minimum": about["low"], "maximum": about["high"]}
        return number if slot.required or slot.name == "format" else {"anyOf": [number, {"type": "null"}]}
    if slot.form is Form.CHOICE:
        return {"enum": [str(one) for one in about["choices"]]}
    if slot.form is Form.PARTS:
        return _list(LISTS[about["of"]])
    if slot.form is Form.PART:
        return {"anyOf": [{"$ref": f"#/$defs/{about['of'].__name__}"}, {"type": "null"}]}
    if slot.form is Form.CELLS:
        return {
            "type": "object",
            "properties": {name: {"$ref": "#/$defs/Cell"} for name in CELL_KEYS},
            "additionalProperties": False,
        }
    if slot.form is Form.DRAWING:
        return {"type": "object"}
    return KEYS if slot.form in (Form.KEYS, Form.LINES, Form.LABELS) else TEXT


def _list(shape: type) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{shape.__name__}"}}


def _object(
    properties: dict[str, Any], description: str = "", *, optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object"}
    if description and "(key:" not in description:  # a dataclass without a docstring gets its signature as one
        made["description"] = description
    return {
        **made,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def written() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
