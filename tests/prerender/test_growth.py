"""Three hundred guides: every page of readers stays quick, and a change of one touches only what shows it."""

from __future__ import annotations

import re
import time

import pytest
from django.db import connection

from procedures import prerender, publishing, search
from procedures.models import Guide
from procedures.pages import letters
from procedures.prerender import refreshing, storing
from procedures.prerender.refreshing import folder

from ..conftest import write_rows
from ..growing import documents, grow

COUNT = 300
"""Guides, beyond the hundred from which the list from A to Z is split."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def grown(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return grow(COUNT)


@pytest.mark.torture
def test_home_letters_sitemap_and_search_of_a_grown_site(grown, client, django_assert_max_num_queries, tell):
    assert connection.features.supports_json_field  # asked once in the life of a process, by whichever page is first
    began = time.perf_counter()
    with django_assert_max_num_queries(3):
        home = client.get("/").content.decode()
    pages = re.findall(r'href="(/a-z/[^"]+/)"', home)
    assert len(re.sub(r"<style>.*?</style>", "", home, flags=re.DOTALL)) < 20_000
    listed: list[str] = []
    for letter in pages:
        with django_assert_max_num_queries(3):
            listed += re.findall(r'href="(/grown-\d+/)"', client.get(letter).content.decode())
    assert len(listed) == len(set(listed)) == COUNT
    with django_assert_max_num_queries(3):
        places = re.findall(r"<loc>[^<]*?(/[^</][^<]*|/)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(places) > COUNT * 10
    tell(f"{COUNT} guides: home, {len(pages)} letters and a sitemap in {time.perf_counter() - began:.1f} s")


def test_a_word_only_one_of_many_guides_has_is_found_there(settings, client):
    grow(10)
    assert search.rebuild() > 300
    document = next(documents(1, first=7))
    name = document.title.split()[0]
    hits = search.search(name, language="en").hits
    assert hits[0].url.startswith("/grown-7/")
    assert client.get("/search/", {"q": name}).status_code == 200


def test_a_release_among_many_changes_the_addresses_that_show_it_and_no_other(settings, tmp_path, monkeypatch, tell):
    """Pages of most guides are left out of the making: only which parts are made anew is asked."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(letters, "SPLIT", 20)
    monkeypatch.setattr(refreshing, "PAGES", 1)  # brotli at its best is what takes the time of a refresh
    grow(20)
    changed = write_rows(next(documents(1, first=500)))
    publishing.publish_unreviewed(publishing.submit(changed, by=None, kind="wording", note=""), by=None)
    few = {f"guide-{pk}" for pk in Guide.objects.order_by("-pk").values_list("pk", flat=True)[:2]}
    real = refreshing.read_state

    def fewer():
        state = real()
        kept = [name for name in state.names if not name.startswith("guide-") or name in few]
        state.__dict__["names"] = dict.fromkeys(kept)
        return state

    monkeypatch.setattr(refreshing, "read_state", fewer)
    assert prerender.refresh() == 4
    before = _etags()
    Guide.objects.filter(pk=changed.pk).update(title="Zzz changed therapy (test text)")
    revision = publishing.submit(Guide.objects.get(pk=changed.pk), by=None, kind="typo", note="")
    began = time.perf_counter()
    publishing.publish_unreviewed(revision, by=None)
    refreshing._switch(folder(), {})
    seconds = time.perf_counter() - began
    assert prerender.refresh(changed) == 3
    after = _etags()
    different = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert "/grown-500/" in different
    allowed = re.compile(r"/|/-/|/grown-500[/.].*|/a-z/.*/|/feed\.xml|/sitemap\.xml|/glossary.*")
    assert [path for path in different if not allowed.fullmatch(path)] == []
    others = [path for path in different if path.startswith("/a-z/")]
    assert "/a-z/z/" in others
    tell(f"21 guides: a release is out of the old pages after {seconds:.2f} s; {len(different)} addresses changed")
    assert seconds < 1


def test_a_run_over_very_many_guides_packs_faster_and_one_over_few_at_its_best(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    grow(1)
    levels: set[int] = set()
    real = storing.brotli.compress

    def compress(body: bytes, *, quality: int) -> bytes:
        levels.add(quality)
        return real(body, quality=1)

    monkeypatch.setattr(storing.brotli, "compress", compress)
    assert prerender.refresh() == 3
    assert levels == {storing.PAGES, storing.TWINS}
    levels.clear()
    monkeypatch.setattr(refreshing, "MANY", 3)
    assert prerender.refresh(everything=True) == 3
    assert levels == {storing.MANY_PAGES, storing.TWINS}


def _etags() -> dict[str, str]:
    store = folder()
    found = {}
    for made in store.release().parts.values():
        for path, entry in store.manifest(made.id)["addresses"].items():
            found[path] = entry["files"]["identity"]["sha256"]
    return found
