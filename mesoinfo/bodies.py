"""Slow senders: how many requests with a body one worker reads at a time, so that reading pages never waits for them.

A thread of the server waits while a body comes in. Without this, as many slow senders as there are threads stop the
whole site. A proxy that collects bodies before it passes them on, as nginx does, meets slow senders itself.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest

from procedures.requests import client_address

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
RETRY_AFTER = "5"
PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Please try again</title>'
    b"<h1>Please try again in a few seconds</h1><p>Nothing was kept of what you sent. Go back and send it again.</p>"
    b"<p>In an emergency call 911 (US).</p></html>"
)


class Bodies:
    """WSGI in front of Django: `most` requests with a body at once, of one address half of them; the others get 503."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app = app
        self.most = max(1, most)
        self.of_one = max(1, self.most // 2)
        self._lock = threading.Lock()
        self._reading: Counter[str] = Counter()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return self.app(environ, start_response)
        address = client_address(WSGIRequest({"wsgi.input": None, **environ}))
        with self._lock:
            free = self._reading.total() < self.most and self._reading[address] < self.of_one
            if free:
                self._reading[address] += 1
        if not free:
            start_response(
                "503 Service Unavailable",
                [
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("Content-Length", str(len(PAGE))),
                    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
                    ("X-Content-Type-Options", "nosniff"),
                    ("Cache-Control", "no-store"),
                    ("Retry-After", RETRY_AFTER),
                    ("Connection", "close"),
                ],
            )
            return [PAGE]
        try:
            return self.app(environ, start_response)
        finally:
            with self._lock:
                self._reading[address] -= 1
                if not self._reading[address]:
                    del self._reading[address]
