"""The take-home pages: one file that needs nothing else, for paper and for reading without a network.

Its style stands inside it and is allowed by its hash in a policy of its own; its pictures are drawn in SVG. The code
on it leads to the page that says whether the copy is still current.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import segno
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.translation import gettext as _

from . import parts
from .answer import page
from .contexts import Context
from .frame import absolute, date_words, guide_frame
from .live import Shelf, Shown
from .sheet import Sheet
from .trust import version_path
from .views import found, reader

STYLE = "procedures/take_home.css"
QUIET = 4
"""Modules left white around the code (ISO/IEC 18004, 6.3.8)."""


@dataclass(frozen=True)
class Code:
    """A QR code as an SVG path of horizontal runs; `size` counts modules, the quiet zone included."""

    path: str
    size: int
    url: str


def code(url: str) -> Code:
    """`url` as a QR code with error correction M: a folded or stained sheet can still be read."""
    rows = [list(row) for row in segno.make_qr(url, error="m").matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = next((end for end, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if length:
                runs.append(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z")
            x += max(length, 1)
    return Code("".join(runs), len(rows) + 2 * QUIET, url)


def policy() -> str:
    """Content-Security-Policy of this page: nothing may be loaded, and exactly this style applies."""
    style = base64.b64encode(hashlib.sha256(style_text().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def style_text() -> str:
    return get_template(STYLE).render({})


@reader
def take_home(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    around, item = found(language, guide)
    response = page(request, "procedures/take_home.html", context(around, item))
    response.headers["Content-Security-Policy"] = policy()
    return response


def context(around: Shelf, item: Shown) -> Context:
    document = item.document
    sheet = Sheet(document, paper=True, since=item.since, behind=item.behind)
    name = _("Take it home")
    return {
        "frame": guide_frame(around, item, f"{item.home}take-home/", name=name, current="take-home"),
        "name": name,
        "guide_title": document.title,
        "guide_url": absolute(item.home),
        "written": date_words(item.written),
        "summary": sheet.text(document.summary, since=sheet.own("summary")),
        "decision": sheet.text(document.decision, since=sheet.own("decision")),
        "status": parts.status(sheet),
        "key_facts": parts.key_facts(sheet),
        "signs": parts.warning_signs(sheet),
        "choices": parts.options(sheet) if document.options else None,
        "questions": parts.questions(sheet),
        "stages": parts.stages(sheet),
        "sources": sheet.sources(),
        "code": code(absolute(version_path(item.hash))),
    }
