"""A correction over a signed text: the public pages say so and mark exactly what is another than what was signed."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from procedures import publishing
from procedures.document import Document
from procedures.models import Guide, row_values, working_document
from tests.conftest import make_document, write_rows
from tests.pages.conftest import Parsed

LATER = datetime.date(2100, 1, 1)
BODY = """## What it is

First words stand here.

- one thing
- another thing
  - a thing within

| kind | price |
|---|---|
| old | low |
| new | high |

::: note
Mind this.
:::

Last words.
"""
PAGES = ("", "overview/", "risks/", "costs/", "all/", "options/", "get-help/")


def signed_document() -> Document:
    document = make_document()
    overview = replace(document.sections[0], body=BODY)
    return replace(document, sections=(overview, *document.sections[1:]))


@pytest.fixture
def signed(person) -> Guide:  # type: ignore[no-untyped-def]
    """A guide whose live text a clinician has signed."""
    guide = write_rows(signed_document())
    rea, pia = person("rea", "Medical reviewer"), person("pia", "Publisher", "Author")
    revision = publishing.submit(guide, by=pia, kind="wording")
    publishing.approve(revision, by=rea, next_due=LATER, credentials="RN")
    publishing.publish(revision, by=pia)
    guide.refresh_from_db()
    return guide


def correct(guide: Guide, kind: str = "typo") -> None:
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind=kind), by=None)


def page(client, path: str) -> Parsed:  # type: ignore[no-untyped-def]
    response = client.get(f"/testing/{path}")
    assert response.status_code == 200, path
    return Parsed(response.content.decode())


def marks(found: Parsed) -> list[tuple[str, str]]:
    """What is marked on a page, as (element, words)."""
    return [
        (name, " ".join("".join(words).split()))
        for name, given, words in found.elements
        if "changed" in given.get("class", "").split() and name not in ("a", "span")
    ]


def write(guide: Guide, old: str, new: str) -> None:
    row = guide.sections.get(key="overview")
    assert old in row.body
    row.body = row.body.replace(old, new)
    row.save()


def test_a_signed_text_marks_nothing_and_names_who_signed(signed, client):
    for path in PAGES:
        found = page(client, path)
        assert marks(found) == []
        assert "words were changed since" not in found.all("p", **{"class": "review-line"})[0][1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("First words", "First sentences", [("mark", "First sentences stand here.")]),
        ("- another thing", "- another object", [("mark", "another object")]),
        ("a thing within", "an object within", [("mark", "an object within")]),
        ("| new | high |", "| new | higher |", [("mark", "higher")]),
        ("## What it is", "## What this is", [("mark", "What this is")]),
        ("Mind this.", "Mind that.", [("mark", "Mind that.")]),
        ("Last words.", "Last words.\n\nAnd more.", [("mark", "And more.")]),
        ("- one thing\n", "", [("p", "Something was removed here since the review")]),
        ("::: note\nMind this.\n:::", "::: soon\nMind this.\n:::", [("mark", "Mind this.")]),
    ],
)
def test_one_change_in_a_body_marks_that_block_and_nothing_else(signed, client, old, new, expected):
    write(signed, old, new)
    correct(signed)
    assert marks(page(client, "overview/")) == expected
    assert marks(page(client, "all/")) == expected
    for path in ("", "risks/", "costs/", "options/", "get-help/"):
        assert marks(page(client, path)) == [], path
    assert "Changed since the review" in client.get("/testing/overview/").content.decode() or expected[0][0] == "p"


@pytest.mark.parametrize(
    ("name", "key", "changes", "where", "element"),
    [
        ("costs", "old", {"high": 700}, {"costs/", "all/"}, "li"),
        ("questions", "what", {"why": "Mixes differ much."}, {"all/"}, "li"),
        ("key_facts", "time", {"text": "Two hours"}, {"", "all/"}, "div"),
        ("answers", "wrong", {"text": "Much."}, {""}, "section"),
        ("warning_signs", "breath", {"sign": "You can hardly breathe"}, {"risks/", "get-help/", "all/"}, "li"),
        ("stages", "day-0", {"expect": "Rest well."}, {"all/"}, "li"),
        ("figures", "course", {"words": "Ten times."}, {"costs/", "all/"}, ""),
        ("claims", "trial", {"people": "21 women"}, {"", "costs/", "options/", "all/"}, "li"),
    ],
)
def test_a_changed_part_is_marked_where_it_stands_and_nowhere_else(signed, client, name, key, changes, where, element):
    part = next(item for item in working_document(signed).items(name) if item.key == key)
    row = getattr(signed, name).get(key=key)
    for field, value in row_values(replace(part, **changes)).items():
        setattr(row, field, value)
    row.save()
    correct(signed)
    for path in PAGES:
        found = page(client, path)
        noted = found.all("a", **{"class": "changed"})
        if path in where:
            assert len(noted) == 1, path
            assert noted[0][0]["href"] == "/testing/changes/"
            assert [kind for kind, _words in marks(found)] == ([element] if element else []), path
        else:
            assert noted == [], path


def test_one_cell_of_the_choice_table_is_marked(signed, client):
    row = signed.options.get(key="test")
    row.cells = {**row.cells, "harms": {"text": "Other words.", "cites": ["trial"]}}
    row.save()
    correct(signed)
    found = page(client, "options/")
    assert [words.startswith("Other words.") for _kind, words in marks(found)] == [True]
    assert len(found.all("a", **{"class": "changed"})) == 1


def test_what_was_removed_leaves_a_line_that_leads_to_the_words(signed, client):
    signed.key_facts.all().delete()
    correct(signed)
    found = page(client, "")
    assert marks(found) == [("p", "Something was removed here since the review")]
    assert "One hour" in client.get("/testing/changes/").content.decode()


def test_own_fields_titles_and_the_number_to_call_are_marked(signed, client):
    Guide.objects.filter(pk=signed.pk).update(decision="You decide.", emergency_call="112")
    signed.sections.filter(key="risks").update(title="Dangers")
    correct(signed, "safety")
    assert ("mark", "You decide.") in marks(page(client, ""))
    assert [kind for kind, _words in marks(page(client, "risks/"))] == ["p"]
    assert "112" in marks(page(client, "get-help/"))[0][1]


def test_the_page_names_who_signed_what_it_was_and_says_that_words_changed(signed, client):
    write(signed, "Last words.", "Final words.")
    correct(signed)
    for path in PAGES:
        line = page(client, path).all("p", **{"class": "review-line"})[0][1]
        assert "Reviewed by rea, RN, on" in line
        assert "words were changed since, without a new review" in line
    assert client.get("/testing/overview.md").content.decode().count("Changed since") == 0


def test_corrections_upon_corrections_are_told_against_what_was_signed(signed, client):
    write(signed, "Last words.", "Final words.")
    correct(signed)
    write(signed, "one thing", "one object")
    correct(signed)
    assert [words for _kind, words in marks(page(client, "overview/"))] == ["one object", "Final words."]


def test_signed_again_or_taken_down_in_between_nothing_is_marked(signed, client, person):
    ana, rea = person("ana", "Author", "Publisher"), person("ruth", "Medical reviewer")
    write(signed, "Last words.", "Final words.")
    correct(signed)
    publishing.withdraw(signed, by=ana, why="To be looked at.")
    correct(signed, "wording")
    found = page(client, "overview/")
    assert marks(found) == []
    assert "Not yet reviewed by a clinician" in found.all("p", **{"class": "review-line"})[0][1]
    revision = publishing.submit(signed, by=ana, kind="wording")
    publishing.approve(revision, by=rea, next_due=LATER, credentials="RN")
    publishing.publish(revision, by=ana)
    assert marks(page(client, "overview/")) == []


def test_it_costs_no_query_more(signed, client, django_assert_max_num_queries):
    write(signed, "Last words.", "Final words.")
    correct(signed)
    for path in PAGES:
        with django_assert_max_num_queries(3):
            client.get(f"/testing/{path}")


def test_paper_says_it_too(signed, client):
    row = signed.options.get(key="none")
    row.cells = {**row.cells, "cost": {"text": "Nothing.", "cites": ["trial"]}}
    row.save()
    correct(signed)
    text = client.get("/testing/take-home/").content.decode()
    assert text.count("Changed since the review") == 1
    assert "words were changed since" in text
