"""A signed link shows one unreleased text for a while, and nothing else."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from procedures import publishing
from procedures.models import Revision, preview_path
from tests.conftest import make_document

from .conftest import release


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


def test_contents_of_a_preview_stay_in_the_preview(guide, client):
    path = preview_path(guide)
    assert f'href="{path}risks/"' in client.get(path).content.decode()


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
