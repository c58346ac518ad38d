"""Who stands behind a page: what the panel says of authors, review, money, version and citation."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from procedures import publishing
from procedures.models import Clinic

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


def test_a_preview_has_no_version_to_cite_and_asks_for_no_feedback(guide, client):
    from procedures.models import preview_path

    body = client.get(f"{preview_path(guide)}risks/").content.decode()
    assert "Not yet reviewed by a clinician" in body
    assert 'class="trust"' not in body
    assert "/feedback/" not in body


def test_every_page_leads_to_feedback_about_itself(both, read):
    for path in ("/", "/about/", "/glossary/", "/testing/", "/testing/costs/"):
        assert read(path).all("a", href=f"/feedback/?page={path}"), path
