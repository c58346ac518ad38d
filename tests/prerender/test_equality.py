"""A stored page is what Django would send."""

from __future__ import annotations

import pytest

from procedures import publishing
from procedures.document import Document, Section
from procedures.models import Guide, OldAddress

from ..conftest import make_document, write_rows

SITE = Document(
    folder="site", kind="site", slug="site", language="en", title="The site",
    sections=(Section(key="about", title="About", body="## Who we are\n\nWe test.\n"),),
)  # fmt: skip


def plain(got):
    """Status, body and headers but `Vary`, which only an answer with several encodings needs, and the id of the request."""
    kept = [(name.lower(), value) for name, value in got.headers if name.lower() not in ("vary", "x-request-id")]
    return got.status, got.body, sorted(kept)


@pytest.fixture
def many(live_guide, in_front, person):
    """A site with everything that can be a file: pages in two languages, the site's own, one moved, one taken down."""
    spanish = make_document(language="es", slug="prueba", title="Prueba")
    former = make_document(folder="former", slug="former", title="Former")
    for document in (SITE, spanish, former):
        revision = publishing.submit(write_rows(document), by=None, kind="wording", note="")
        publishing.publish_unreviewed(revision, by=None)
    publishing.withdraw(Guide.objects.get(folder="former"), by=person("pia", "Publisher"), why="A test.")
    OldAddress.objects.create(path="/testing/old/", to="/testing/risks/", guide=live_guide)
    return in_front()


FILES = """/ /testing/ /testing/risks/ /testing/all/ /testing/options/ /testing/get-help/ /glossary/ /about/
    /testing.md /testing.json /testing/risks.md /testing/all.json /glossary.md /sitemap.xml /robots.txt
    /es/ /es/prueba/ /es/prueba/risks/ /es/glossary/ /former/ /former/risks/ /testing/old/""".split()


def test_every_stored_answer_is_what_django_answers(many):
    addresses = many.addresses()
    assert len(addresses) > 30
    assert [path for path in FILES if path not in addresses] == []
    assert set(addresses.values()) == {200, 301, 404, 410}
    for path in addresses:
        many.behind.paths.clear()
        stored = many.get(path)
        assert many.behind.paths == [], f"{path} was answered by Django"
        assert plain(stored) == plain(many.from_django(path)), path


def test_an_answer_has_the_same_text_in_every_encoding(many):
    seen = set()
    for path in many.addresses():
        texts = {many.get(path, ACCEPT_ENCODING=encoding).text for encoding in ("identity", "gzip", "br", "gzip, br")}
        assert len(texts) == 1, path
        seen |= {many.get(path, ACCEPT_ENCODING=name).header("Content-Encoding") for name in ("identity", "gzip", "br")}
    assert seen == {None, "gzip", "br"}


def test_what_is_not_modified_is_said_as_django_says_it(many):
    for path, status in many.addresses().items():
        if status != 200:
            continue
        mark = many.get(path).header("ETag")
        stored, django = many.get(path, IF_NONE_MATCH=mark), many.from_django(path, IF_NONE_MATCH=mark)
        assert stored.status == 304
        # Django adds "Content-Length: 0", which RFC 9110 (8.6) forbids here: it would speak of the page
        says = [pair for pair in plain(django)[2] if pair[0] != "content-length"]
        assert plain(stored) == (304, b"", says), path


def test_a_head_request_has_the_headers_of_the_page_and_no_body(many):
    for path in many.addresses():
        whole, head = many.get(path), many.get(path, method="HEAD")
        assert (head.status, head.headers, head.body) == (whole.status, whole.headers, b""), path


def test_unknown_addresses_below_the_guides_get_the_stored_page_and_the_rest_is_djangos(many):
    for path, asked in {
        "/unknown/": False, "/testing/unknown/": False, "/es/unknown/": False, "/unknown.md": False,
        "/former/unknown/": True, "/admin/login/": True, "/preview/x/": True, "/media/x.png": True, "/testing": True,
        "/feedback/": None,
    }.items():  # fmt: skip
        many.addresses()
        many.behind.paths.clear()
        stored = many.get(path)
        if asked is not None:
            assert bool(many.behind.paths) == asked, path
        if path != "/admin/login/":  # has a fresh token every time
            assert plain(stored) == plain(many.from_django(path)), path
