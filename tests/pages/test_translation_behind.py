"""A guide in Spanish: found beside the English one, and honest part by part about what changed in English since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from procedures import publishing
from procedures.document import Document, brought_up
from procedures.models import Guide, own_values, preview_path, row_values
from tests.conftest import make_document, write_rows
from tests.pages.conftest import Parsed, site_document

ORIGINAL = make_document()
SPANISH = make_document(
    language="es",
    slug="prueba",
    title="La prueba",
    sections=tuple(
        replace(section, title=f"{section.title} (es)", slug=f"{section.key}-es") for section in ORIGINAL.sections
    ),
)
WORDS = "The English text of this part was changed after it was translated."
PAGES = ("", "overview-es/", "risks-es/", "costs-es/", "all/", "options/", "get-help/", "take-home/", "plan/")


def release(guide: Guide) -> None:
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)


@pytest.fixture
def english(live_guide: Guide) -> Guide:
    """The English guide, live, with its translation beside it, live and up to date."""
    release(write_rows(replace(SPANISH, translated=brought_up(SPANISH, ORIGINAL))))
    return live_guide


def said(client: Client) -> dict[str, int]:
    """How often each Spanish page says that it is behind."""
    found = {}
    for path in PAGES:
        answer = client.get(f"/es/prueba/{path}")
        assert answer.status_code == 200, path
        found[path] = answer.content.decode().count(WORDS)
    return {path: count for path, count in found.items() if count}


def test_both_name_each_other_as_the_same_page_in_another_language(english: Guide, client: Client) -> None:
    for path in ("/testing/", "/es/prueba/"):
        found = Parsed(client.get(path).content.decode())
        links = {
            given["hreflang"]: given["href"]
            for name, given, _words in found.elements
            if name == "link" and "hreflang" in given
        }
        assert links["en"].endswith("/testing/")
        assert links["es"].endswith("/es/prueba/")
    assert 'lang="es"' in client.get("/es/prueba/").content.decode()


def test_a_translation_that_is_up_to_date_says_nothing(english: Guide, client: Client) -> None:
    assert said(client) == {}


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("costs", {"costs-es/": 1, "all/": 1}),
        ("warning_signs", {"risks-es/": 1, "all/": 1, "get-help/": 1, "take-home/": 1}),
        ("options", {"options/": 1}),
        ("answers", {"": 1}),
    ],
)
def test_exactly_the_part_that_changed_in_english_says_so(
    name: str, pages: dict[str, int], english: Guide, client: Client
) -> None:
    row = getattr(english, name).first()
    field = {"costs": "basis", "warning_signs": "do", "options": "name", "answers": "text"}[name]
    setattr(row, field, f"{getattr(row, field)} And more.")
    row.save()
    assert said(client) == {}, "a draft in English says nothing to readers"
    release(english)
    assert said(client) == pages
    after = client.get(f"/es/prueba/{next(iter(pages))}").content.decode().partition(WORDS)[2]
    assert after.startswith(' <a href="/testing/">Read it in English</a>')
    assert WORDS not in client.get("/testing/all/").content.decode(), "the original is behind nothing"


def test_a_changed_section_is_said_on_its_page_and_in_the_whole_guide(english: Guide, client: Client) -> None:
    row = english.sections.get(key="overview")
    row.body += "\nMore.\n"
    row.save()
    release(english)
    assert said(client) == {"overview-es/": 1, "all/": 1}


def test_brought_up_and_released_it_says_nothing_again(english: Guide, client: Client) -> None:
    row = english.costs.first()
    row.high += 100
    row.save()
    release(english)
    assert said(client)
    guide = Guide.objects.get(language="es")
    now: Document = Guide.objects.get(pk=english.pk).live.read()
    spanish = guide.live.read()
    for field, value in own_values(replace(spanish, translated=brought_up(spanish, now))).items():
        setattr(guide, field, value)
    guide.save()
    cost = guide.costs.first()
    for field, value in row_values(now.costs[0]).items():
        setattr(cost, field, value)
    cost.save()
    release(guide)
    assert said(client) == {}


def test_a_page_of_a_translation_still_asks_the_database_three_times_at_most(
    english: Guide, client: Client, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(3):
        client.get("/es/prueba/overview-es/")


def test_the_pages_of_the_site_say_so_too(site_pages: Guide, client: Client) -> None:
    original = site_document()
    spanish = site_document(language="es", title="Sobre este sitio")
    release(write_rows(replace(spanish, translated=brought_up(spanish, original))))
    assert WORDS not in client.get("/es/about/").content.decode()
    row = site_pages.sections.get(key="about")
    row.body = "We write and draw.\n"
    row.save()
    release(site_pages)
    late = client.get("/es/about/").content.decode()
    assert late.count(WORDS) == 1
    assert late.partition(WORDS)[2].startswith(' <a href="/about/">Read it in English</a>')
    assert WORDS not in client.get("/es/editorial-policy/").content.decode()
    assert WORDS not in client.get("/about/").content.decode()


def test_a_preview_says_it_as_the_released_page_does(english: Guide, client: Client) -> None:
    row = english.costs.first()
    row.high += 100
    row.save()
    release(english)
    spanish = Guide.objects.get(language="es")
    assert client.get(f"{preview_path(spanish)}costs-es/").content.decode().count(WORDS) == 1
