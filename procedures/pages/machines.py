"""What search engines read: the sitemap and robots.txt."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE, Kind
from .answer import answer
from .frame import absolute, contents, prefix
from .live import Shown, everything


@dataclass(frozen=True)
class Entry:
    url: str
    modified: str


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every live page with the day its text was written (sitemaps.org 0.9)."""
    items = everything()
    entries = [Entry(absolute("/"), _latest(items, DEFAULT_LANGUAGE))]
    for language in sorted({item.document.language for item in items}):
        latest = _latest(items, language)
        if language != DEFAULT_LANGUAGE:
            entries.append(Entry(absolute(prefix(language)), latest))
        entries.append(Entry(absolute(f"{prefix(language)}glossary/"), latest))
    for item in items:
        entries += [Entry(absolute(path), item.written.isoformat()) for path in (*paths_of(item), *asked_of(item))]
    body = get_template("procedures/sitemap.xml").render({"entries": entries})
    return answer(request, body, content_type="application/xml; charset=utf-8")


def paths_of(item: Shown) -> list[str]:
    """Root-relative addresses of those pages of one live guide that can be files: they are the same for everyone."""
    if item.document.kind == Kind.SITE:
        return [f"{item.home}{section.address}/" for section in item.document.sections]
    found = contents(item, "")
    asked = asked_of(item)
    return [item.home, *(place.url for place in (*found.places, *found.more) if place.url not in asked)]


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
