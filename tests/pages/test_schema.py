"""The `.json` twins hold what docs/schema.json says, and the whole text of their page."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from procedures.document import Section
from procedures.document.schema import FILE, written
from procedures.pages import letters
from tests.conftest import make_document

from .conftest import release

TWINS = [
    "/testing.json",
    "/testing/all.json",
    "/testing/overview.json",
    "/testing/costs.json",
    "/about.json",
    "/glossary.json",
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    found = json.loads(FILE.read_text())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def test_the_schema_in_the_docs_is_current():
    assert FILE.read_text() == written(), "run: python -m procedures.document.schema"


@pytest.mark.parametrize("path", TWINS)
def test_a_twin_is_what_the_schema_says(both, client, validator, path):
    assert [error.message[:200] for error in validator.iter_errors(client.get(path).json())] == []


def test_the_twins_of_a_long_glossary_are_what_the_schema_says(both, client, validator, monkeypatch):
    monkeypatch.setattr(letters, "WORDS", 1)
    listed = client.get("/glossary.json").json()
    assert set(listed["terms"][0]) == {"key", "term", "url"}
    for found in (listed, client.get(listed["terms"][0]["url"].partition("#")[0]).json()):
        assert [error.message[:200] for error in validator.iter_errors(found)] == []
    assert not validator.is_valid({"terms": [{**listed["terms"][0], "more": 1}]})


def test_the_schema_refuses_what_a_twin_never_holds(both, client, validator):
    good = client.get("/testing.json").json()
    for change in ({"hash": "x"}, {"reviewed": {}}, {"guide": {}}, {"extra": 1}):
        assert not validator.is_valid({**good, **change}), change
    without = dict(good)
    del without["written"]
    assert not validator.is_valid(without)
    good["guide"]["warning_signs"][0]["urgency"] = "sometime"
    assert not validator.is_valid(good)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_the_twin_of_a_section_holds_what_follows_its_body(db, client, read):
    document = make_document()
    release(make_document(sections=(*document.sections, Section(key="recovery", title="Recovery"))))
    twin = client.get("/testing/recovery.json").json()
    assert [stage["title"] for stage in twin["parts"]["stages"]] == ["The day"]
    assert {source["key"] for source in twin["sources"]} == {"paper-2008"}
    costs = client.get("/testing/costs.json").json()
    held = " ".join(texts(costs))
    for words in ("One session", "A review", "The test", "Travel"):
        assert words in held
    assert client.get("/testing/overview.json").json()["parts"] == {}
