"""The search page: a form that works without script, results as a list, help where there are none."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from procedures import search
from procedures.models import Clinic

from ..conftest import OWN

pytestmark = pytest.mark.django_db


def test_results_are_a_list_of_links_with_the_words_marked(both, read):
    search.rebuild()
    page = read("/search/?q=probe")
    links = [attributes["href"] for attributes, _text in page.all("a")]
    assert page.all("ol", **{"class": "results"})
    assert "/glossary/#probe" in links
    assert "/testing/overview/#what-it-is" in links
    assert {text.lower() for _attributes, text in page.all("mark")} == {"probe"}
    assert len(page.all("h1")) == 1


def test_the_form_asks_by_get_and_keeps_the_words(both, read):
    page = read("/search/?q=%22cold+water%22+%3Cb%3E")
    ((form, _text),) = page.all("form", role="search")
    assert (form["action"], form["method"]) == ("/search/", "get")
    ((field, _text),) = page.all("input", name="q")
    assert field["value"] == '"cold water" <b>'
    assert page.all("label", **{"for": "q"})


def test_without_words_the_page_offers_the_form_and_the_guides(both, read):
    search.rebuild()
    page = read("/search/")
    assert not page.all("ol", **{"class": "results"})
    assert "Testing" in [text for _attributes, text in page.all("a", href="/testing/")]


def test_nothing_found_offers_near_words_the_guides_and_the_clinic(both, read):
    search.rebuild()
    Clinic.objects.create(name="Harbour", phone="+1 555 0100")
    page = read("/search/?q=probiotika")
    links = {attributes["href"]: text for attributes, text in page.all("a")}
    assert links["/glossary/#probe"] == "Probe"
    assert "/testing/" in links
    assert any(address.startswith("tel:") for address in links)


def test_a_misspelling_is_offered_as_a_link(both, read):
    search.rebuild()
    page = read("/search/?q=prohbe")
    assert "probe" in [text for _attributes, text in page.all("a", href="?q=probe")]


def test_the_page_sets_no_cookie_and_is_kept_out_of_search_engines(both, client):
    response = client.get("/search/?q=probe")
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-cache"
    assert b'<meta name="robots" content="noindex">' in response.content
    assert client.post("/search/", {"q": "probe"}).status_code == 405


def test_a_page_of_results_takes_few_questions_to_the_database(both, client, django_assert_max_num_queries):
    search.rebuild()
    with django_assert_max_num_queries(10):
        assert client.get("/search/?q=prohbe+breathe+nothng").status_code == 200


def test_a_language_in_which_nothing_is_live_has_no_search(both, client):
    assert client.get("/es/search/?q=x").status_code == 404


def test_hostile_words_get_an_ordinary_page(both, client):
    search.rebuild()
    strings = [entry["s"] for entry in json.loads((OWN / "hostile_strings.json").read_text())]
    assert len(strings) > 50
    for text in [*strings, '"', "NEAR(", "a AND", "*", "'a' & !"]:
        response = client.get(f"/search/?q={quote(text.encode('utf-8', 'surrogatepass'))}")
        assert response.status_code == 200, text
        assert b"<script>alert" not in response.content


def test_the_script_is_small(settings):
    script = (settings.STATICFILES_DIRS[0] / "js" / "search.js").read_bytes()
    assert len(script) <= 2048
