"""Readers' pages: each finds the live document, builds a context and answers it in the guide's language."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE
from ..models import Clinic, UnreadableText
from . import contexts, errors
from .answer import page
from .letters import is_split, words_are_split
from .live import Shelf, Shown, linked_guides, shelf
from .live import whole as whole_of
from .overview import Overview, overview

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def reader(view: View) -> View:
    """GET and HEAD only, in the language of the address; Http404 becomes the old address, 410 or 404 that fits, and a
    stored text that cannot be read 503.
    """

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, *, language: str = DEFAULT_LANGUAGE, **names: str) -> HttpResponse:
        with translation.override(language):
            try:
                return view(request, language=language, **names)
            except Http404:
                return errors.missing(request, language=language, slug=names.get("guide", ""))
            except UnreadableText as error:
                logger.error("Not shown: %s", error)
                return errors.unreadable(request)

    return answered


def found(language: str, slug: str) -> tuple[Shelf, Shown]:
    """The shelf and the guide at this address. Raises Http404 when nothing is live there."""
    around = shelf(language, slug=slug)
    if around.guide is None:
        raise Http404
    return around, around.guide


@reader
def home(request: HttpRequest, *, language: str) -> HttpResponse:
    there = overview(language)
    if not there and language != DEFAULT_LANGUAGE:
        raise Http404
    line = there.only
    only = whole_of(language, folder=line.folder, mark=line.hash) if line else None
    return page(request, "procedures/home.html", contexts.home(_around(there), there, only))


@reader
def letter(request: HttpRequest, *, language: str, letter: str) -> HttpResponse:
    there = overview(language)
    if letter not in there.initials or not is_split(there.initials):
        raise Http404
    return page(request, "procedures/letter.html", contexts.letter(_around(there), there, letter))


@reader
def guide(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    around = shelf(language, slug=guide)
    if around.guide is not None:
        return page(request, "procedures/guide.html", contexts.guide(around, around.guide))
    site = around.site
    part = next((part for part in site.document.sections if part.address == guide), None) if site else None
    if around.site_is_unreadable:
        return errors.missing_or_unreadable(request, language=language, slug=guide)
    if site is None or part is None:
        raise Http404
    return page(request, "procedures/site_page.html", contexts.site_page(around, site, part))


@reader
def section(request: HttpRequest, *, language: str, guide: str, section: str) -> HttpResponse:
    around, item = found(language, guide)
    part = next((part for part in item.document.sections if part.address == section), None)
    if part is None:
        raise Http404
    guides = linked_guides(item, contexts.guides_used(part.summary, part.body))
    return page(request, "procedures/section.html", contexts.section(around, item, part, guides=guides))


@reader
def whole(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    around, item = found(language, guide)
    texts = [text for part in item.document.sections for text in (part.summary, part.body)]
    guides = linked_guides(item, contexts.guides_used(*texts))
    return page(request, "procedures/whole.html", contexts.whole(around, item, guides=guides))


@reader
def options(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    around, item = found(language, guide)
    if not item.document.options:
        raise Http404
    return page(request, "procedures/options.html", contexts.options(around, item))


@reader
def get_help(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    around, item = found(language, guide)
    if not item.document.warning_signs:
        raise Http404
    return page(request, "procedures/get_help.html", contexts.get_help(around, item))


@reader
def glossary(request: HttpRequest, *, language: str) -> HttpResponse:
    there = overview(language)
    if not there:
        raise Http404
    return page(request, "procedures/glossary.html", contexts.glossary(_around(there), there.words))


@reader
def glossary_letter(request: HttpRequest, *, language: str, letter: str) -> HttpResponse:
    there = overview(language)
    if letter not in there.words.initials or not words_are_split(there.words.initials):
        raise Http404
    around = _around(there)
    return page(request, "procedures/glossary.html", contexts.glossary_letter(around, there.words, letter))


def _around(there: Overview) -> Shelf:
    """What a page about all guides needs besides them."""
    return Shelf(language=there.language, clinic=Clinic.objects.present(), site=there.site)
