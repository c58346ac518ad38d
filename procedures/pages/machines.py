"""What search engines read: the sitemap and robots.txt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE, Kind
from ..rows import Rows
from .answer import answer
from .frame import absolute, contents, prefix
from .letters import letter_of, letters, word_letters
from .live import Shown, each, once

MOST = 50_000
"""Addresses one file may list (sitemaps.org); beyond that /sitemap.xml lists /sitemap-1.xml and so on."""
PIECE = 10_000
"""Addresses each of those lists: of the most it may, one is 5 MB of text, which takes ten times that to make."""


XML = "application/xml; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    url: str
    modified: str


@dataclass(frozen=True)
class _Reading:
    """What the sitemap says: of each language when it was written last, its guides and its words by letter."""

    latest: dict[str, str]
    rows: Rows
    """Lists: `pages`, of each guide by title its address, the day it was written, and what follows in the address of each
    page; `guides <language>`; `words <language>`."""


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every live page with the day its text was written (sitemaps.org 0.9), or the list of the files that do so."""
    files = len(sitemaps()) - 1
    if not files:
        return _listed(request, list(_entries()))
    indexed = [Entry(absolute(f"/sitemap-{number}.xml"), "") for number in range(1, files + 1)]
    body = get_template("procedures/sitemap_index.xml").render({"entries": indexed})
    return answer(request, body, content_type=XML)


@require_safe
def sitemap_piece(request: HttpRequest, *, number: int) -> HttpResponse:
    """One of the files that /sitemap.xml lists when there are more pages than one file may hold."""
    if not 1 <= number <= len(sitemaps()) - 1:
        raise Http404
    return _listed(request, list(islice(_entries(), (number - 1) * PIECE, number * PIECE)))


def sitemaps() -> list[str]:
    """The addresses of all sitemap files: /sitemap.xml alone, or with the files it lists."""
    count = sum(1 for _entry in _entries())
    files = -(-count // PIECE) if count > MOST else 0
    return ["/sitemap.xml", *(f"/sitemap-{number}.xml" for number in range(1, files + 1))]


def _listed(request: HttpRequest, entries: list[Entry]) -> HttpResponse:
    body = get_template("procedures/sitemap.xml").render({"entries": entries})
    return answer(request, body, content_type=XML)


def _entries() -> Iterator[Entry]:
    found = once("sitemap", _read)
    yield Entry(absolute("/"), found.latest.get(DEFAULT_LANGUAGE, ""))
    for language, latest in sorted(found.latest.items()):
        if language != DEFAULT_LANGUAGE:
            yield Entry(absolute(prefix(language)), latest)
        yield Entry(absolute(f"{prefix(language)}glossary/"), latest)
        guides, words = (found.rows.parts(f"{name} {language}") for name in ("guides", "words"))
        for letter in (*letters(guides, language=language), *word_letters(words, language=language)):
            yield Entry(absolute(letter.url), latest)
    for home, written, pages in found.rows.values("pages"):
        for page in pages:
            yield Entry(absolute(home + page), written)


def _read() -> _Reading:
    """Everything live. One query."""
    found = _Reading({}, Rows())
    for item in each():
        document = item.document
        language, written = document.language, item.written.isoformat()
        found.latest[language] = max(written, found.latest.get(language, ""))
        for term in document.terms:
            found.rows.put(f"words {language}", term.key, None, part=letter_of(term.term))
        if document.kind == Kind.PROCEDURE:
            found.rows.put(f"guides {language}", document.folder, None, part=letter_of(document.title))
        pages = [path.removeprefix(item.home) for path in (*paths_of(item), *asked_of(item))]
        title = f"{document.title.casefold()}\0{language}"
        found.rows.put("pages", f"{language} {document.folder}", [item.home, written, pages], sort=title)
    return found


def paths_of(item: Shown) -> list[str]:
    """Root-relative addresses of those pages of one live guide that can be files: they are the same for everyone."""
    if item.document.kind == Kind.SITE:
        return [f"{item.home}{section.address}/" for section in item.document.sections]
    found = contents(item, "")
    asked = asked_of(item)
    places = (place.url for place in (*found.places, *found.more))
    return [item.home, *(url for url in places if url not in asked and "#" not in url)]


def asked_of(item: Shown) -> list[str]:
    """Pages of one live guide that Django answers: what they say depends on the query, or on the day."""
    return [] if item.document.kind == Kind.SITE else [f"{item.home}{name}/" for name in ("plan", "changes")]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /preview/", f"Sitemap: {absolute('/sitemap.xml')}", ""]
    return answer(request, "\n".join(lines), content_type="text/plain; charset=utf-8")
