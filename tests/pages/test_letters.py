"""Many guides: letters instead of one list, and a sitemap in pieces."""

from __future__ import annotations

import re
from unittest import mock

import pytest
from django.test import Client

from procedures import search
from procedures.models import Revision
from procedures.pages import machines
from procedures.pages.letters import SPLIT, letter_of

from ..growing import grow


@pytest.mark.parametrize(
    ("title", "letter"),
    [("Mesotherapy", "m"), ("Élan", "e"), ("«Quoted»", "q"), ("5-fluorouracil", "0-9"), ("מזותרפיה", "other"), ("–", "other")],
)  # fmt: skip
def test_a_title_stands_under_its_first_letter_without_accents(title, letter):
    assert letter_of(title) == letter


@pytest.mark.django_db
def test_home_lists_guides_until_there_are_a_hundred_then_letters(client, read, django_assert_max_num_queries):
    grow(SPLIT - 1)
    assert len(read("/").all("ul", **{"class": "guides"})) == 1
    assert client.get("/a-z/a/").status_code == 404
    titles = grow(1, first=SPLIT - 1)
    with django_assert_max_num_queries(3):
        page = read("/")
    assert page.all("ul", **{"class": "guides"}) == []
    links = [found["href"] for found, _words in page.all("a") if found.get("href", "").startswith("/a-z/")]
    assert len(links) == len(set(links)) > 5
    listed = []
    for link in links:
        with django_assert_max_num_queries(3):
            letter = read(link)
        listed += [found["href"] for found, _words in letter.all("a") if found.get("href", "").startswith("/grown-")]
        assert [found["href"] for found, _words in letter.all("a", **{"aria-current": "page"})] == [link]
    assert sorted(listed) == sorted(f"/grown-{number}/" for number in range(SPLIT))
    assert titles
    assert client.get("/a-z/unknown/").status_code == 404
    search.rebuild()
    with mock.patch.object(Revision, "read") as read_whole:
        lost = client.get("/nowhere/")
    assert lost.status_code == 404
    assert read_whole.call_count == 0  # of ten thousand guides no text is read to say that a page does not exist
    assert b"/a-z/" in lost.content
    assert b"/grown-1/" not in lost.content


@pytest.mark.django_db
def test_a_sitemap_that_would_be_too_long_becomes_a_list_of_sitemaps(client: Client, monkeypatch):
    grow(5)
    whole = _places(client, "/sitemap.xml")
    assert [place for place in whole if "#" in place] == []  # a place on a page is no page
    assert client.get("/sitemap-1.xml").status_code == 404
    monkeypatch.setattr(machines, "MOST", len(whole) // 3)
    pieces = _places(client, "/sitemap.xml")
    assert pieces == [f"http://127.0.0.1:8000/sitemap-{number}.xml" for number in range(1, len(pieces) + 1)]
    assert len(pieces) in (3, 4)
    found = [place for piece in pieces for place in _places(client, piece.removeprefix("http://127.0.0.1:8000"))]
    assert found == whole
    assert client.get(f"/sitemap-{len(pieces) + 1}.xml").status_code == 404


def _places(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.findall(r"<loc>(.*?)</loc>", answer.content.decode())
