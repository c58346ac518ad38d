"""What several tests of readers' pages need: the live guide with its site pages, and a parsed page."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from procedures import publishing
from procedures.document import Document, Section
from procedures.models import Guide, Revision
from tests.conftest import make_document, write_rows


class Parsed(HTMLParser):
    """The elements of a page in order, as (name, attributes, text)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words: list[str] = []
        self.elements.append((tag, {name: value or "" for name, value in attrs}, words))
        if tag not in ("meta", "link", "br", "img", "hr", "input", "path", "circle", "rect"):
            self._open.append(words)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for words in self._open:
            words.append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str], str]]:
        return [
            (found, " ".join("".join(words).split()))
            for name, found, words in self.elements
            if name == tag and all(found.get(key) == value for key, value in attributes.items())
        ]


def release(document: Document) -> Guide:
    guide = write_rows(document)
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind=Revision.Change.WORDING), by=None)
    guide.refresh_from_db()
    return guide


def site_document(**changes: object) -> Document:
    values: dict[str, object] = {
        "folder": "site",
        "kind": "site",
        "slug": "site",
        "language": "en",
        "title": "About this site",
        "summary": "Who makes it.",
        "sections": (
            Section(key="about", title="About", body="We write.\n"),
            Section(key="editorial-policy", title="Editorial policy", body="We check.\n"),
        ),
    }
    return Document(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def site_pages(db: None) -> Guide:
    return release(site_document())


@pytest.fixture
def both(site_pages: Guide, live_guide: Guide) -> Guide:
    """A live guide and the live pages of the site; returns the guide."""
    return live_guide


@pytest.fixture
def read(client: Client) -> Callable[[str], Parsed]:
    """The page at an address, parsed; it must answer 200."""

    def page(path: str) -> Parsed:
        response = client.get(path)
        assert response.status_code == 200, path
        return Parsed(response.content.decode())

    return page


__all__ = ["make_document", "release", "site_document"]
