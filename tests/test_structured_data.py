"""What machines are told: only what is on the page, and nothing that can break out of it."""

from __future__ import annotations

import datetime
import json
import re

import pytest

from procedures import publishing
from procedures.document import Section, Source
from procedures.models import Clinic
from procedures.rendering import data_block
from tests.conftest import make_document
from tests.pages.conftest import release, site_document

ATTACK = "</script><script>alert(1)</script><!-- & \u2028"


def graph(client, path: str):
    body = client.get(path).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    assert len(blocks) == 1
    return json.loads(blocks[0])


def types(found, kind: str) -> list[dict]:
    if isinstance(found, dict):
        own = [found] if found.get("@type") == kind else []
        return own + [item for value in found.values() for item in types(value, kind)]
    return [item for value in found for item in types(value, kind)] if isinstance(found, list) else []


@pytest.fixture
def pages(db):
    release(site_document())
    return release(make_document())


def test_no_text_can_leave_the_block():
    block = data_block({"name": ATTACK})
    assert not set("<>&\u2028") & set(block)
    assert json.loads(block) == {"name": ATTACK}


def test_hostile_titles_stay_inside_the_block(db, client):
    source = Source(key="agency-2020", title=ATTACK[:60], publisher=ATTACK, kind="k", how="primary", supports=("EV-1",))
    document = make_document(title="Testing </script><b>", sources=(source, make_document().sources[1]))
    release(document)
    for path in ("/testing/", "/testing/risks/", "/testing/all/", "/"):
        assert graph(client, path)
        assert "<script>alert" not in client.get(path).content.decode()


def test_a_section_is_a_medical_page_for_patients(pages, client):
    page = types(graph(client, "/testing/risks/"), "MedicalWebPage")[0]
    assert page["name"] == "Risks"
    assert page["audience"] == {"@type": "Patient"}
    assert page["inLanguage"] == "en"
    assert page["isPartOf"]["url"] == "http://127.0.0.1:8000/testing/"
    assert page["publishingPrinciples"] == "http://127.0.0.1:8000/editorial-policy/"
    assert page["citation"] == ["https://example.org/notice"]
    assert "aspect" not in page


def test_the_trail_matches_the_breadcrumbs(pages, client):
    items = types(graph(client, "/testing/risks/"), "BreadcrumbList")[0]["itemListElement"]
    assert [(item["position"], item["name"], item["item"]) for item in items] == [
        (1, "Home", "http://127.0.0.1:8000/"),
        (2, "Testing", "http://127.0.0.1:8000/testing/"),
        (3, "Risks", "http://127.0.0.1:8000/testing/risks/"),
    ]


def test_status_and_description_of_the_procedure_stand_only_where_they_are_shown(pages, client):
    shown = types(graph(client, "/testing/"), "MedicalTherapy")[0]
    assert shown["legalStatus"] == "compounded; not approved. Nobody has checked it."
    assert shown["description"] == "What testing is."
    elsewhere = types(graph(client, "/testing/costs/"), "MedicalTherapy")[0]
    assert set(elsewhere) == {"@type", "@id", "name", "mainEntityOfPage"}


def test_no_reviewer_is_named_where_nobody_has_signed(pages, client):
    for path in ("/testing/", "/testing/risks/", "/testing/all/"):
        page = types(graph(client, path), "MedicalWebPage")[0]
        assert "reviewedBy" not in page
        assert "lastReviewed" not in page


def test_a_reviewer_who_signed_this_text_is_named_on_page_and_graph(pages, client, person):
    today = datetime.date(2026, 11, 22)
    pages.sections.filter(key="risks").update(body="## New\n\nWords.\n")
    revision = publishing.submit(pages, by=person("ana", "Author"), kind="evidence")
    publishing.approve(revision, by=person("rea", "Medical reviewer"), next_due=today.replace(year=2099))
    publishing.publish(revision, by=person("pia", "Publisher"))
    page = types(graph(client, "/testing/risks/"), "MedicalWebPage")[0]
    name = page["reviewedBy"]["name"]
    assert name
    body = client.get("/testing/risks/").content.decode()
    assert f"Reviewed by {name}" in body
    assert "Not yet reviewed" not in body


def test_home_glossary_and_site_pages_describe_themselves(pages, client):
    Clinic.objects.create(name="North Clinic")
    assert graph(client, "/")["name"] == "North Clinic"
    terms = graph(client, "/glossary/")["hasDefinedTerm"]
    assert [term["name"] for term in terms] == ["Probe"]
    assert graph(client, "/about/")["@type"] == "WebPage"


def test_a_page_without_citations_names_none(db, client):
    document = make_document(sections=(Section(key="overview", title="Overview", body="Plain words.\n"),), figures=())
    release(document)
    assert "citation" not in types(graph(client, "/testing/overview/"), "MedicalWebPage")[0]
