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
from ..models import Guide, Revision, Stopped, previewed, used_document
from ..rendering import Link
from . import contexts, errors, take_home
from .answer import page
from .frame import Place
from .limits import limited
from .live import Shelf, Shown, behind_of, linked_guides, shelf, signed_below, to_be_released, translations_of


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
    except Stopped:
        response = errors.refused(
            request,
            _("This preview link was stopped"),
            _("Ask whoever sent it to you for a new one, or open the guide in the admin and choose Preview."),
            status=410,
        )
    except (signing.BadSignature, Guide.DoesNotExist, Revision.DoesNotExist, ValueError, TypeError):
        response = errors.not_found(request, language=DEFAULT_LANGUAGE)
    else:
        item = to_be_released(guide, revision) if revision else _working(guide)
        with translation.override(item.document.language):
            response = _page(request, item, section, base=f"/preview/{token}/")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _working(guide: Guide) -> Shown:
    document = used_document(guide, rendering.used)
    return Shown(
        document=document,
        written=timezone.localdate(),
        hash=fingerprint(encode(document)),
        since=signed_below(guide),
    )


def _page(request: HttpRequest, item: Shown, section: str, *, base: str) -> HttpResponse:
    """The page that publishing would serve at this moment, but for a banner, `robots` and no canonical address."""
    document = item.document
    others = translations_of(item)
    item = replace(item, behind=behind_of(item, others, section=section))
    own = {"site": item} if document.kind == Kind.SITE else {"guide": item, "translations": others}
    around = replace(shelf(document.language), **own)  # type: ignore[arg-type]
    name, context = _context(around, item, section)
    if not name:
        return errors.not_found(request, language=document.language)
    frame = replace(context["frame"], preview=True, robots="noindex", previewed=_places(item, section, base=base))
    response = page(request, name, {**context, "frame": frame})
    if section == "take-home":
        response.headers["Content-Security-Policy"] = take_home.policy()
    return response


def _places(item: Shown, section: str, *, base: str) -> tuple[Place, ...]:
    document = item.document
    sections = [(part.address, part.short) for part in document.sections]
    first = sections[0][0] if sections and document.kind == Kind.SITE else ""
    found = sections if document.kind == Kind.SITE else [("", _("First page")), *sections]
    if document.kind != Kind.SITE:
        if document.options:
            found.append(("options", _("Compare the choices")))
        if document.warning_signs:
            found.append(("get-help", _("When to get help")))
        found += [("take-home", _("Take it home")), ("all", _("The whole guide on one page"))]
    here = section or first
    return tuple(Place(f"{base}{address}/" if address else base, title, address == here) for address, title in found)


def _context(around: Shelf, item: Shown, section: str) -> tuple[str, contexts.Context]:
    document = item.document
    part = next((part for part in document.sections if part.address == section), None)
    texts = [text for one in document.sections for text in (one.summary, one.body)]
    guides = linked_guides(item, contexts.guides_used(*texts))
    if document.kind != Kind.SITE:
        guides = {**guides, document.folder: Link(item.home, document.title)}
    if document.kind == Kind.SITE:
        part = part or next(iter(document.sections), None)
        return ("procedures/site_page.html", contexts.site_page(around, item, part)) if part else ("", {})
    if part:
        return "procedures/section.html", contexts.section(around, item, part, guides=guides)
    if section == "all":
        return "procedures/whole.html", contexts.whole(around, item, guides=guides)
    if section == "take-home":
        return "procedures/take_home.html", take_home.context(around, item)
    if section == "options" and document.options:
        return "procedures/options.html", contexts.options(around, item)
    if section == "get-help" and document.warning_signs:
        return "procedures/get_help.html", contexts.get_help(around, item)
    return ("", {}) if section else ("procedures/guide.html", contexts.guide(around, item))
