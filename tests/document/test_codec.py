"""One text for one document, on every machine, for ever."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.document import (
    PARTS,
    SHARED,
    Cell,
    CellState,
    Document,
    Form,
    ImageRecord,
    Slot,
    canonical,
    cells_from_plain,
    cells_to_plain,
    decode,
    encode,
    fingerprint,
    from_plain,
    normal,
    slots,
    to_plain,
    upgrades,
)
from tests.conftest import make_document

from .strategies import documents

STORED = Path(__file__).parent / "format-1.json"
STORED_HASH = "0fd2e5be813566db27b6c63b77223b3bf064307c179e703ced010c4dd1f14699"
IMAGE = ImageRecord(
    key="needle", file=f"{'a' * 64}.webp", width=640, height=480, words="A needle", credit="Nobody", note="-"
)


def full_document() -> Document:
    return make_document(images=(IMAGE,))


def test_a_stored_document_of_format_1_is_read_and_written_byte_for_byte() -> None:
    stored = STORED.read_bytes()
    assert hashlib.sha256(stored).hexdigest() == STORED_HASH, (
        "stored documents never change; add a file for a new format"
    )
    document = decode(stored.decode())
    assert encode(document).encode() == stored
    assert document.section("risks") is not None
    assert document.images[0].width == 640


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_what_is_written_is_read_back_the_same(document: Document) -> None:
    text = encode(document)
    again = decode(text)
    assert again == document
    assert encode(again) == text
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_canonical_json_is_stable(value: Any) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == text or len({normal(key) for key in value}) < len(value)


def test_canonical_json_has_sorted_keys_no_spaces_and_plain_letters() -> None:
    assert (
        canonical({"b": [1, None, True], "a": "é “x”", "_": {"z": (), "y": ""}})
        == '{"_":{"y":"","z":[]},"a":"é “x”","b":[1,null,true]}'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("e\u0301", "é"), ("a\r\nb\rc\n", "a\nb\nc\n"), ("\u212b", "Å"), ("ﬁ", "ﬁ"), ("", ""), ("ก็", "ก็")],
)
def test_text_is_kept_in_form_c_with_line_feeds(typed: str, kept: str) -> None:
    assert normal(typed) == kept
    assert canonical({typed: [typed]}) == json.dumps({kept: [kept]}, ensure_ascii=False, separators=(",", ":"))
    assert decode(encode(make_document(title=f"T {typed}"))).title == f"T {kept}"


def test_the_fingerprint_is_sha256_of_utf8() -> None:
    assert fingerprint("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()


def another(slot: Slot, value: Any) -> Any:
    """A value of the same form that is not `value`."""
    changed: dict[Form, Any] = {
        Form.NUMBER: lambda: (value or 0) + 1,
        Form.KEYS: lambda: (*value, "one-more"),
        Form.LINES: lambda: (*value, "One more."),
        Form.LABELS: lambda: (*value, "One more"),
        Form.CHOICE: lambda: next(str(word) for word in slot.about["choices"] if word != value),
        Form.CELLS: lambda: {**value, "pain": Cell(state=CellState.TEXT, text="Other words.")},
        Form.DRAWING: lambda: {**value, "sessions": 11},
        Form.DATE: lambda: "1999-12-31",
        Form.PART: lambda: None,
        Form.PARTS: lambda: value[1:] if value else None,
    }
    return changed.get(slot.form, lambda: f"{value}x")()


def places() -> list[tuple[str, str]]:
    document = full_document()
    found = [("", slot.attribute) for slot in slots(Document) if slot.attribute != "format"]
    for name in ("status", "emergency"):
        found += [(name, slot.attribute) for slot in slots(type(getattr(document, name)))]
    for name in ("sections", *PARTS, *SHARED):
        found += [(name, slot.attribute) for slot in slots(type(document.items(name)[0]))]
    return found


@pytest.mark.parametrize(("where", "attribute"), places(), ids=lambda part: part or "guide")
def test_the_hash_changes_with_every_field(where: str, attribute: str) -> None:
    document = full_document()
    whole = getattr(document, where) if where else document
    item = whole[0] if isinstance(whole, tuple) else whole
    slot = next(slot for slot in slots(type(item)) if slot.attribute == attribute)
    value = another(slot, getattr(item, attribute))
    changed = dataclasses.replace(item, **{attribute: value})
    if isinstance(whole, tuple):
        changed = dataclasses.replace(document, **{where: (changed, *whole[1:])})
    elif where:
        changed = dataclasses.replace(document, **{where: changed})
    assert fingerprint(encode(changed)) != fingerprint(encode(document))
    assert decode(encode(changed)) == changed


@pytest.mark.parametrize("list_name", ["sections", "answers", "options", "sources"])
def test_the_hash_changes_with_the_order(list_name: str) -> None:
    document = full_document()
    turned = dataclasses.replace(document, **{list_name: document.items(list_name)[::-1]})
    assert encode(turned) != encode(document)


@pytest.mark.parametrize(
    "change", [{"state": CellState.NO_GOOD_EVIDENCE, "text": ""}, {"text": "Other."}, {"cites": ()}]
)
def test_the_hash_changes_with_every_field_of_a_cell(change: dict[str, Any]) -> None:
    document = full_document()
    option = document.options[0]
    cells = {**option.cells, "pain": dataclasses.replace(option.cells["pain"], **change)}
    changed = dataclasses.replace(document, options=(dataclasses.replace(option, cells=cells), *document.options[1:]))
    assert encode(changed) != encode(document)


def test_the_order_in_which_cells_were_typed_does_not_matter() -> None:
    cells = make_document().options[0].cells
    turned = dict(reversed(cells.items()))
    assert list(cells_to_plain(turned)) == list(cells_to_plain(cells))
    assert cells_from_plain(cells_to_plain(turned)) == cells


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not a document"),
        ("{", "Expecting property name"),
        ("{}", "format None is unknown"),
        ('{"format":"1"}', "format '1' is unknown"),
        ('{"format":2}', "format 2 is unknown to this program, which reads up to 1"),
        ('{"format":0}', "no step that reads documents of format 0"),
        ('{"format":1,"colour":"red"}', "has no field 'colour'"),
        ('{"format":1}', "missing"),
        ('{"format":1,"sections":7}', "not a document"),
    ],
)
def test_a_text_that_is_no_document_is_a_value_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode(text)


def test_a_missing_field_gets_its_default_and_an_unknown_one_is_an_error() -> None:
    plain = to_plain(IMAGE)
    del plain["note"]
    assert from_plain(ImageRecord, plain).note == ""
    with pytest.raises(TypeError, match="ImageRecord has no field 'colour'"):
        from_plain(ImageRecord, {**plain, "colour": "red"})


def test_older_formats_are_read_one_step_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(upgrades.STEPS, 1, lambda plain: {**plain, "steps": [*plain["steps"], 1]})
    monkeypatch.setitem(upgrades.STEPS, 2, lambda plain: {**plain, "steps": [*plain["steps"], 2]})
    old = {"format": 1, "steps": []}
    assert upgrades.upgrade(old, to=3) == {"format": 3, "steps": [1, 2]}
    assert old == {"format": 1, "steps": []}
    assert upgrades.upgrade(old, to=1) is old
    with pytest.raises(ValueError, match="no step that reads documents of format 3"):
        upgrades.upgrade(old, to=4)
