"""Which parts of a translation are behind the first language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from procedures.document import behind, brought_up, decode, document_faults, encode, fingerprint, noted
from tests.conftest import make_document

ORIGINAL = make_document()
SPANISH = make_document(language="es", title="Prueba")


def marked(**changes: object) -> object:
    return replace(SPANISH, translated=brought_up(SPANISH, ORIGINAL), **changes)


def test_a_translation_marked_now_is_behind_in_nothing() -> None:
    assert behind(marked(), ORIGINAL) == frozenset()
    assert {"guide.yaml", "risks.md", "guide.yaml#costs/old", "guide.yaml#claims/trial"} <= set(noted(marked()))


def test_a_translation_that_was_never_marked_says_nothing() -> None:
    assert behind(SPANISH, ORIGINAL) == frozenset()


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"title": "Tests"}, "guide.yaml"),
        ({"costs": (replace(ORIGINAL.costs[0], high=700),)}, "guide.yaml#costs/old"),
        ({"sections": (replace(ORIGINAL.sections[0], body="## Other\n"), *ORIGINAL.sections[1:])}, "overview.md"),
        ({"warning_signs": ()}, "guide.yaml#warning_signs/breath"),
    ],
)
def test_exactly_the_part_that_changed_is_behind(changed: dict[str, object], part: str) -> None:
    assert behind(marked(), replace(ORIGINAL, **changed)) == {part}


def test_white_space_around_a_body_is_no_other_wording() -> None:
    first = ORIGINAL.sections[0]
    padded = replace(ORIGINAL, sections=(replace(first, body=f"\n{first.body}\n\n"), *ORIGINAL.sections[1:]))
    assert behind(marked(), padded) == frozenset()


def test_one_part_can_be_brought_up_alone() -> None:
    later = replace(ORIGINAL, title="Tests", costs=(replace(ORIGINAL.costs[0], high=700),))
    up = replace(marked(), translated=brought_up(marked(), later, parts=["guide.yaml"]))
    assert behind(up, later) == {"guide.yaml#costs/old"}


def test_the_notes_survive_storing_and_a_text_without_them_keeps_its_hash() -> None:
    assert decode(encode(marked())) == marked()
    assert "translated" not in encode(ORIGINAL)
    assert fingerprint(encode(SPANISH)) != fingerprint(encode(marked()))


@pytest.mark.parametrize(
    ("lines", "language", "words"),
    [
        (("risks.md",), "es", "16 hex digits"),
        (("risks.md 0123456789abcdeF",), "es", "16 hex digits"),
        (("risks.md 0123456789abcdef", "risks.md 1123456789abcdef"), "es", "names risks.md twice"),
        (("risks.md 0123456789abcdef",), "en", "belongs to translations"),
    ],
)
def test_a_note_that_means_nothing_is_told(lines: tuple[str, ...], language: str, words: str) -> None:
    found = document_faults(make_document(language=language, translated=lines))
    assert [fault for fault in found if words in fault.message and fault.field == "translated"]
