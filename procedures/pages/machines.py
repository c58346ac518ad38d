"""What search engines read: the sitemap and robots.txt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE, Kind
from .answer import answer
from .frame import absolute, contents, prefix
from .letters import letters, word_letters
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
class _Listed:
    """What the sitemap says of one guide."""

    title: str
    language: str
    is_guide: bool
    written: str
    home: str
    pages: tuple[str, ...]
    """What follows `home` in the address of each page. Guides with the same pages share one."""


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
    items, words = once("sitemap", _read)
    yield Entry(absolute("/"), _latest(items, DEFAULT_LANGUAGE))
    for language in sorted({item.language for item in items}):
        latest = _latest(items, language)
        if language != DEFAULT_LANGUAGE:
            yield Entry(absolute(prefix(language)), latest)
        yield Entry(absolute(f"{prefix(language)}glossary/"), latest)
        titles = [item.title for item in items if item.is_guide and item.language == language]
        known = list(words[language].values())
        for letter in (*letters(titles, language=language), *word_letters(known, language=language)):
            yield Entry(absolute(letter.url), latest)
    for item in items:
        for page in item.pages:
            yield Entry(absolute(item.home + page), item.written)


def _read() -> tuple[list[_Listed], dict[str, dict[str, str]]]:
    """The guides by title, and the words of each language by key. One query."""
    found: list[_Listed] = []
    words: dict[str, dict[str, str]] = {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for item in each():
        document = item.document
        pages = tuple(path.removeprefix(item.home) for path in (*paths_of(item), *asked_of(item)))
        words.setdefault(document.language, {}).update((term.key, term.term) for term in document.terms)
        found.append(
            _Listed(
                title=document.title,
                language=document.language,
                is_guide=document.kind == Kind.PROCEDURE,
                written=item.written.isoformat(),
                home=item.home,
                pages=same.setdefault(pages, pages),
            )
        )
    return sorted(found, key=lambda item: (item.title.casefold(), item.language)), words


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


def _latest(items: Sequence[_Listed], language: str) -> str:
    return max((item.written for item in items if item.language == language), default="")
