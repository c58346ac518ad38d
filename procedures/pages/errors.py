"""Pages for what is not there, was taken down, or went wrong: the same look, a sentence, and where to go next."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.csrf import get_token
from django.utils import translation
from django.utils.translation import gettext as _

from .. import search
from ..document import DEFAULT_LANGUAGE, Emergency, Kind, is_language
from ..models import RETRY_AFTER, Clinic, Guide, OldAddress, UnreadableText, is_outage
from . import contexts, parts
from .answer import HTML, page
from .frame import frame, prefix
from .letters import SPLIT, Initials, initials, letters
from .live import Shelf, Shown, by_title, each, shelf, withdrawn
from .overview import overview
from .sheet import Sheet

logger = logging.getLogger(__name__)
EMERGENCY = Emergency(call="911", place="US")
"""Where to turn when the guides that say it cannot be shown."""
UNREADABLE_AFTER = 3600
"""Seconds in `Retry-After` where a stored text is damaged: a person has to mend that."""
_DESK = "/admin/"


def missing(request: HttpRequest, *, language: str, slug: str = "") -> HttpResponse:
    """Where nothing is live: a redirect if the address has moved, 410 if the guide was taken down, otherwise 404."""
    moved = OldAddress.objects.filter(path__in={request.path, request.path.rstrip("/")}).first()
    if moved is not None and moved.to != request.path:
        return HttpResponsePermanentRedirect(moved.to)
    try:
        down = withdrawn(language, slug=slug) if slug else None
    except UnreadableText as error:
        logger.error("Taken down, and its emergency card cannot be read: %s", error)
        return gone_unread(request, language=language, slug=slug)
    return gone(request, down) if down else not_found(request, language=language)


def missing_or_unreadable(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """Where one of the site's own pages may be, whose text cannot be read: 503 unless something else is known of it."""
    answer = missing(request, language=language, slug=slug)
    return unreadable(request) if answer.status_code == 404 else answer


def not_found(request: HttpRequest, *, language: str = DEFAULT_LANGUAGE) -> HttpResponse:
    """The same bytes for an address nobody knows and for one that only a draft has."""
    live = Guide.objects.live().filter(language=language)
    if language != DEFAULT_LANGUAGE and not live.exists():  # /no-such/ reads as a language, and nothing is there in it
        with translation.override(DEFAULT_LANGUAGE):
            return not_found(request)
    found: Initials = {}
    if live.filter(kind=Kind.PROCEDURE).count() >= SPLIT:  # then their titles are enough, and all that is read
        titles = search.titles(language=language)
        found = initials(titles) if len(titles) >= SPLIT else _initials(language)
    row = letters(found, language=language)
    guides = [] if row else sorted((item for item in each(language) if _is_guide(item)), key=by_title)
    around = shelf(language)
    context = {
        "frame": frame(around, prefix(language), title=_("This page does not exist"), robots="noindex"),
        "letters": row,
        "guides": [] if row else [contexts.guide_pages(item) for item in guides],
    }
    return page(request, "procedures/not_found.html", context, status=404)


def _initials(language: str) -> Initials:
    try:
        return overview(language).initials
    except UnreadableText:
        return {}


def _is_guide(item: Shown) -> bool:
    return item.document.kind == Kind.PROCEDURE


def gone(request: HttpRequest, item: Shown) -> HttpResponse:
    """A guide that was taken down: it says so, and keeps its emergency card and how to reach help."""
    document = item.document
    around = shelf(document.language)
    sheet = Sheet(document)
    emergency = [group for group in parts.warning_signs(sheet) if group.urgency == "emergency"]
    context = {
        "frame": frame(around, item.home, title=document.title, robots="noindex"),
        "guide_title": document.title,
        "emergency": document.emergency,
        "signs": emergency,
        "sources": sheet.sources(),
    }
    return page(request, "procedures/gone.html", context, status=410)


