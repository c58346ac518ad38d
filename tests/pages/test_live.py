"""What is live decides every page; a working text that has moved on decides nothing."""

from __future__ import annotations

import pytest

from procedures.models import Guide

from .conftest import make_document, release


@pytest.mark.parametrize("moved", ["en", "es"])
def test_translations_stay_named_when_a_working_text_has_left_its_address(both, read, moved):
    release(make_document(language="es", slug="prueba", title="Prueba"))
    Guide.objects.filter(folder="testing", language=moved).update(slug="elsewhere")
    for path in ("/testing/risks/", "/es/prueba/risks/"):
        links = [found for found, _words in read(path).all("link", rel="alternate") if "hreflang" in found]
        assert {found["hreflang"]: found["href"] for found in links} == {
            "en": "http://127.0.0.1:8000/testing/risks/",
            "es": "http://127.0.0.1:8000/es/prueba/risks/",
        }


def test_an_address_a_draft_has_taken_still_shows_the_guide_that_is_live_there(both, read, client):
    Guide.objects.filter(folder="testing").update(slug="elsewhere")
    release(make_document(folder="other", slug="other", title="Other"))
    Guide.objects.filter(folder="other").update(slug="testing")
    assert read("/testing/").all("h1")[0][1] == "Testing"
    assert read("/other/").all("h1")[0][1] == "Other"
    assert client.get("/elsewhere/").status_code == 404
