"""Hostile texts: the project's own and, from CORPORA_DIR, those of others, which are read and never copied."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from procedures.document import CELL_KEYS, Cell, CellState, Document, Option, Section, slots
from procedures.document.shape import PARTS, SHARED, Form

from ..conftest import OWN, make_document
from ..rendering.conftest import inputs
from ..rendering.test_hostile import SHORT

KEEP = {"slug", "language", "currency", "folder", "file", "key", "supports", "translated"}
"""Fields that name or address something; the database holds them to a pattern."""


def all_of() -> list[str]:
    """Every hostile text there is, once. Without CORPORA_DIR only the project's own."""
    folder = os.environ.get("CORPORA_DIR", "")
    strings = json.loads((OWN / "hostile_strings.json").read_text())
    found = [*SHORT, *inputs("url_payloads"), *(string["s"] for string in strings)]
    if folder:
        others = Path(folder) / "third-party"
        found += [
            *(others / "payloadbox.txt").read_text(encoding="utf-8", errors="replace").splitlines(),
            *(block["payload"] for block in json.loads((others / "patt_markdown_blocks.json").read_text())),
            *(example["markdown"] for example in json.loads((others / "commonmark_spec_0.31.2.json").read_text())),
            *json.loads((others / "blns.json").read_text()),
        ]
    clean = (text.encode("utf-8", "replace").decode() for text in found if isinstance(text, str))
    return list(dict.fromkeys(text for text in clean if text.strip()))


def contexts() -> list[str]:
    """Places in a Markdown text where something hostile may stand, as `{P}`."""
    return [context["template"] for context in inputs("contexts")]


def placed(template: str, payload: str) -> str:
    return template.replace("{PY}", payload).replace("{P}", payload)


def hostile(part: Any, text: str) -> Any:
    """`part` with `text` in every field that holds words, addresses of sources and names."""
    changes: dict[str, Any] = {}
    for slot in slots(type(part)):
        if slot.attribute in KEEP:
            continue
        if slot.form in (Form.LABEL, Form.LINE, Form.BODY, Form.ADDRESS):
            changes[slot.attribute] = text
        elif slot.form in (Form.LINES, Form.LABELS):
            changes[slot.attribute] = (text,)
        elif slot.form is Form.PART and getattr(part, slot.attribute) is not None:
            changes[slot.attribute] = hostile(getattr(part, slot.attribute), text)
    return replace(part, **changes)


def document_of(texts: list[str]) -> Document:
    """A guide in which each text stands in every field of a part of every kind."""
    base = make_document()
    places = contexts()
    lists: dict[str, tuple[Any, ...]] = {}
    for name in ("sections", *PARTS, *SHARED):
        models = base.items(name)
        if not models or name in ("answers", "figures", "images"):
            lists[name] = tuple(hostile(part, texts[place % len(texts)]) for place, part in enumerate(models))
            continue
        lists[name] = tuple(
            replace(hostile(models[place % len(models)], text), key=f"k{place}") for place, text in enumerate(texts)
        )
    lists["sections"] = tuple(
        replace(part, body=placed(places[place % len(places)], part.body)) if place % 2 else part
        for place, part in enumerate(lists["sections"])
    )
    lists["options"] = tuple(
        Option(
            key=f"o{place}", name=texts[place], role="this" if place == 0 else "other",
            cells={
                key: Cell(state=CellState.TEXT, text=texts[(place * len(CELL_KEYS) + number) % len(texts)])
                for number, key in enumerate(CELL_KEYS)
            },
        )
        for place in range(min(8, len(texts)))
    )  # fmt: skip
    lists["sections"] = (*lists["sections"], Section(key="figures", title="x", body="::: figure course\n:::\n"))
    own = hostile(replace(base, sections=(), **dict.fromkeys(PARTS, ())), texts[0])
    plain = {name: getattr(own, name) for name in (item.name for item in fields(own)) if name not in lists}
    return Document(**{**plain, **lists})
