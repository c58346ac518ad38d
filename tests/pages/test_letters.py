"""Many guides: letters instead of one list, and a sitemap in pieces."""

from __future__ import annotations

import re
from unittest import mock

import pytest
from django.test import Client

from procedures import search
from procedures.models import Revision
from procedures.pages import letters, machines
from procedures.pages.letters import SPLIT, letter_of
from procedures.prerender.addresses import read_state, wanted

from ..growing import documents, grow


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
def test_many_words_are_listed_and_explained_on_a_page_for_each_letter(
    client, read, monkeypatch, django_assert_max_num_queries
):
    grow(12)
    assert len(read("/glossary/").all("dt")) == 12
    assert client.get("/glossary/a/").status_code == 404  # one page explains them all
    assert client.get(f"/glossary/{letter_of(next(documents(1)).terms[0].term)}.md").status_code == 404
    words = {term.key: term.term for number in range(12) for term in next(documents(1, first=number)).terms}
    keys = {letter_of(word) for word in words.values()}
    absent = next(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in keys)
    monkeypatch.setattr(letters, "WORDS", 12)
    with django_assert_max_num_queries(3):
        page = read("/glossary/")
    assert page.all("dt") == []
    assert len(page.all("nav", **{"aria-label": "Words from A to Z"})) == 1
    listed = {found["id"] for found, _words in page.all("li") if found.get("id", "").startswith("drug-")}
    assert listed == set(words)  # /glossary/#drug-3, as texts link to it, is a place on this page
    links = {found["href"] for found, _words in page.all("a") if "/glossary/" in found.get("href", "")}
    assert {f"/glossary/{letter_of(word)}/#{key}" for key, word in words.items()} <= links
    explained: dict[str, str] = {}
    for key in sorted(keys):
        with django_assert_max_num_queries(3):
            letter = read(f"/glossary/{key}/")
        assert [found["href"] for found, _words in letter.all("a", **{"aria-current": "page"})] == [f"/glossary/{key}/"]
        explained |= {f"{key} {word}": key for _found, word in letter.all("dt")}
    assert set(explained) == {f"{letter_of(word)} {word}" for word in words.values()}
    _twins_of_the_glossary_lead_to_its_letters(client, words)
    assert client.get(f"/glossary/{absent}/").status_code == client.get("/glossary/unknown/").status_code == 404
    places = _places(client, "/sitemap.xml")
    assert {place.partition("8000")[2] for place in places if "/glossary/" in place} == {
        "/glossary/", *(f"/glossary/{key}/" for key in keys)
    }  # fmt: skip
    asked = wanted("language-en", read_state()).paths
    assert {path for path in asked if path.startswith("/glossary/")} == {
        "/glossary/", *(f"/glossary/{key}{form}" for key in keys for form in ("/", ".md", ".json"))
    }  # fmt: skip
    assert {"/glossary.md", "/glossary.json"} <= asked.keys()


def _twins_of_the_glossary_lead_to_its_letters(client: Client, words: dict[str, str]) -> None:
    listed = client.get("/glossary.json").json()["terms"]
    assert {term["key"]: term["term"] for term in listed} == words
    assert {term["url"] for term in listed} == {
        f"/glossary/{letter_of(word)}.json#{key}" for key, word in words.items()
    }
    assert [term["term"].casefold() for term in listed] == sorted(word.casefold() for word in words.values())
    text = client.get("/glossary.md").content.decode()
    key, word = next(iter(words.items()))
    assert f"- [{word}](/glossary/{letter_of(word)}.md#{key})\n" in text
    letter = client.get(f"/glossary/{letter_of(word)}.json").json()["terms"]
    assert {term["term"] for term in letter} == {
        found for found in words.values() if letter_of(found) == letter_of(word)
    }
    assert all(term["definition"] for term in letter)
    assert f"## {word}\n" in client.get(f"/glossary/{letter_of(word)}.md").content.decode()
    page = client.get(f"/glossary/{letter_of(word)}/").content.decode()
    assert f'href="/glossary/{letter_of(word)}.json"' in page
    assert client.get("/glossary/unknown.json").status_code == 404


@pytest.mark.django_db
def test_a_sitemap_that_would_be_too_long_becomes_a_list_of_sitemaps(client: Client, monkeypatch):
    grow(5)
    whole = _places(client, "/sitemap.xml")
    assert [place for place in whole if "#" in place] == []  # a place on a page is no page
    assert client.get("/sitemap-1.xml").status_code == 404
    monkeypatch.setattr(machines, "MOST", len(whole) - 1)
    monkeypatch.setattr(machines, "PIECE", len(whole) // 3)
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
