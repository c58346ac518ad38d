"""The canonical form of content files: one way to write the same text, so that an export changes only what was changed.

YAML in block style with fields in the order of the dataclasses, empty fields left out, lines not folded, quotes only where
YAML would otherwise read something else; front matter, an empty line, the body; UTF-8, LF, one line feed at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ..document import (
    OWN_FIELDS,
    PARTS,
    SHARED,
    SHARED_FILES,
    Document,
    Form,
    ImageRecord,
    Section,
    base,
    slots,
    to_plain,
)
from .files import tidy_body

_DRAWING = (
    "sessions gap_weeks onset_weeks stages layers needle_to denominator name note label group comparison who rows"
).split()
"""Fields of figures in the order they are written; PostgreSQL does not keep the order of JSON."""

_QUOTED = frozenset("\n\r\t\x85\u2028\u2029\ufeff")


class _Canonical(yaml.SafeDumper):
    """Block style with lists indented under their name, and no anchors for equal values."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _QUOTED & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Canonical.add_representer(str, _text)


def to_yaml(value: Any) -> str:
    """`value` (dicts, lists, texts, whole numbers) as canonical YAML that ends with a line feed."""
    if not value:
        return "[]\n" if isinstance(value, list) else ""
    return yaml.dump(
        value, Dumper=_Canonical, sort_keys=False, allow_unicode=True, default_flow_style=False, width=2**31 - 1
    )


def files(documents: Iterable[Document], shared: Mapping[str, Iterable[Any]]) -> dict[str, str]:
    """Every text file of a content folder: path within it → text. `shared` has the lists named in SHARED."""
    found = {SHARED_FILES[SHARED[name]]: shared_file(items) for name, items in shared.items()}
    for document in documents:
        place = base(document.folder, document.language)
        found[f"{place}/guide.yaml"] = guide_file(document)
        for section in document.sections:
            found[f"{place}/{section.key}.md"] = section_file(section)
    return found


def shared_file(items: Iterable[Any]) -> str:
    return to_yaml([fields(item) for item in sorted(items, key=lambda item: item.key)])


def section_file(section: Section) -> str:
    plain = fields(section)
    front = to_yaml({name: value for name, value in plain.items() if name not in ("key", "body")})
    body = tidy_body(section.body)
    return f"---\n{front}---\n" + (f"\n{body}" if body else "")


def guide_file(document: Document) -> str:
    plain = fields(document, only=OWN_FIELDS)
    if document.sections:
        plain["sections"] = [section.key for section in document.sections]
    for name in PARTS:
        if document.items(name):
            plain[name] = [fields(item) for item in document.items(name)]
    return to_yaml(plain)


def fields(item: Any, *, only: Iterable[str] | None = None) -> dict[str, Any]:
    """The fields of one dataclass as files have them: in order, empty ones left out."""
    plain = to_plain(item)
    found: dict[str, Any] = {}
    for slot in slots(type(item)):
        derived = isinstance(item, ImageRecord) and slot.name in ("file", "width", "height")
        if derived or (only is not None and slot.name not in only):
            continue
        value = plain.get(slot.name)
        if value is None or value == "" or value == []:
            continue
        if slot.form is Form.PART:
            value = fields(getattr(item, slot.attribute))
        elif slot.form is Form.DRAWING:
            value = _arranged(value)
        found[slot.name] = value
    return found


def _arranged(value: Any) -> Any:
    if isinstance(value, Mapping):
        place = {name: number for number, name in enumerate(_DRAWING)}
        names = sorted(value, key=lambda name: (place.get(name, len(place)), name))
        return {name: _arranged(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_arranged(entry) for entry in value]
    return value
