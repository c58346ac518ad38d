"""Each check finds what it must and leaves alone what it must: read the tables in `texts.py`."""

from __future__ import annotations

import datetime

import pytest

from procedures.document import Claim, ImageRecord, Section, Source
from procedures.quality import ERRORS, WARNINGS, Finding, errors, findings
from tests.conftest import make_document

from .texts import FIND, LEAVE

TODAY = datetime.date(2026, 11, 22)


def found_in(body: str, **changes: object) -> tuple[Finding, ...]:
    """What is found in the section `here` whose body this is."""
    plain = make_document()
    document = make_document(
        **{
            "sections": (
                Section(key="overview", title="Overview", body="## What it is\n\nIt is a thing.\n"),
                Section(key="here", title="Here", body=body),
            ),
            "claims": (
                *plain.claims,
                Claim(
                    key="relief",
                    says="It is safe and proven for this use.",
                    certainty="not-graded",
                    cites=("paper-2008",),
                ),
                Claim(
                    key="kybella-reactions",
                    says="Swelling in 87 of 100.",
                    certainty="not-graded",
                    cites=("paper-2008",),
                ),
            ),
            "sources": (
                *plain.sources,
                Source(key="zeltiq-manual", publisher="Maker", kind="manual", how="copy", supports=("EV-37",)),
            ),
            "images": (ImageRecord(key="map", file="0" * 64 + ".png", width=10, height=10, words="a map of it"),),
            **changes,
        }
    )
    found = findings(document, today=TODAY)
    assert errors(document) == tuple(one for one in found if one.level == "error")
    return tuple(finding for finding in found if finding.unit == "testing/here.md")


def cases(table: dict[str, tuple[str, ...]]) -> list[object]:
    return [
        pytest.param(check, text, id=f"{check}-{number}")
        for check, texts in table.items()
        for number, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize(("check", "text"), cases(FIND))
def test_a_check_finds_its_text(check: str, text: str) -> None:
    assert check in {finding.check for finding in found_in(text)}


@pytest.mark.parametrize(("check", "text"), cases(LEAVE))
def test_a_check_leaves_this_text_alone(check: str, text: str) -> None:
    assert check not in {finding.check for finding in found_in(text)}, found_in(text)


@pytest.mark.parametrize("check", sorted(FIND))
def test_each_check_has_ten_texts_of_both_kinds(check: str) -> None:
    assert len(set(FIND[check])) >= 10
    assert len(set(LEAVE[check])) >= 10


@pytest.mark.parametrize("check", sorted(FIND))
def test_errors_stop_publishing_and_warnings_do_not(check: str) -> None:
    levels = {finding.level for finding in found_in(FIND[check][0]) if finding.check == check}
    assert levels == {"error" if check in ERRORS else "warning"}


@pytest.mark.parametrize("text", sorted({text for texts in FIND.values() for text in texts}))
def test_every_finding_is_of_a_check_that_is_listed(text: str) -> None:
    for finding in found_in(text):
        assert finding.check in (ERRORS if finding.level == "error" else WARNINGS)


@pytest.mark.parametrize(("check", "text"), cases({check: texts[:1] for check, texts in FIND.items()}))
def test_a_message_is_sentences_that_say_what_to_do(check: str, text: str) -> None:
    for finding in found_in(text):
        assert finding.message[0].isupper() or finding.message[0] in '“"', finding.message
        assert finding.message.endswith((".", ")", ").")), finding.message
        assert "%(" not in finding.message


def test_a_finding_names_the_line_of_the_body() -> None:
    (finding,) = [one for one in found_in("Fine.\n\nFine.\n\nIt takes 10 sessions.\n") if one.level == "error"]
    assert (finding.line, finding.field) == (5, "body")
