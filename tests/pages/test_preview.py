"""A signed link shows one unreleased text for a while, and nothing else."""

from __future__ import annotations

import datetime
import difflib
import re

import pytest
import time_machine

from procedures import publishing
from procedures.models import Revision, preview_path, stop_previews
from tests.conftest import make_document

from .conftest import release

BANNER = re.compile(r'\n<div class="banner">.*?</div>\n', re.S)


@pytest.mark.parametrize("page", ["", "risks/", "all/", "options/", "get-help/"])
def test_a_preview_shows_the_working_text_on_the_real_pages(guide, client, page):
    guide.sections.filter(key="risks").update(title="New risks")
    response = client.get(f"{preview_path(guide)}{page}")
    body = response.content.decode()
    assert response.status_code == 200
    assert "Preview: patients do not see this text yet." in body
    assert '<meta name="robots" content="noindex">' in body
    assert 'rel="canonical"' not in body
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    if page in ("risks/", "all/"):
        assert "New risks" in body


def test_a_preview_of_a_revision_does_not_move_with_the_working_text(guide, client):
    revision = publishing.submit(guide, by=None, kind=Revision.Change.WORDING)
    guide.sections.filter(key="risks").update(title="Later words")
    assert "Later words" not in client.get(f"{preview_path(guide, revision)}risks/").content.decode()


def test_the_banner_leads_on_within_the_preview_and_the_page_where_it_will_lead(guide, client):
    path = preview_path(guide)
    body = client.get(f"{path}risks/").content.decode()
    banner = BANNER.search(body)[0]
    for page in ("", "overview/", "costs/", "options/", "get-help/", "take-home/", "all/"):
        assert f'href="{path}{page}"' in banner
    assert f'href="{path}risks/" aria-current="page"' in banner
    assert path not in body.replace(banner, "")


def plain(response):
    """A page without what a preview alone may have: its banner, what it tells robots, and no canonical address."""
    body = BANNER.sub("", response.content.decode())
    return re.sub(r'<(?:meta name="robots"|link rel="canonical")[^>]*>\n', "", body)


def same_on_every_page(client, guide, preview, pages):
    wrong, seen = [], 0
    shown = {page: client.get(f"{preview}{page}") for page in pages}
    yield
    for page, response in shown.items():
        public = client.get(f"/testing/{page}")
        assert (response.status_code, public.status_code) == (200, 200), page
        assert BANNER.search(response.content.decode()), page
        assert not BANNER.search(public.content.decode()), page
        seen += 1
        if plain(response) != plain(public):
            wrong += list(difflib.unified_diff(plain(response).split("\n"), plain(public).split("\n"), n=0))[:8]
    assert not wrong, "\n".join(wrong)
    assert seen == len(pages)
    yield


PAGES = ("", "overview/", "risks/", "costs/", "all/", "options/", "get-help/", "take-home/")


@pytest.mark.parametrize("before", ["new", "over unsigned text", "over signed text"])
def test_a_signed_text_is_previewed_byte_for_byte_as_it_is_published(site_pages, guide, client, person, before):
    rea, pia = person("rea", "Medical reviewer"), person("pia", "Publisher", "Author")
    if before != "new":
        first = publishing.submit(guide, by=pia, kind="wording")
        if before == "over signed text":
            publishing.approve(first, by=rea, next_due=datetime.date(2100, 1, 1), credentials="RN")
            publishing.publish(first, by=pia)
        else:
            publishing.publish_unreviewed(first, by=pia)
    guide.sections.filter(key="risks").update(title="Dangers", body="See [this guide](guide:testing).\n")
    revision = publishing.submit(guide, by=pia, kind="wording")
    publishing.approve(revision, by=rea, next_due=datetime.date(2100, 1, 1), credentials="RN")
    step = same_on_every_page(client, guide, preview_path(guide, revision), PAGES)
    next(step)
    publishing.publish(revision, by=pia)
    next(step)


@pytest.mark.parametrize("signed", [True, False])
def test_a_draft_is_previewed_byte_for_byte_as_it_is_published_without_a_review(guide, client, person, signed):
    rea, pia = person("rea", "Medical reviewer"), person("pia", "Publisher", "Author")
    if signed:
        first = publishing.submit(guide, by=pia, kind="wording")
        publishing.approve(first, by=rea, next_due=datetime.date(2100, 1, 1), credentials="RN")
        publishing.publish(first, by=pia)
    guide.sections.filter(key="risks").update(title="Dangers", body="Other words.\n")
    step = same_on_every_page(client, guide, preview_path(guide), PAGES)
    next(step)
    publishing.publish_unreviewed(publishing.submit(guide, by=pia, kind="typo"), by=pia)
    next(step)
    assert ("Changed since the review" in client.get("/testing/risks/").content.decode()) is signed


def test_the_site_s_own_pages_are_previewed_as_they_are_published(site_pages, client):
    site_pages.sections.filter(key="about").update(body="We write much.\n")
    shown = client.get(f"{preview_path(site_pages)}about/")
    publishing.publish_unreviewed(publishing.submit(site_pages, by=None, kind="wording"), by=None)
    assert plain(shown) == plain(client.get("/about/"))


def test_a_shared_link_lives_a_week_and_a_link_of_the_desk_half_a_day(guide, client):
    revision = publishing.submit(guide, by=None, kind="wording")
    desk, shared = preview_path(guide, revision), preview_path(guide, revision, shared=True)
    for days, statuses in ((0, (200, 200)), (1, (410, 200)), (8, (410, 410))):
        with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days), tick=False):
            assert tuple(client.get(path).status_code for path in (desk, shared)) == statuses


def test_stopped_links_say_so_and_new_ones_work(guide, client, person):
    revision = publishing.submit(guide, by=None, kind="wording")
    old = [preview_path(guide), preview_path(guide, revision, shared=True)]
    stop_previews(guide, by=person("ana", "Author"))
    for path in old:
        response = client.get(f"{path}risks/")
        assert response.status_code == 410
        assert "This preview link was stopped" in response.content.decode()
        assert "Testing" not in response.content.decode()
        assert response.headers["Cache-Control"] == "no-store"
        assert not response.cookies
    assert client.get(preview_path(guide, revision, shared=True)).status_code == 200


def test_a_link_that_is_too_old_says_what_to_do(guide, client):
    path = preview_path(guide)
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=13), tick=False):
        response = client.get(path)
    assert response.status_code == 410
    assert "too old" in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["forged", "WzEsbnVsbF0:1abc:xyz", "a" * 500])
def test_a_forged_link_shows_nothing(guide, client, token):
    response = client.get(f"/preview/{token}/")
    assert response.status_code == 404
    assert "Testing" not in response.content.decode()


def test_an_unknown_page_of_a_preview_is_unknown(guide, client):
    assert client.get(f"{preview_path(guide)}nowhere/").status_code == 404


def test_a_preview_link_leaves_no_cookie(db, client):
    guide = release(make_document())
    response = client.get(preview_path(guide))
    assert not response.cookies
