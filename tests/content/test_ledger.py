"""Every fact is answered on the page, word for word, with its proof beside it."""

from __future__ import annotations

import copy
import dataclasses
import re
from typing import Any

from procedures.document import Document

from .ledger import faults

Ledger = dict[str, list[dict[str, str]]]


def with_body(document: Document, key: str, body: str) -> Document:
    sections = tuple(
        dataclasses.replace(section, body=body) if section.key == key else section for section in document.sections
    )
    return dataclasses.replace(document, sections=sections)


def test_there_are_ninety_one_facts_and_twenty_five_corrections(rows: dict[str, Any], ledger: Ledger) -> None:
    assert (len(rows["facts"]), len(rows["corrections"])) == (91, 25)
    assert (len(ledger["facts"]), len(ledger["corrections"])) == (91, 25)


def test_the_page_answers_every_fact_and_meets_every_correction(
    mesotherapy: Document, ledger: Ledger, rows: dict[str, Any]
) -> None:
    assert not list(faults(mesotherapy, ledger, rows))


def test_a_sentence_changed_on_the_page_is_found(mesotherapy: Document, ledger: Ledger, rows: dict[str, Any]) -> None:
    entry = next(one for one in ledger["facts"] if one["id"] == "OV-2")
    section = mesotherapy.section(entry["section"])
    assert section is not None
    name = "Michel Pistor"
    assert name in entry["says"]
    broken = with_body(mesotherapy, section.key, section.body.replace(name, "Michel P."))
    assert any(fault.startswith("OV-2:") for fault in faults(broken, ledger, rows))


def test_a_changed_says_is_found(mesotherapy: Document, ledger: Ledger, rows: dict[str, Any]) -> None:
    for place in range(0, 91, 13):
        broken = copy.deepcopy(ledger)
        broken["facts"][place]["says"] = broken["facts"][place]["says"].replace(" ", "  ", 1)
        name = broken["facts"][place]["id"]
        assert any(fault.startswith(f"{name}:") for fault in faults(mesotherapy, broken, rows))


def test_marks_taken_away_are_found(mesotherapy: Document, ledger: Ledger, rows: dict[str, Any]) -> None:
    for section in mesotherapy.sections:
        bare = with_body(mesotherapy, section.key, re.sub(r"\[\^[^\]]+\]", "", section.body))
        ours = [one for one in ledger["facts"] if one["section"] == section.key and rows["facts"][one["id"]]["by"]]
        wanted = {one["id"] for one in ours if not rows["facts"][one["id"]]["ok"]}
        found = {fault.partition(":")[0] for fault in faults(bare, ledger, rows)}
        assert wanted, section.key
        assert len(wanted - found) <= 1, section.key  # one may be answered in the summary


def test_a_missing_a_doubled_and_an_overused_answer_are_found(
    mesotherapy: Document, ledger: Ledger, rows: dict[str, Any]
) -> None:
    less = {**ledger, "facts": ledger["facts"][1:]}
    assert f"{ledger['facts'][0]['id']} is not answered" in faults(mesotherapy, less, rows)
    more = {**ledger, "facts": [*ledger["facts"], ledger["facts"][0]]}
    assert f"{ledger['facts'][0]['id']} is answered twice" in faults(mesotherapy, more, rows)
    same = [{**entry, "says": ledger["facts"][0]["says"]} for entry in ledger["facts"]]
    assert any(fault.endswith("answers 91 ids") for fault in faults(mesotherapy, {**ledger, "facts": same}, rows))
