"""Each public page: that it answers, what it says, and what it costs."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection

from procedures import publishing
from procedures.document import CELL_KEYS, Cell, CellState, Option, Section
from procedures.models import Clinic, GlossaryTerm, Guide, Review, Revision, triggers
from tests.conftest import make_document

from .conftest import release

GUIDE_PAGES = [
    "/testing/",
    "/testing/overview/",
    "/testing/risks/",
    "/testing/costs/",
    "/testing/all/",
    "/testing/options/",
    "/testing/get-help/",
]
TOOLS = ["/testing/plan/", "/testing/take-home/", "/testing/changes/"]
"""Pages of a guide with tests of their own: test_plan, test_take_home, test_history."""
PAGES = ["/", *GUIDE_PAGES, "/glossary/", "/about/", "/editorial-policy/"]
OTHERS = [
    "/testing.md", "/testing.json", "/testing/all.md", "/testing/all.json", "/testing/risks.md", "/testing/risks.json",
    "/about.md",
    "/about.json",
    "/glossary.md", "/glossary.json", "/sitemap.xml", "/robots.txt",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_a_page_answers_with_at_most_three_queries(both, client, django_assert_max_num_queries, path):
    assert connection.features.supports_json_field  # asked once in the life of a process, by whichever page is first
    with django_assert_max_num_queries(3):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_no_page_sets_a_cookie_or_depends_on_one(both, client, path):
    response = client.get(path)
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_who_has_the_bytes_is_told_so(both, client, path):
    first = client.get(path)
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    again = client.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", etag)
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_h1_and_a_language(both, read, path):
    page = read(path)
    assert len(page.all("h1")) == 1
    assert page.all("html", lang="en")
    assert page.all("main", id="main")
    assert page.all("link", rel="canonical")[0][0]["href"] == f"http://127.0.0.1:8000{path}"
    assert not [1 for _tag, attributes, _words in page.elements if "style" in attributes]
    # Both are data: a browser runs neither. test_inline holds the bytes of the second, test_ahead what it does.
    data = ["application/ld+json", *(["speculationrules"] if path in GUIDE_PAGES else [])]
    assert [found for found, _words in page.all("script")] == [{"type": kind} for kind in data]


def test_titles_and_headings_are_unique(both, read):
    titles = [read(path).all("title")[0][1] for path in PAGES]
    assert len(set(titles)) == len(titles)


def test_home_answers_the_five_questions_when_there_is_one_guide(both, read):
    headings = [words for _found, words in read("/").all("h2")]
    assert headings[:5] == [
        "Is it approved and does it work?",
        "What can go wrong?",
        "Am I someone who should not have it?",
        "What will it cost me?",
        "Something is wrong after my treatment",
    ]


@pytest.mark.parametrize("some", [True, False])
def test_home_leads_to_the_choices_where_the_one_guide_has_some(some, site_pages, client):
    release(make_document() if some else make_document(options=()))
    assert (b'<a href="/testing/options/">Compare the choices</a>' in client.get("/").content) is some


def test_home_lists_several_guides_from_a_to_z(both, read):
    release(make_document(folder="aaa", slug="another", title="Another"))
    page = read("/")
    assert [found["href"] for found, words in page.all("a") if words in ("Another", "Testing")] == [
        "/another/",
        "/testing/",
    ]
    assert "Is it approved and does it work?" not in [words for _found, words in page.all("h2")]


def test_home_says_when_nothing_is_published(db, client):
    assert b"No guide has been published yet." in client.get("/").content


def test_next_leads_from_the_first_section_to_the_last_and_back(both, read):
    for rel, chain in (
        ("next", ["/testing/overview/", "/testing/risks/", "/testing/costs/"]),
        ("prev", ["/testing/costs/", "/testing/risks/", "/testing/overview/"]),
    ):
        walked, path = [], chain[0]
        while path:
            walked.append(path)
            links = read(path).all("a", rel=rel)
            path = links[0][0]["href"] if links else ""
        assert walked == chain


def test_the_contents_name_the_page_one_is_on(both, read):
    current = [words for _found, words in read("/testing/risks/").all("a", **{"aria-current": "page"})]
    assert current
    assert set(current) == {"Risks"}
    assert ("3 of 3 · Costs") in [words for _found, words in read("/testing/costs/").all("summary")]


@pytest.mark.parametrize("path", [page for page in GUIDE_PAGES if page != "/testing/get-help/"])
def test_every_page_of_a_guide_leads_to_help(both, read, path):
    assert [
        words
        for found, words in read(path).all("a")
        if found.get("href") == "/testing/get-help/" and "something is wrong now" in words
    ]


def test_get_help_names_the_number_and_the_signs(both, read):
    page = read("/testing/get-help/")
    assert page.all("a", href="tel:911")
    assert page.all("h2", id="signs-emergency")[0][1] == "Call 911 now if you have:"
    assert page.all("li", id="breath")


def test_the_clinic_s_phones_stand_on_get_help_once_they_are_filled_in(both, client):
    assert b"The clinic:" not in client.get("/testing/get-help/").content
    Clinic.objects.create(name="North Clinic", phone="555-0100")
    body = client.get("/testing/get-help/").content.decode()
    assert "555-0100" in body
    assert "<title>When to get help – Testing – North Clinic</title>" in body


def test_parts_follow_the_section_they_belong_to(db, read):
    document = make_document()
    sections = (
        *document.sections,
        Section(key="recovery", title="Recovery"),
        Section(key="candidacy", title="For you?"),
    )
    release(replace(document, sections=sections))
    ids = {"risks": "signs", "costs": "prices", "recovery": "stages", "candidacy": "questions"}
    for section, part in ids.items():
        found = {name for name in ids.values() if read(f"/testing/{section}/").all("h2", id=name)}
        assert found == {part}
    whole = read("/testing/all/")
    assert all(len(whole.all("h2", id=part)) == 1 for part in ids.values())


def test_the_whole_guide_keeps_parts_whose_section_it_lacks(both, read):
    whole = read("/testing/all/")
    assert {found["id"] for found, _words in whole.all("h2") if "id" in found} >= {
        "stages",
        "questions",
        "signs",
        "prices",
    }


def test_ids_are_unique_on_every_page(both, read):
    for path in PAGES:
        ids = [attributes["id"] for _tag, attributes, _words in read(path).elements if "id" in attributes]
        assert sorted(ids) == sorted(set(ids)), path


def test_marks_lead_to_entries_and_claims_show_what_they_rest_on(both, client, read):
    page = read("/testing/overview/")
    targets = {found["href"] for found, _words in page.all("a") if found.get("href", "").startswith("#source-")}
    entries = {f"#{found['id']}" for found, _words in page.all("li") if found.get("id", "").startswith("source-")}
    assert targets == entries != set()
    body = client.get("/testing/overview/").content.decode()
    assert "Controlled trial · 20 women · Women in Seoul · 2008" in body
    assert 'href="https://doi.org/10.1000/x"' in body
    assert "How sure each finding is has not been graded yet." in body


def test_the_page_says_that_no_clinician_has_reviewed_it(both, read):
    lines = [words for found, words in read("/testing/risks/").all("p") if found.get("class") == "review-line"]
    assert len(lines) == 1
    assert lines[0].startswith("Not yet reviewed by a clinician · written ")


def test_the_choice_table_gives_every_option_every_row(db, read):
    empty = {key: Cell() for key in CELL_KEYS}
    cells = {
        **empty,
        "what": Cell(state=CellState.TEXT, text="A."),
        "harms": Cell(state=CellState.NO_GOOD_EVIDENCE, cites=("trial",)),
    }
    options = (
        Option(key="a", name="First", role="this", cells=cells),
        Option(key="b", name="Nothing", role="nothing", cells=empty),
    )
    release(make_document(options=options))
    page = read("/testing/options/")
    assert [words for _found, words in page.all("div", role="columnheader")] == ["First", "Nothing"]
    assert len(page.all("div", role="rowheader")) == 11
    assert len(page.all("div", role="row")) == 12
    words = [words for found, words in page.all("div", role="cell") if "data-name" in found]
    assert len(words) == 22
    assert any(word.startswith("We found no good evidence.") for word in words)
    assert words.count("We have not looked into this.") == 20


def test_the_choice_table_is_neither_there_nor_linked_when_it_is_empty(db, client, read):
    document = make_document(options=())
    release(document)
    assert client.get("/testing/options/").status_code == 404
    links = {found.get("href") for found, _words in read("/testing/").all("a")}
    assert "/testing/options/" not in links


def test_signs_say_in_which_span_since_the_treatment_they_count(db, read):
    sign = make_document().warning_signs[0]
    made = [
        replace(sign, key="always"),
        replace(sign, key="early", urgency="soon", to_days=2),
        replace(sign, key="late", urgency="soon", from_hours=72),
        replace(sign, key="last", urgency="same-day", from_hours=22 * 24),
        replace(sign, key="weeks", urgency="same-day", from_hours=10 * 24, to_days=15),
    ]
    release(replace(make_document(), warning_signs=tuple(made), stages=()))
    page = read("/testing/get-help/")
    spans = {
        found["id"]: found.get("class", "")
        for found, _words in page.all("li")
        if found.get("id") in {item.key for item in made}
    }
    assert spans == {
        "always": "",
        "early": "when-1",
        "late": "when-1 when-2 when-3 when-4",
        "last": "when-4",
        "weeks": "when-2 when-3",
    }
    radios = [found["id"] for found, _words in page.all("input", type="radio")]
    assert radios == ["when-0", "when-1", "when-2", "when-3", "when-4"]


def test_the_emergency_card_stands_before_the_question_about_time(both, client):
    body = client.get("/testing/get-help/").content.decode()
    assert "How long ago was your treatment?" not in body  # its one sign is an emergency, which has no time
    assert 'id="signs-emergency"' in body


def test_two_choices_are_ticked_and_every_choice_can_be(both, read):
    page = read("/testing/options/")
    boxes = [found for found, _words in page.all("input", type="checkbox")]
    assert ["checked" in found for found in boxes] == [True, True, *[False] * 10]  # and what matters to the reader
    assert all("name" not in found for found in boxes)


def test_questions_have_a_box_to_tick_that_nothing_sends(both, read):
    page = read("/testing/all/")
    assert page.all("label", **{"for": "ask-what"})
    assert page.all("input", id="ask-what", type="checkbox")
    assert not page.all("form")


def test_every_link_of_every_page_answers(both, client, read):
    for path in PAGES:
        for tag in ("a", "link"):
            for found, _words in read(path).all(tag):
                href = found.get("href", "")
                if href.startswith("/") and not href.startswith("/static/"):
                    assert client.get(href.split("#")[0]).status_code == 200, (path, href)


def test_a_change_of_the_working_text_changes_no_released_page(both, client):
    before = {path: client.get(path).content for path in PAGES}
    both.title, both.slug = "Changed", "elsewhere"
    both.save()
    both.sections.update(title="Changed", body="Changed.")
    both.answers.all().delete()
    assert {path: client.get(path).content for path in PAGES} == before


def test_the_glossary_is_the_union_of_live_terms(both, read):
    document = make_document(folder="b", slug="b", title="B")
    term = replace(document.terms[0], key="wire", term="Wire", definition="A thin thing.")
    body = "A [wire](glossary:wire).\n"
    release(
        replace(
            document, terms=(term,), sections=(Section(key="overview", title="O", body=body), *document.sections[1:])
        )
    )
    assert [words for _found, words in read("/glossary/").all("dt")] == ["Probe", "Wire"]


def test_of_two_wordings_of_a_word_the_glossary_keeps_the_one_handed_in_last(both, read):
    """Both on one day, and the guide of the later wording first in every list."""
    release(make_document(folder="b", slug="b", title="Zebra"))
    term = GlossaryTerm.objects.get(key="probe")
    term.definition = "A newer meaning."
    term.save()
    publishing.publish_unreviewed(publishing.submit(both, by=None, kind="typo"), by=None)
    assert "A newer meaning." in [words for _found, words in read("/glossary/").all("dd")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("down", [False, True])
def test_a_text_handed_in_by_a_program_of_before_answers_at_its_address(down, both, client):
    if down:
        Guide.objects.filter(pk=both.pk).update(live=None, withdrawn=both.live)
    with connection.schema_editor() as editor:
        triggers.drop(apps, editor)
        Revision.objects.update(slug=None)
        triggers.create(apps, editor)
    assert client.get("/testing/risks/").status_code == (410 if down else 200)


def test_a_translation_names_its_twin_in_the_other_language(both, client, read):
    release(make_document(language="es", slug="prueba", title="Prueba"))
    assert read("/es/prueba/").all("html", lang="es")
    for path in ("/testing/risks/", "/es/prueba/risks/"):
        others = {
            found["hreflang"]: found["href"]
            for found, _words in read(path).all("link", rel="alternate")
            if "hreflang" in found
        }
        assert others == {
            "en": "http://127.0.0.1:8000/testing/risks/",
            "es": "http://127.0.0.1:8000/es/prueba/risks/",
        }
    assert client.get("/es/testing/").status_code == 404
    assert client.get("/en/testing/").status_code == 404
    assert read("/es/").all("html", lang="es")
    assert read("/es/glossary/").all("html", lang="es")


def test_the_sitemap_lists_every_page_and_nothing_else(both, client):
    import re

    found = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert sorted(found) == sorted(f"http://127.0.0.1:8000{path}" for path in PAGES + TOOLS)


def test_json_twins_hold_the_document_and_say_who_reviewed_it(both, client):
    twin = json.loads(client.get("/testing.json").content)
    assert twin["guide"]["title"] == "Testing"
    assert twin["hash"] == both.live.hash
    assert twin["reviewed"] is None
    section = json.loads(client.get("/testing/risks.json").content)
    assert section["section"]["key"] == "risks"
    assert [source["key"] for source in section["sources"]] == ["agency-2020"]


def test_a_markdown_twin_reads_as_its_content_file(both, client):
    import yaml

    response = client.get("/testing/overview.md")
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    _before, front, body = response.content.decode().split("---\n", 2)
    assert yaml.safe_load(front) == {"title": "Overview", "summary": "In short."}
    assert "It is a [probe](glossary:probe).[^trial]" in body
    assert "<https://doi.org/10.1000/x>" in body


def test_a_guide_that_is_being_written_is_as_unknown_as_any_other_address(site_pages, guide, client):
    unknown = client.get("/nothing-here/")
    for path in ("/testing/", "/testing/risks/", "/testing/options/", "/testing.json", "/no/such/place/at/all/"):
        response = client.get(path)
        assert (response.status_code, response.content) == (404, unknown.content), path
        assert "ETag" not in response.headers


def test_site_pages_stand_at_the_root(both, read):
    assert read("/about/").all("h1")[0][1] == "About"
    footer = {
        found["href"]
        for found, _words in read("/testing/").all("a")
        if found.get("href") in ("/about/", "/editorial-policy/")
    }
    assert footer == {"/about/", "/editorial-policy/"}


def test_signs_that_belong_to_two_sections_stand_once_on_the_whole_guide(db, read):
    document = make_document()
    release(replace(document, sections=(*document.sections, Section(key="side-effects", title="Side effects"))))
    assert read("/testing/side-effects/").all("h2", id="signs")
    assert read("/testing/risks/").all("h2", id="signs")
    assert len(read("/testing/all/").all("h2", id="signs")) == 1


def test_a_signature_under_another_text_is_not_shown(both, client, person):
    Review.objects.create(
        revision=both.live,
        hash="0" * 64,
        by=person("rea", "Medical reviewer"),
        name="Rea Doe",
        credentials="MD",
        date=datetime.date(2026, 11, 1),
        next_due=datetime.date(2099, 11, 1),
    )
    body = client.get("/testing/risks/").content.decode()
    assert "Rea Doe" not in body
    assert "Not yet reviewed by a clinician" in body


def test_an_overdue_review_says_so(both, client, person):
    Review.objects.create(
        revision=both.live,
        hash=both.live.hash,
        by=person("rea", "Medical reviewer"),
        name="Rea Doe",
        credentials="MD",
        date=datetime.date(2020, 1, 1),
        next_due=datetime.date(2021, 1, 1),
    )
    body = client.get("/testing/risks/").content.decode()
    assert "Reviewed by Rea Doe, MD, on January 1, 2020" in body
    assert "the review is overdue: this text may be out of date" in body
