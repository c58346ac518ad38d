"""Answers of the editor's two addresses: always JSON, always a sentence, never a way to the login."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from ..models import RETRY_AFTER, is_outage

logger = logging.getLogger(__name__)
View = Callable[[HttpRequest], JsonResponse]


def refusal(sentence: str, *, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"error": sentence, **more}, status=status)


def for_staff(*, permission: str, most_bytes: int) -> Callable[[View], Callable[[HttpRequest], HttpResponse]]:
    """Wraps a POST view of the editor: who has not the permission gets 403 before a byte of the body is read.

    `most_bytes` is the largest body that is read at all. Whatever is wrong is answered in JSON with a 4xx status.
    """

    def wrap(view: View) -> Callable[[HttpRequest], HttpResponse]:
        protected = csrf_protect(view)

        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            try:
                response = _answer(request)
            except Exception as error:
                if not is_outage(error):
                    raise
                response = refusal(
                    _("The database or the disk does not answer. Keep your text here and try again in a minute."),
                    status=503,
                )
                logger.exception("The editor was told to try again")
                response.headers["Retry-After"] = str(RETRY_AFTER)
            add_never_cache_headers(response)
            return response

        def _answer(request: HttpRequest) -> HttpResponse:
            if not (admin.site.has_permission(request) and request.user.has_perm(permission)):
                return refusal(
                    _("You may not do this. Log in again in another window, then try once more."), status=403
                )
            if request.method != "POST":
                return refusal(_("This address only takes what the editor sends."), status=405)
            if int(request.META.get("CONTENT_LENGTH") or 0) > most_bytes:
                return refusal(_("This is too large to be sent."), status=413)
            try:
                response: HttpResponse = protected(request)
            except (MultiPartParserError, SuspiciousOperation, UnreadablePostError, RequestDataTooBig):
                return refusal(_("What was sent could not be read. Try again."), status=400)
            if response.status_code == 403 and not isinstance(response, JsonResponse):
                return refusal(
                    _("Your login has changed. Save your text, load the page again and try once more."), status=403
                )
            return response

        # The check for forged requests reads the body, so it must come after the check of who asks.
        return csrf_exempt(answer)

    return wrap
