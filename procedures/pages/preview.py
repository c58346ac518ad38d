"""A text before it is released, for whoever holds a signed link: the public page with a banner, never cached."""

from __future__ import annotations

from dataclasses import replace

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import rendering
from ..document import DEFAULT_LANGUAGE, Kind, encode, fingerprint
from ..models import Guide, Revision, previewed, trimmed, working_document
from . import contexts, errors
from .answer import page
from .limits import limited
from .live import Shelf, Shown, linked_guides, shelf, shown


@limited("preview")
@require_safe
def preview(request: HttpRequest, *, token: str, section: str = "") -> HttpResponse:
    """The page of one section, `all`, `options` or `get-help`; without a section the guide's first page."""
    try:
        guide, revision = previewed(token)
    except signing.SignatureExpired:
        response = errors.refused(
            request,
            _("This preview link is too old"),
            _("Open the guide in the admin and choose Preview again."),
            status=410,
        )
    except (signing.BadSignature, Guide.DoesNotExist, Revision.DoesNotExist, ValueError, TypeError):
        response = errors.not_found(request, language=DEFAULT_LANGUAGE)
    else:
        item = shown(guide, revision) if revision else _working(guide)
        with translation.override(item.document.language):
            response = _page(request, replace(item, base=f"/preview/{token}/"), section)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _working(guide: Guide) -> Shown:
    document = trimmed(working_document(guide), rendering.used)
    return Shown(document=document, written=timezone.localdate(), hash=fingerprint(encode(document)))


def _page(request: HttpRequest, item: Shown, section: str) -> HttpResponse:
    document = item.document
    around = replace(shelf(document.language), guide=item)
    name, context = _context(around, item, section)
    if not name:
        return errors.not_found(request, language=document.language)
    frame = replace(
        context["frame"],
        preview=True,
        robots="noindex",
        canonical="",
        twins=(),
        translations=(),
        trust=None,
        feedback="",
    )
    return page(request, name, {**context, "frame": frame})


def _context(around: Shelf, item: Shown, section: str) -> tuple[str, contexts.Context]:
    document = item.document
    part = next((part for part in document.sections if part.address == section), None)
    texts = [text for one in document.sections for text in (one.summary, one.body)]
    guides = linked_guides(item, contexts.guides_used(*texts))
    if document.kind == Kind.SITE:
        part = part or next(iter(document.sections), None)
        return ("procedures/site_page.html", contexts.site_page(around, item, part)) if part else ("", {})
    if part:
        return "procedures/section.html", contexts.section(around, item, part, guides=guides)
    if section == "all":
        return "procedures/whole.html", contexts.whole(around, item, guides=guides)
    if section == "options":
        return "procedures/options.html", contexts.options(around, item)
    if section == "get-help":
        return "procedures/get_help.html", contexts.get_help(around, item)
    return ("", {}) if section else ("procedures/guide.html", contexts.guide(around, item))
