"""The style guide shows every component, to staff only."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client

from procedures.document import document_faults
from procedures.pages import examples, stylesheet

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"


def test_only_staff_see_the_style_guide(client: Client, person, django_user_model) -> None:
    assert client.get("/admin/styles/").headers["Location"] == "/admin/login/?next=/admin/styles/"
    client.force_login(django_user_model.objects.create_user("patient", password="a-long-pass-word"))
    assert client.get("/admin/styles/").status_code == 302
    client.force_login(person("ana", "Author"))
    assert client.get("/admin/styles/").status_code == 200


def test_every_component_is_shown(client: Client, person, live_guide) -> None:
    client.force_login(person("ana", "Author"))
    answer = client.get("/admin/styles/")
    shown = {template.name for template in answer.templates}
    assert {f"components/{file.name}" for file in COMPONENTS.glob("*.html")} - shown == set()
    html = answer.content.decode()
    assert f"<style>{stylesheet.JOINED.read_text()}</style>" in html
    assert "css/admin.css" not in html
    assert html.count("Real text") == html.count("Right to left") - 1  # once more in the sentence above
    for mark in ("What testing is.", examples.WORD, 'dir="rtl"', "זריקות", "the review is overdue"):
        assert mark in html, mark


def test_no_id_stands_twice_and_every_reference_leads_somewhere(client: Client, person, live_guide) -> None:
    client.force_login(person("ana", "Author"))
    html = client.get("/admin/styles/").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) > 50
    assert len(set(ids)) == len(ids), {name for name in ids if ids.count(name) > 1}
    named = re.findall(r'\s(?:for|aria-labelledby)="([^"]+)"', html)
    assert set(named) <= set(ids), set(named) - set(ids)


def test_the_made_guides_could_be_real() -> None:
    for document in (examples.harsh(), examples.empty(), examples.right_to_left()):
        assert document_faults(document) == []
    assert len(examples.WORD) == 60
    assert len(examples.harsh().title) == 200
    assert len(examples.harsh().sources) == 40
