"""Whatever is written, the checks answer; they never fall over."""

from __future__ import annotations

import dataclasses
import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.document import Section
from procedures.quality import errors, findings, grade_body, report
from procedures.quality.sentences import sentences, words
from procedures.quality.syllables import syllables
from tests.conftest import make_document

SCRAPS = st.sampled_from(
    "[^trial] [^ ] ]( ![x](image:map) ::: emergency\n ::: \n\n # ## #### - 1. | a | b |\n|---|---|\n 72 1,500 9.7% $ 911 safe "
    "infection helps . ? ! … “ ” ’ ` ``` [a](section:b#c) \ue000 \ue001 \x00 \ud800 ⁵ ½ ١٢ don’t FDA-approved Dr. e.g. not".split(
        " "
    )
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(SCRAPS, st.text(max_size=8)), max_size=60).map(" ".join))
LINES = TEXTS.map(lambda text: text.replace("\n", " "))
DAYS = st.dates(min_value=datetime.date(1990, 1, 1))


@settings(max_examples=150, deadline=None)
@given(
    body=TEXTS,
    line=LINES,
    today=DAYS,
    language=st.sampled_from(["en", "es", "en-gb", ""]),
    kind=st.sampled_from(["procedure", "site", ""]),
)
def test_findings_never_raise_and_errors_are_those_that_stop(
    body: str, line: str, today: datetime.date, language: str, kind: str
) -> None:
    plain = make_document()
    document = make_document(
        language=language,
        kind=kind,
        summary=line,
        sections=(Section(key="overview", title=line, summary=line, body=body),),
        answers=tuple(dataclasses.replace(answer, text=line) for answer in plain.answers),
        terms=(dataclasses.replace(plain.terms[0], term=line, also=(line[:5],), definition=line),),
        sources=tuple(dataclasses.replace(source, opened=line[:10]) for source in plain.sources),
    )
    for finding in findings(document, today=today):
        assert finding.line >= 1
        assert finding.message
    assert errors(document) == tuple(one for one in findings(document, today=today) if one.level == "error")
    report(document)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_text_is_cut_and_counted_without_losing_words(text: str) -> None:
    together = " ".join(sentences(text))
    assert together.split() == text.split()
    for word in words(text):
        assert syllables(word) >= 1
    read = grade_body(text).written
    assert read.syllables >= read.words >= 0


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_same_text_gives_the_same_findings(text: str) -> None:
    document = make_document(sections=(Section(key="overview", title="Overview", body=text),))
    today = datetime.date(2026, 11, 22)
    assert findings(document, today=today) == findings(document, today=today)
