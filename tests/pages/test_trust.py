"""Who stands behind a page: what the panel says of authors, review, money, version and citation."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from procedures import publishing
from procedures.models import Clinic
from tests.conftest import make_document

from .conftest import Parsed, release
from .test_views import GUIDE_PAGES


@pytest.fixture
def panel(read):
    def words(path: str = "/testing/risks/") -> str:
        found = [text for attributes, text in read(path).all("details") if attributes.get("class") == "trust"]
        assert len(found) == 1, path
        return found[0]

    return words


@pytest.mark.parametrize("path", GUIDE_PAGES)
def test_every_page_of_a_guide_says_who_stands_behind_it(both, panel, path):
    words = panel(path)
    assert "No author is named, and no clinician has signed this text. No next review is set." in words
    assert "no cookie, no other site is asked" in words
    assert f"http://127.0.0.1:8000{path}" in words
    assert both.live.hash[:10] in words


def test_only_what_the_clinic_filled_in_is_said(both, panel):
    assert "sell" not in panel()
    assert "paid" not in panel()
    Clinic.objects.create(name="North Clinic", sells=True, paid_by="North Clinic and nobody else.")
    assert "North Clinic sells this procedure." in panel()
    assert "These pages were paid for by North Clinic and nobody else. " in panel()
    Clinic.objects.update(sells=False, paid_by="")
    assert "North Clinic does not sell this procedure." in panel()
    assert "paid for" not in panel()


def test_a_signed_text_names_its_clinician_and_the_next_review(guide, person, panel, read):
    author, doctor, publisher = person("ana", "Author"), person("dr", "Medical reviewer"), person("pub", "Publisher")
    revision = publishing.submit(guide, by=author, kind="wording")
    publishing.approve(
        revision, by=doctor, next_due=timezone.localdate() + datetime.timedelta(days=300), credentials="MD"
    )
    publishing.publish(revision, by=publisher)
    assert "The clinician above signed exactly these words." in panel()
    line = next(text for found, text in read("/testing/risks/").all("p") if found.get("class") == "review-line")
    assert line.startswith("Reviewed by dr, MD, on ")
    assert "next review due" in line


def test_a_preview_has_the_panel_that_the_page_will_have(guide, client):
    from procedures.models import preview_path

    body = client.get(f"{preview_path(guide)}risks/").content.decode()
    assert "Not yet reviewed by a clinician" in body
    assert 'class="trust"' in body


def test_every_link_of_a_preview_within_the_preview_answers(guide, client):
    from procedures.models import preview_path

    start = preview_path(guide)
    page = Parsed(client.get(start).content.decode())
    inside = {found["href"] for found, _words in page.all("a") if found.get("href", "").startswith(start)}
    assert f"{start}options/" in inside
    assert {path: client.get(path).status_code for path in inside if client.get(path).status_code != 200} == {}


def test_a_guide_in_another_language_has_the_same_tools(both, client):
    release(make_document(language="es", slug="pruebas", title="Pruebas"))
    for name in ("plan/", "take-home/", "changes/", "get-help/", "options/"):
        response = client.get(f"/es/pruebas/{name}")
        assert response.status_code == 200, name
        assert b'<html lang="es"' in response.content
    assert client.get("/es/pruebas/plan.ics").status_code == 422
    assert client.get("/feedback/?page=/es/pruebas/").status_code == 200
    assert b"/es/pruebas/changes/</loc>" in client.get("/sitemap.xml").content


def test_every_page_leads_to_feedback_about_itself(both, read):
    for path in ("/", "/about/", "/glossary/", "/testing/", "/testing/costs/"):
        assert read(path).all("a", href=f"/feedback/?page={path}"), path
