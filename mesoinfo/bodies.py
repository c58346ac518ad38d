"""Slow senders: how many requests with a body one worker reads at a time, so that reading pages never waits for them.

A thread of the server waits while a body comes in. Without this, as many slow senders as there are threads stop the
whole site. A proxy that collects bodies before it passes them on, as nginx does, meets slow senders itself.
"""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from procedures.requests import client_address

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
RETRY_AFTER = "5"
PATIENCE = 0.1
"""Seconds a request waits for its turn: bodies that are there already are read in less than one millisecond."""
IN_MEMORY = 1024 * 1024
LARGEST = settings.IMAGE_MAX_BYTES + IN_MEMORY
"""Bytes that are read of a body; of a longer one Django gets the beginning, and refuses it."""
PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Please try again</title>'
    b"<h1>Please try again in a few seconds</h1><p>Nothing was kept of what you sent. Go back and send it again.</p>"
    b"<p>In an emergency call 911 (US).</p></html>"
)


class Bodies:
    """WSGI in front of Django: `most` bodies are read at once, of one address half of them; the others get 503."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app = app
        self.most = max(1, most)
        self.of_one = max(1, self.most // 2)
        self._changed = threading.Condition()
        self._reading: Counter[str] = Counter()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return self.app(environ, start_response)
        address = client_address(WSGIRequest({"wsgi.input": None, **environ}))
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(address), timeout=PATIENCE):
                return _refused(start_response)
            self._reading[address] += 1
        try:
            body = _read(environ)
        finally:
            with self._changed:
                self._reading[address] -= 1
                if not self._reading[address]:
                    del self._reading[address]
                self._changed.notify_all()
        with body:
            return self.app({**environ, "wsgi.input": body}, start_response)

    def _is_free(self, address: str) -> bool:
        return self._reading.total() < self.most and self._reading[address] < self.of_one


def _read(environ: Environ) -> IO[bytes]:
    """The body, whole, up to what is read of any; in memory, or in a temporary file if it is large."""
    try:
        left = min(int(environ.get("CONTENT_LENGTH") or LARGEST), LARGEST)
    except ValueError:
        left = 0
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever asked closes it)
    try:
        while left > 0 and (piece := environ["wsgi.input"].read(min(left, 65_536))):
            body.write(piece)
            left -= len(piece)
        body.seek(0)
    except BaseException:
        body.close()
        raise
    return body


def _refused(start_response: Callable[..., Any]) -> Iterable[bytes]:
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
