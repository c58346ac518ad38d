# ruff: noqa: E501
"""What may stand in a guide, and what people are told when it does not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from procedures.document import (
    CELL_KEYS,
    PARTS,
    SHARED,
    Cell,
    CellState,
    Document,
    Emergency,
    Form,
    ImageRecord,
    Section,
    Status,
    did_you_mean,
    document_faults,
    item_faults,
    slots,
)
from tests.conftest import make_document

from .strategies import documents

IMAGE = ImageRecord(key="needle", file=f"{'a' * 64}.webp", width=640, height=480, words="A needle")
FULL = make_document(images=(IMAGE,))
UNSET = Cell()


def with_item(list_name: str, place: int = 0, **changes: Any) -> Document:
    items = list(FULL.items(list_name))
    items[place] = dataclasses.replace(items[place], **changes)
    return dataclasses.replace(FULL, **{list_name: tuple(items)})


def with_cell(**cells: Any) -> Document:
    return with_item("options", cells={**FULL.options[0].cells, **cells})


def without(list_name: str, key: str) -> Document:
    return dataclasses.replace(FULL, **{list_name: tuple(item for item in FULL.items(list_name) if item.key != key)})


def own(**changes: Any) -> Document:
    return dataclasses.replace(FULL, **changes)


def test_a_guide_that_uses_everything_has_no_fault() -> None:
    assert document_faults(FULL) == []


CASES: list[tuple[Document, str, str, str]] = [
    # the guide itself
    (own(title=""), "", "title", "`title` is missing"),
    (own(title="x" * 201), "", "title", "`title` is 201 characters long; at most 200 fit"),
    (own(title="two\nlines"), "", "title", "`title` must stand on one line"),
    (own(title=7), "", "title", "`title` must be text; put it in quotes"),
    (own(title="a\x07b"), "", "title", "`title` holds a character that cannot be shown (U+0007); remove it"),
    (own(title="a\u202eb"), "", "title", "`title` holds an invisible mark that reorders text (U+202E); remove it"),
    (own(summary="x" * 4001), "", "summary", "`summary` is 4001 characters long; at most 4000 fit"),
    (own(slug="No Good"), "", "slug", "`slug` must be small letters, digits and single hyphens, at most 60, such as `side-effects`"),
    (own(slug="admin"), "", "slug", "`slug` 'admin' is an address the site needs itself; choose another"),
    (own(slug="es"), "", "slug", "`slug` 'es' is an address the site needs itself; choose another"),
    (own(language="English"), "", "language", "`language` must be a language tag such as en or es"),
    (own(kind="proceduer"), "", "kind", "`kind` is 'proceduer'; it must be one of procedure, site (did you mean \"procedure\"?)"),
    (own(emergency=None), "", "emergency", "`emergency` is missing; say which number to call, and where it holds"),
    (own(emergency=Emergency(call="", place="US")), "", "emergency.call", "`emergency.call` is missing"),
    (own(emergency=Emergency(call="9" * 21, place="US")), "", "emergency.call", "`emergency.call` is 21 characters long; at most 20 fit"),
    (own(status=Status(is_="fine", cites=("trial",))), "", "status.is", "`status.is` is 'fine'; it must be one of approved, approved-other-use, cleared-device, compounded, investigational"),
    (own(status=Status(is_="approved", cites=("trail",))), "", "status.cites", 'unknown source "trail" (did you mean "trial"?)'),
    (own(sections=()), "", "sections", "`sections` is empty; a guide needs at least one"),
    # sections
    (with_item("sections", title=""), "sections", "title", "`title` is missing"),
    (with_item("sections", nav="x" * 41), "sections", "nav", "`nav` is 41 characters long; at most 40 fit"),
    (with_item("sections", body="x" * 61441), "sections", "body", "`body` is 61441 bytes long; at most 61440 fit. Split the section"),
    (with_item("sections", body="é" * 30721), "sections", "body", "`body` is 61442 bytes long; at most 61440 fit. Split the section"),
    (with_item("sections", body="a\x00"), "sections", "body", "`body` holds a character that cannot be shown (U+0000); remove it"),
    (with_item("sections", slug="Risks!"), "sections", "slug", "`slug` must be small letters, digits and single hyphens, at most 60, such as `side-effects`"),
    (with_item("sections", slug="all"), "sections", "slug", "`slug` 'all' is an address the site needs itself; choose another"),
    (with_item("sections", slug="risks"), "sections", "slug", "`slug` 'risks' is already the address of `overview`; choose another"),
    (own(sections=(*FULL.sections, Section(key="risks", title="Again", slug="again"))), "sections", "key", "the key `risks` stands twice in `sections`"),
    # parts
    (without("answers", "cost"), "answers", "", "the answer `cost` is missing; a guide has all five or none"),
    (with_item("answers", key="aproved"), "answers", "key", "no answer is called `aproved` (did you mean \"approved\"?); use approved, wrong, not-for, cost, help-now"),
    (with_item("answers", more="section:overveiw"), "answers", "more", '`more` must name a section of this guide, such as "section:overview" (did you mean "overview"?)'),
    (with_item("answers", more="https://example.org"), "answers", "more", '`more` must name a section of this guide, such as "section:overview"'),
    (with_item("answers", text="x\ny"), "answers", "text", "`text` must stand on one line"),
    (with_item("key_facts", cites=("nobody",)), "key_facts", "cites", 'unknown source "nobody"'),
    (with_item("key_facts", cites=("trial", "trial")), "key_facts", "cites", "`cites` names a key twice"),
    (with_item("key_facts", cites=("Trial",)), "key_facts", "cites", "`cites` entry 'Trial' must be small letters, digits and single hyphens, at most 60, such as `side-effects`"),
    (with_item("key_facts", cites="trial"), "key_facts", "cites", "`cites` must be a list"),
    (with_item("key_facts", key="time--1"), "key_facts", "key", "`key` must be small letters, digits and single hyphens, at most 60, such as `side-effects`"),
    (with_item("stages", from_day=3, to_day=1), "stages", "to_day", "`to_day` is before `from_day`"),
    (with_item("stages", from_day="0"), "stages", "from_day", "`from_day` must be a whole number, without quotes, points or signs of money"),
    (with_item("stages", from_day=True), "stages", "from_day", "`from_day` must be a whole number, without quotes, points or signs of money"),
    (with_item("stages", from_day=-4000), "stages", "from_day", "`from_day` must lie between -3650 and 3650"),
    (with_item("stages", do=("Sleep.", "")), "stages", "do", "`do` holds an empty entry; fill or remove it"),
    (with_item("stages", do="Sleep."), "stages", "do", "`do` must be a list"),
    (with_item("stages", signs=("breth",)), "stages", "signs", 'unknown warning sign "breth" (did you mean "breath"?)'),
    (with_item("costs", low=700), "costs", "high", "`high` is smaller than `low`"),
    (with_item("costs", low=2.5), "costs", "low", "`low` must be a whole number, without quotes, points or signs of money"),
    (with_item("costs", low=None), "costs", "low", "`low` is missing"),
    (with_item("costs", currency="$"), "costs", "currency", "`currency` must be three capital letters, such as USD"),
    (with_item("costs", per="visit"), "costs", "per", "`per` is 'visit'; it must be one of session, course, item"),
    (with_item("costs", year=1800), "costs", "year", "`year` must lie between 1950 and 2100"),
    (with_item("costs", basis=""), "costs", "basis", "`basis` is missing"),
    (with_item("options", role="best"), "options", "role", "`role` is 'best'; it must be one of this, other, nothing"),
    (with_cell(pane=UNSET), "options", "cells", '`cells` has no row `pane` (did you mean "pain"?)'),
    (with_item("options", cells=dict.fromkeys(CELL_KEYS[1:], UNSET)), "options", "cells", "`cells` lacks the row `what`; write `{state: not-looked-into}` where nothing is known yet"),
    (with_cell(pain=Cell(state="text")), "options", "cells", "`cells` row `pain` is empty; write a `text`, or the state no-good-evidence or not-looked-into"),
    (with_cell(pain=Cell(state="unsure")), "options", "cells", "`cells` row `pain` must have a `text`, or the state no-good-evidence or not-looked-into"),
    (with_cell(pain=Cell(state=CellState.NO_GOOD_EVIDENCE)), "options", "cells", "`cells` row `pain` says that no good evidence was found; name in `cites` who looked"),
    (with_cell(pain=Cell(cites=("trial",))), "options", "cells", "`cells` row `pain` says that nobody has looked; it cannot have `cites`"),
    (with_cell(pain=Cell(state="text", text="x", cites=("nobody",))), "options", "cells", 'row `pain`: unknown source "nobody"'),
    (with_item("questions", question=""), "questions", "question", "`question` is missing"),
    (with_item("warning_signs", from_hours=49, to_days=2), "warning_signs", "to_days", "`to_days` ends before `from_hours` begins"),
    (with_item("warning_signs", urgency="now"), "warning_signs", "urgency", "`urgency` is 'now'; it must be one of emergency, same-day, soon"),
    (with_item("claims", certainty="sure"), "claims", "certainty", "`certainty` is 'sure'; it must be one of high, moderate, low, very-low, not-graded"),
    (with_item("claims", key="paper-2008"), "claims", "key", "`paper-2008` is a claim and a source at once; rename the claim so that a mark means one thing"),
    (with_item("claims", cites=("trial",)), "claims", "cites", 'unknown source "trial"'),
    (with_item("figures", data={"sessions": 0, "gap_weeks": [1, 2]}), "figures", "data", "`data` is not right: `sessions` must be a whole number from 1 to 60"),
    (with_item("figures", type="days", data={"stages": ["day-1"]}), "figures", "data", 'unknown stage "day-1" (did you mean "day-0"?)'),
    (with_item("figures", words=""), "figures", "words", "`words` is missing"),
    # what guides share
    (with_item("sources", how="heard"), "sources", "how", "`how` is 'heard'; it must be one of primary, copy, news, citation, not-re-read"),
    (with_item("sources", url="javascript:alert(1)"), "sources", "url", "`url` must be an address that starts with https:// or http:// and holds no spaces"),
    (with_item("sources", url="https://example.org/a b"), "sources", "url", "`url` must be an address that starts with https:// or http:// and holds no spaces"),
    (with_item("sources", read="22 Nov 2026"), "sources", "read", "`read` must be a date such as 2026-11-22"),
    (with_item("sources", read="2026-02-30"), "sources", "read", "`read` must be a date such as 2026-11-22"),
    (with_item("sources", supports=()), "sources", "supports", "`supports` is missing"),
    (with_item("terms", definition=""), "terms", "definition", "`definition` is missing"),
    (with_item("terms", cites=("trial",)), "terms", "cites", 'unknown source "trial"'),
    (with_item("images", width=0), "images", "width", "`width` must lie between 1 and 20000"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "list_name", "field", "message"), CASES, ids=[case[3][:60] for case in CASES])
def test_a_fault_says_where_it_is_and_what_to_do(document: Document, list_name: str, field: str, message: str) -> None:
    found = [(fault.list, fault.field, fault.message) for fault in document_faults(document)]
    assert (list_name, field, message) in found


def test_one_mistake_makes_one_fault() -> None:
    for document in (
        own(title=""),
        with_item("costs", low=700),
        with_item("key_facts", cites=("nobody",)),
        without("answers", "cost"),
    ):
        assert len(document_faults(document)) == 1


def test_a_page_of_the_site_may_not_take_an_address_of_the_site() -> None:
    site = own(kind="site", sections=(Section(key="search", title="Search"), Section(key="fr", title="French")))
    said = [fault.message for fault in document_faults(site) if fault.list == "sections"]
    assert said == [
        "`slug` 'search' is an address the site needs itself; choose another",
        "`slug` 'fr' is an address the site needs itself; choose another",
    ]


def test_the_sites_own_pages_need_no_emergency_number_and_no_answers() -> None:
    empty: dict[str, Any] = dict.fromkeys([*PARTS, *SHARED], ())
    site = own(
        kind="site", slug="site", status=None, emergency=None, sections=(Section(key="about", title="About"),), **empty
    )
    assert document_faults(site) == []


def test_the_nearest_known_word_is_offered_and_nothing_far_away() -> None:
    assert did_you_mean("kybela-label", ["kybella-label", "other"]) == ' (did you mean "kybella-label"?)'
    assert did_you_mean("zzz", ["kybella-label"]) == ""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_what_the_generator_makes_is_refused_only_for_what_belongs_together(document: Document) -> None:
    for name in ("sections", *PARTS, *SHARED):
        for item in document.items(name):
            apart = [fault for fault in item_faults(item) if "is smaller than" not in fault.message]
            apart = [fault for fault in apart if "before" not in fault.message and "currency" not in fault.field]
            assert apart == []


JUNK: list[Any] = [
    None, 0, -1, 1.5, True, "", "x", "\ud800", [], ["a", ""], [None], [[]], {}, {"a": 1}, {"stages": 7}, {"stages": [[]]},
    {"what": None}, (), ("a",), ({},), b"x", float("nan"),
]  # fmt: skip


@pytest.mark.parametrize("where", ["", "sections", *PARTS, *SHARED])
def test_junk_in_any_field_is_told_and_never_breaks_the_check(where: str) -> None:
    whole = FULL.items(where)[0] if where else FULL
    for slot in slots(type(whole)):
        if slot.form in (Form.PART, Form.PARTS, Form.KEY):  # made by the loader and the tables, never typed as they are
            continue
        for junk in JUNK:
            document = with_item(where, **{slot.attribute: junk}) if where else own(**{slot.attribute: junk})
            faults = document_faults(document)
            assert all(fault.message for fault in faults)
            if isinstance(junk, dict | bytes | float) and slot.form is not Form.DRAWING:
                assert faults, (slot.attribute, junk)