def gone_unread(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """A guide that was taken down and whose text cannot be read any more: it says so, with the emergency number."""
    title = _("This guide has been taken down")
    context = {
        "frame": frame(shelf(language), f"{prefix(language)}{slug}/", title=title, robots="noindex"),
        "guide_title": title,
        "emergency": EMERGENCY,
        "signs": [],
        "sources": [],
    }
    return page(request, "procedures/gone.html", context, status=410)


def unreadable(request: HttpRequest) -> HttpResponse:
    """503: a stored text was damaged, so nothing of it is shown, neither as it stands nor another in its place."""
    sentence = _(
        "Its stored text was damaged, and we show no text that may say something else than what we released. "
        "It was written down. Please come back later, or ask the clinician who treats you, or any doctor."
    )
    if request.path.startswith(_DESK):
        sentence = _(
            "A stored text this page needs was damaged, and nothing of it is shown. “manage.py verify” names it. "
            "Bring back a backup, or open the draft of the guide, send it for review and publish it anew."
        )
    response = refused(request, _("This page cannot be shown just now"), sentence, status=503)
    response.headers["Retry-After"] = str(UNREADABLE_AFTER)
    return response


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    language = _language(request)
    with translation.override(language):
        try:
            return missing(request, language=language)
        except DatabaseError:
            logger.exception("The page for an unknown address could not be built")
            return refused(request, _("This page does not exist"), "", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs no database: what went wrong may be the database. Django calls it while the error is being handled."""
    error = sys.exc_info()[1]
    with translation.override(_language(request)):
        if _is_outage(error):
            return unavailable(request)
        if isinstance(error, UnreadableText):
            return unreadable(request)
        return refused(
            request,
            _("Something went wrong on our side"),
            _("This is our fault, and it was written down. Please try again in a few minutes."),
            status=500,
        )


def _is_outage(error: BaseException | None) -> bool:
    """An outage, or an error that came of one: Django says a session it could not write had been deleted."""
    while error is not None and not is_outage(error):
        error = error.__cause__ or error.__context__
    return error is not None


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with `Retry-After`. What staff have sent comes back in the page, to be sent again or copied."""
    sentence = _("We cannot look this up just now. Please try again in a minute.")
    kept: list[tuple[str, str, bool]] = []
    if request.method == "POST":
        sentence = _("We could not finish this just now. Please try again in a minute.")
        kept = _sent(request)
    if kept:
        sentence = _(
            "The database did not answer, so what you sent may not be saved. "
            "All of it is below: wait a minute, then press “Send again”. To be sure, copy your text first."
        )
    again = {"to": request.get_full_path(), "csrf": get_token(request), "fields": kept} if kept else None
    response = refused(request, _("Please try again in a minute"), sentence, status=503, again=again)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    if kept:
        response.headers["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Name, value and whether it reads as a text, of each field of a form of the desk.

    Nothing is given back of a form with a password, to readers, or to forged requests.
    """
    if not request.path.startswith(_DESK) or not getattr(request, "csrf_processing_done", False):
        return []
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # the body could not be read; then there is nothing to give back
        return []
    if any("password" in name for name, _value in sent):
        return []
    return [(name, str(value), " " in value) for name, value in sent if not name.startswith("csrf")]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _is_outage(exception):
        return unavailable(request)
    return refused(
        request,
        _("Your browser sent something we cannot read"),
        _("Go back, load the page again and try once more."),
        status=400,
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if exception is not None and str(exception):  # a step that says who may take it
        return refused(request, _("You may not do this"), str(exception), status=403)
    return refused(
        request,
        _("You may not open this"),
        _("If you work here, log in with an account that may, or ask whoever looks after the accounts."),
        status=403,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The view of CSRF_FAILURE_VIEW."""
    return refused(
        request,
        _("This form is too old or was sent from elsewhere"),
        _("Nothing was saved. Go back, copy what you typed, load the page again and send it once more."),
        status=403,
    )


def refused(
    request: HttpRequest, title: str, sentence: str, *, status: int, again: dict[str, Any] | None = None
) -> HttpResponse:
    """A page about an error. `again` holds a form to be sent again: where `to`, its `csrf` token, its `fields`."""
    context: dict[str, Any] = {
        "again": again,
        "emergency": EMERGENCY if status >= 500 else None,
        "frame": frame(Shelf(language=DEFAULT_LANGUAGE, clinic=Clinic()), "/", title=title, robots="noindex"),
        "sentence": sentence,
    }
    try:
        return page(request, "procedures/error.html", context, status=status)
    except Exception:  # a page about an error must not fail; whatever broke the template is logged
        logger.exception("The error page could not be rendered")
        return HttpResponse(f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{sentence}</p>", HTML, status)


def _language(request: HttpRequest) -> str:
    first = request.path.strip("/").split("/", 1)[0]
    known = is_language(first) and translation.check_for_language(first)
    return first if known else DEFAULT_LANGUAGE
