"""What search engines read: the sitemap and robots.txt."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE, Kind
from .answer import answer
from .frame import absolute, contents, prefix
from .letters import guides_of, letters, titles_of
from .live import Shown, everything

MOST = 50_000
"""Addresses one file may list (sitemaps.org); beyond that /sitemap.xml lists /sitemap-1.xml and so on."""


XML = "application/xml; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    url: str
    modified: str


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every live page with the day its text was written (sitemaps.org 0.9), or the list of the files that do so."""
    items = everything()
    files = _pieces(items)
    if files == 1:
        return _listed(request, _entries(items))
    indexed = [Entry(absolute(f"/sitemap-{number}.xml"), "") for number in range(1, files + 1)]
    body = get_template("procedures/sitemap_index.xml").render({"entries": indexed})
    return answer(request, body, content_type=XML)


@require_safe
def sitemap_piece(request: HttpRequest, *, number: int) -> HttpResponse:
    """One of the files that /sitemap.xml lists when there are more pages than one file may hold."""
    items = everything()
    if not 1 <= number <= _pieces(items) or _pieces(items) == 1:
        raise Http404
    return _listed(request, _entries(items)[(number - 1) * MOST : number * MOST])


def sitemaps() -> list[str]:
    """The addresses of all sitemap files."""
    files = _pieces(everything())
    return ["/sitemap.xml", *(f"/sitemap-{number}.xml" for number in range(1, files + 1) if files > 1)]


def _listed(request: HttpRequest, entries: list[Entry]) -> HttpResponse:
    body = get_template("procedures/sitemap.xml").render({"entries": entries})
    return answer(request, body, content_type=XML)


def _pieces(items: tuple[Shown, ...]) -> int:
    return max(1, -(-len(_entries(items)) // MOST))


def _entries(items: tuple[Shown, ...]) -> list[Entry]:
    entries = [Entry(absolute("/"), _latest(items, DEFAULT_LANGUAGE))]
    for language in sorted({item.document.language for item in items}):
        latest = _latest(items, language)
        if language != DEFAULT_LANGUAGE:
            entries.append(Entry(absolute(prefix(language)), latest))
        entries.append(Entry(absolute(f"{prefix(language)}glossary/"), latest))
        entries += [Entry(absolute(path), latest) for path in letter_paths(items, language=language)]
    for item in items:
        entries += [Entry(absolute(path), item.written.isoformat()) for path in (*paths_of(item), *asked_of(item))]
    return entries


def letter_paths(items: tuple[Shown, ...], *, language: str) -> list[str]:
    """The pages of the list from A to Z, if it is split."""
    guides = [item for item in guides_of(items) if item.document.language == language]
    return [letter.url for letter in letters(titles_of(guides), language=language)]


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


def _latest(items: tuple[Shown, ...], language: str) -> str:
    dates = [item.written for item in items if item.document.language == language]
    return max(dates).isoformat() if dates else ""
