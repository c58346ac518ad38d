"""The changes page, the feed and the page that says whether a printed copy is current."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ET

import pytest
import time_machine
from django.utils import timezone

from procedures import publishing
from procedures.document import DiffPiece
from procedures.models import Guide, Revision
from procedures.pages.releases import shortened

ATOM = "{http://www.w3.org/2005/Atom}"


def again(guide: Guide, *, kind: str = "wording", note: str = "", summary: str = "") -> Revision:
    """Releases the guide once more with another summary."""
    guide.refresh_from_db()
    guide.summary = summary or f"{guide.summary} More."
    guide.save()
    revision = publishing.submit(guide, by=None, kind=kind, note=note)
    publishing.publish_unreviewed(revision, by=None)
    guide.refresh_from_db()
    return revision


def mark(guide: Guide) -> str:
    return guide.live.hash[:10]


def test_a_release_is_told_with_kind_reason_reviewer_and_words(both, client):
    again(both, kind="evidence", note="A new trial.", summary="What testing really is.[^trial]")
    body = client.get("/testing/changes/").content.decode()
    assert ": evidence</h2>" in body
    assert "A new trial." in body
    assert "No clinician has signed it" in body
    assert "The first release." in body
    assert '<ins><span class="hidden">new: </span>really ' in body or "really</ins>" in body
    assert "[source]" in body
    assert "[^trial]" not in body


def test_markup_in_a_changed_text_stays_text(both, client):
    again(both, note="<b>bold</b>", summary="<script>alert(1)</script>[^trial]")
    body = client.get("/testing/changes/").content.decode()
    assert "<script>alert" not in body
    assert "<b>" not in body


def test_ten_releases_stand_on_a_page(both, client, read, django_assert_max_num_queries):
    for number in range(11):
        again(both, note=f"note {number}")
    first, second = read("/testing/changes/"), read("/testing/changes/?page=2")
    ids = [[found["id"] for found, _ in page.all("section") if "id" in found] for page in (first, second)]
    assert ids == [[f"release-{number}" for number in range(12, 2, -1)], ["release-2", "release-1"]]
    assert first.all("a", rel="next", href="?page=2")
    assert second.all("a", rel="prev", href="?page=1")
    with django_assert_max_num_queries(6):
        client.get("/testing/changes/")


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999", "x", "²", "", "1e3", "%00", "2&page=3"])
def test_a_page_that_is_not_there_is_the_nearest_one(both, client, page):
    assert client.get(f"/testing/changes/?page={page}").status_code == 200


def test_a_change_for_safety_stays_on_top_for_twelve_months(both, client):
    again(both, kind="safety", note="Do not use it.")
    again(both)
    assert "Changed for safety in the last 12 months" in client.get("/testing/changes/").content.decode()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=366), tick=False):
        assert "Changed for safety" not in client.get("/testing/changes/").content.decode()


def test_the_feed_tells_of_every_release_and_only_of_releases(both, client):
    again(both, kind="safety", note="Do not use it.")
    both.summary = "Handed in, not released."
    both.save()
    publishing.submit(both, by=None, kind="wording", note="secret")
    response = client.get("/feed.xml")
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    root = ET.fromstring(response.content)
    entries = root.findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}title").text for entry in entries] == ["Testing: safety", "Testing: wording"]
    assert len({entry.find(f"{ATOM}id").text for entry in entries}) == 2
    link = entries[0].find(f"{ATOM}link").get("href")
    assert link == f"http://127.0.0.1:8000/v/{mark(both)}/"
    assert b"secret" not in response.content
    assert client.get("/feed.xml", headers={"if-none-match": response.headers["ETag"]}).status_code == 304


def test_a_note_with_control_characters_does_not_break_the_feed(both, client):
    again(both, kind="safety", note="Pasted\x0bfrom a word processor\x1f\ufffe.")
    response = client.get("/feed.xml")
    assert response.status_code == 200
    entry = ET.fromstring(response.content).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}summary").text == "Pasted\ufffdfrom a word processor\ufffd\ufffd."


def test_the_feed_is_there_before_anything_is_published(db, client):
    first, second = client.get("/feed.xml"), client.get("/feed.xml")
    assert first.status_code == 200
    assert first.content == second.content


def test_the_head_of_a_page_names_the_feed_and_the_sitemap_the_changes(both, read, client):
    assert read("/testing/").all("link", type="application/atom+xml", href="/feed.xml")
    assert b"/testing/changes/</loc>" in client.get("/sitemap.xml").content


def test_a_current_copy_is_called_current(both, read):
    page = read(f"/v/{mark(both)}/")
    assert any(words.startswith("Your copy is current") for _found, words in page.all("p"))


def test_an_older_copy_is_told_since_when_and_what_differs(both, client):
    older = mark(both)
    again(both, kind="safety", note="Do not use it.", summary="What testing does.[^trial]")
    body = client.get(f"/v/{older}/").content.decode()
    assert "Your copy is out of date since " in body
    assert "Do not use it." in body
    assert "does" in body
    assert "<ins>" in body
    assert 'href="/testing/take-home/"' in body


def test_the_copy_of_a_guide_that_was_taken_down_says_so(both, person, client):
    copy = mark(both)
    publishing.withdraw(both, by=person("pub", "Publisher"), why="A wrong dose")
    response = client.get(f"/v/{copy}/")
    assert response.status_code == 200
    assert b"has been taken down" in response.content
    assert b"wrong dose" not in response.content
    assert client.get("/testing/changes/").status_code == 410


def test_an_unknown_version_is_a_404_with_a_sentence_and_drafts_are_unknown(both, client):
    both.summary = "Another."
    both.save()
    draft = publishing.submit(both, by=None, kind="wording")
    for asked in ("unknown", draft.hash[:10], mark(both)[:9], both.live.hash, "x" * 3000, "%00", "%F0%9F%98%80", ""):
        response = client.get(f"/v/{asked}/".replace("//", "/"))
        assert response.status_code == 404, asked
        assert b"We do not know this version" in response.content


def test_long_unchanged_text_is_cut_to_what_stands_around_a_change():
    text = "word " * 200
    pieces = shortened([DiffPiece(text, "same"), DiffPiece("new", "added"), DiffPiece(text, "same")])
    assert [piece.kind for piece in pieces] == ["same", "added", "same"]
    assert all(len(piece.text) < 100 for piece in pieces)
    assert pieces[0].text.startswith("…")
    assert pieces[2].text.endswith("…")


def test_the_signs_of_authors_are_not_shown_to_readers(both, client):
    both.sections.filter(key="overview").update(body="## What it is\n\nIt is one [probe](glossary:probe).[^trial]\n")
    again(both)
    body = client.get("/testing/changes/").content.decode()
    assert '<span class="label">text:</span>' in body
    assert "glossary:probe" not in body
    assert "## " not in body
