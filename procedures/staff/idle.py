"""A login ends after some time without a request. What was typed is kept by autosave, not by the session."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

EVERY = 60
"""Seconds between two notes that somebody is there: at most one write a minute and person."""
SEEN = "seen"


class IdleMiddleware:
    """Moves the end of a session on while its person works: SESSION_COOKIE_AGE after the last noted request.

    Because a request is noted at most once in `EVERY` seconds, a session ends up to that much early, never late.
    Whoever sends no session cookie is left alone, so that readers' pages never depend on one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        in_desk = request.path.startswith(settings.SESSION_COOKIE_PATH)
        if in_desk and settings.SESSION_COOKIE_NAME in request.COOKIES and not request.session.is_empty():
            now = int(time.time())
            if now - request.session.get(SEEN, 0) >= EVERY:
                request.session[SEEN] = now  # a change makes Django save it, with a new end
        return response
