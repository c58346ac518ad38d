"""What changed between two documents is told word by word, and nothing else is."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.document import Cell, CellState, Section, changes, difference

from ..conftest import make_document

OLD = make_document()


def marked(old: str, new: str) -> str:
    """The difference as `same [-removed-] {+added+}`."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[piece.kind].format(piece.text) for piece in difference(old, new))


def one(new):  # type: ignore[no-untyped-def]
    (change,) = changes(OLD, new)
    return change


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("It is safe.", "It is not safe.", "It is{+ not+} safe."),
        ("up to 600 dollars", "up to 650 dollars", "up to [-600-]{+650+} dollars"),
        ("Swelling is rare.[^a]", "Swelling is common.[^b]", "Swelling is [-rare.[^a]-]{+common.[^b]+}"),
        ("one\n\ntwo\n\nthree\n", "one\n\nthree\n", "one\n\n[-two\n\n-]three\n"),
        ("one\n\nthree\n", "one\n\ntwo words\n\nthree\n", "one\n\n{+two words\n\n+}three\n"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("", "", ""),
        ("same", "same", "same"),
        ("nothing alike here", "quite other words", "[-nothing alike here-]{+quite other words+}"),
        ("don't", "do", "[-don't-]{+do+}"),
        ("1.5 mg", "1.55 mg", "[-1.5-]{+1.55+} mg"),
    ],
)
def test_only_the_words_that_differ_are_marked(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


TEXTS = st.lists(st.sampled_from(["a", "b", "no", " ", "\n", "\n\n", ",", "[^k]", "é", "9.5"]), max_size=40).map(
    "".join
)


@given(TEXTS, TEXTS)
def test_the_pieces_give_both_texts_back(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new
    assert all(piece.text for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))
    assert (old == new) == all(piece.kind == "same" for piece in pieces)


def test_equal_documents_have_no_changes() -> None:
    assert changes(OLD, make_document()) == ()


def test_without_an_older_one_everything_is_added() -> None:
    found = changes(None, OLD)
    assert {change.kind for change in found} == {"added"}
    assert {change.before for change in found} == {""}
    names = {change.unit for change in found}
    assert {"testing/guide.yaml", "testing/risks.md", "testing/guide.yaml#costs/old", "glossary.yaml#probe"} <= names


def test_a_word_of_a_section_names_the_section() -> None:
    first, *rest = OLD.sections
    change = one(replace(OLD, sections=(replace(first, body=first.body.replace("It is a", "It was a")), *rest)))
    assert (change.unit, change.title, change.kind, change.list, change.key) == (
        "testing/overview.md",
        "Overview",
        "changed",
        "sections",
        "overview",
    )
    assert [field.name for field in change.fields] == ["body"]
    assert [piece.text for piece in change.pieces if piece.kind != "same"] == ["is", "was"]
    assert change.before == first.body


def test_a_number_a_list_and_a_source_are_told_by_field() -> None:
    cost = replace(OLD.costs[0], high=650, includes=("The test", "A drink"), cites=("agency-2020",))
    change = one(replace(OLD, costs=(cost,)))
    assert change.unit == "testing/guide.yaml#costs/old"
    assert [field.name for field in change.fields] == ["high", "includes", "cites"]
    assert change.before == "600\n\nThe test\n\ntrial"
    assert change.after == "650\n\nThe test\nA drink\n\nagency-2020"


def test_one_cell_of_the_choice_table_is_told_alone() -> None:
    option = OLD.options[0]
    cells = {**option.cells, "harms": Cell(state=CellState.NO_GOOD_EVIDENCE, cites=("trial",))}
    change = one(replace(OLD, options=(replace(option, cells=cells), *OLD.options[1:])))
    assert [field.name for field in change.fields] == ["cells.harms"]
    assert (change.before, change.after) == ("Words. [trial]", "no-good-evidence [trial]")


def test_own_fields_are_told_as_the_guide() -> None:
    assert OLD.status
    change = one(replace(OLD, summary="Other.", status=replace(OLD.status, note="Checked."), emergency=None))
    assert (change.unit, change.list) == ("testing/guide.yaml", "")
    assert [field.name for field in change.fields] == ["summary", "status.note", "emergency.call", "emergency.place"]


def test_a_part_that_came_or_went_is_told_whole() -> None:
    new = Section(key="new", title="New", body="Words.\n")
    (gone, came) = sorted(
        changes(OLD, replace(OLD, sections=(*OLD.sections[:2], new))), key=lambda change: change.kind == "added"
    )
    assert (gone.kind, gone.key, gone.after) == ("removed", "costs", "")
    assert (came.kind, came.key, came.before, came.after) == (
        "added",
        "new",
        "",
        "New\n\nWords.\n".replace("\n\n", "\n\n"),
    )


def test_an_order_is_told_only_where_it_differs() -> None:
    a, b, c = OLD.sections
    change = one(replace(OLD, sections=(b, a, c)))
    assert (change.unit, change.kind, change.list) == ("testing/guide.yaml#sections", "moved", "sections")
    assert (change.before, change.after) == ("Overview\nRisks\nCosts\n", "Risks\nOverview\nCosts\n")


def test_a_changed_source_or_word_is_told_too() -> None:
    source = replace(OLD.sources[0], title="Another notice")
    assert one(replace(OLD, sources=(source, *OLD.sources[1:]))).unit == "sources.yaml#agency-2020"


def test_two_long_unlike_texts_are_compared_in_a_second() -> None:
    old = " ".join(f"word{number}" for number in range(9_000))
    new = " ".join(f"other{number % 7}" for number in range(9_000))
    start = time.perf_counter()
    assert [piece.kind for piece in difference(old, new)] == ["removed", "added"]
    assert time.perf_counter() - start < 1
