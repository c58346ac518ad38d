"""What two people can collide on, and how it is named."""

from __future__ import annotations

import dataclasses
import json

import pytest

from procedures.document import (
    PARTS,
    base,
    canonical,
    fingerprint,
    order_unit,
    own_text,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
    text_of,
    to_plain,
    token,
    units,
)
from tests.conftest import make_document


def test_units_bear_the_names_of_their_places() -> None:
    assert base("mesotherapy", "en") == "mesotherapy"
    assert base("mesotherapy", "es") == "mesotherapy/es"
    assert own_unit("mesotherapy/es") == "mesotherapy/es/guide.yaml"
    assert section_unit("mesotherapy", "risks") == "mesotherapy/risks.md"
    assert order_unit("mesotherapy", "questions") == "mesotherapy/guide.yaml#questions"
    assert part_unit("mesotherapy", "questions", "price") == "mesotherapy/guide.yaml#questions/price"
    document = make_document()
    assert shared_unit(document.sources[0]) == "sources.yaml#agency-2020"
    assert shared_unit(document.terms[0]) == "glossary.yaml#probe"


def test_a_guide_falls_into_all_its_units() -> None:
    document = make_document(language="es")
    found = units(document)
    parts = sum(len(document.items(name)) for name in PARTS)
    assert len(found) == 1 + len(document.sections) + parts + 1 + len(PARTS)
    assert json.loads(found["testing/es/guide.yaml#sections"]) == ["overview", "risks", "costs"]
    assert json.loads(found["testing/es/guide.yaml#questions/what"]) == to_plain(document.questions[0])
    assert "testing/es/guide.yaml#sections/risks" not in found


def test_an_empty_list_has_no_order() -> None:
    found = units(make_document(questions=()))
    assert not [unit for unit in found if "#questions" in unit]


def test_the_guides_own_text_is_without_its_lists() -> None:
    own = json.loads(own_text(make_document()))
    assert own.keys() == {"kind", "slug", "language", "title", "summary", "decision", "status", "emergency"}
    assert own_text(make_document(questions=())) == own_text(make_document())
    assert own_text(make_document(title="Other")) != own_text(make_document())


@pytest.mark.parametrize("list_name", ["sections", *PARTS])
def test_a_change_of_one_part_changes_its_unit_alone(list_name: str) -> None:
    document = make_document()
    items = document.items(list_name)
    field = next(
        name
        for name in ("title", "text", "label", "expect", "what", "name", "question", "sign", "says")
        if hasattr(items[0], name)
    )
    changed = dataclasses.replace(
        document, **{list_name: (dataclasses.replace(items[0], **{field: "Other"}), *items[1:])}
    )
    before, after = units(document), units(changed)
    assert before.keys() == after.keys()
    differing = [unit for unit in before if before[unit] != after[unit]]
    key = items[0].key
    assert differing == [
        section_unit("testing", key) if list_name == "sections" else part_unit("testing", list_name, key)
    ]


def test_equal_units_have_equal_tokens() -> None:
    question = make_document().questions[0]
    composed = dataclasses.replace(question, why="caf\u00e9\n")
    typed = dataclasses.replace(question, why="cafe\u0301\r\n")
    assert text_of(composed) == text_of(typed)
    assert token(text_of(composed)) == fingerprint(canonical(to_plain(typed)))
    assert token(text_of(question)) != token(text_of(composed))
    assert text_of(("b", "a")) == '["b","a"]'
