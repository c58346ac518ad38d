"""The one way content files are written, letter by letter."""

from __future__ import annotations

from procedures.document import Cell, CellState, CostItem, Emergency, Figure, Option, Section, Source, Status
from procedures.loading.writing import guide_file, section_file, shared_file, to_yaml
from tests.conftest import make_document

LONG = "A sentence that is far longer than the eighty characters at which YAML writers like to fold a line into two."

GUIDE = f"""\
kind: procedure
slug: testing
language: en
title: 'Testing: a guide'
summary: {LONG}
status:
  is: compounded
  note: Nobody has checked it.
  cites:
    - agency-2020
emergency:
  call: '911'
  place: US
sections:
  - overview
costs:
  - key: old
    what: One session
    low: 200
    high: 600
    currency: USD
    per: session
    basis: A review
options:
  - key: none
    name: 'No'
    role: nothing
    cells:
      what:
        text: Words.
        cites:
          - trial
      harms:
        state: not-looked-into
figures:
  - key: course
    type: course
    title: A course
    data:
      sessions: 10
      gap_weeks:
        - 1
        - 2
    words: Ten sessions.
"""

EMPTY = {
    "decision": "", "answers": (), "key_facts": (), "stages": (), "questions": (), "warning_signs": (), "claims": (),
}  # fmt: skip


def test_a_guide_is_written_in_block_style_in_the_order_of_its_fields() -> None:
    document = make_document(
        title="Testing: a guide",
        summary=LONG,
        status=Status(is_="compounded", note="Nobody has checked it.", cites=("agency-2020",)),
        emergency=Emergency(call="911", place="US"),
        sections=(Section(key="overview", title="Overview"),),
        costs=(
            CostItem(key="old", what="One session", low=200, high=600, currency="USD", per="session", basis="A review"),
        ),
        options=(
            Option(
                key="none",
                name="No",
                role="nothing",
                cells={"harms": Cell(), "what": Cell(state=CellState.TEXT, text="Words.", cites=("trial",))},
            ),
        ),
        figures=(
            Figure(
                key="course",
                type="course",
                title="A course",
                data={"gap_weeks": [1, 2], "sessions": 10},
                words="Ten sessions.",
            ),
        ),
        **EMPTY,
    )
    assert guide_file(document) == GUIDE


def test_a_section_is_front_matter_an_empty_line_and_the_body() -> None:
    section = Section(key="risks", title="no", summary=LONG, body="\n\n## What\n\nWords.  \n\n")
    assert section_file(section) == f"---\ntitle: 'no'\nsummary: {LONG}\n---\n\n## What\n\nWords.\n"
    assert section_file(Section(key="risks", title="Risks")) == "---\ntitle: Risks\n---\n"


def test_shared_rows_stand_by_key_and_an_empty_list_is_written_too() -> None:
    def source(key: str) -> Source:
        return Source(key=key, publisher="Agency", date="2020", kind="notice", how="primary", supports=("EV-1",))

    assert shared_file([source("b"), source("a")]).split("\n")[0::7][:2] == ["- key: a", "- key: b"]
    assert "  date: '2020'\n" in shared_file([source("a")])
    assert shared_file([]) == "[]\n"


def test_quotes_stand_only_where_yaml_would_read_something_else() -> None:
    assert (
        to_yaml({"a": "It’s 5 o'clock, isn't it? (No.) 50 % – “x”"})
        == "a: It’s 5 o'clock, isn't it? (No.) 50 % – “x”\n"
    )
    assert to_yaml({"a": "a: b", "b": "12:30", "c": "2026-11-22"}) == "a: 'a: b'\nb: '12:30'\nc: '2026-11-22'\n"
    assert to_yaml({"a": "x\u2028y"}) == 'a: "x\\Ly"\n'
