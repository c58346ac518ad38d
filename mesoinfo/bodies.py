"""Who may hold a thread: slow senders and requests that wait for something never take all of them.

A thread of the server waits while a body comes in, and while the database or the shared storage of pictures answers.
Without this, as many slow senders or hanging requests as there are threads stop the whole site, published pages too. A proxy
that collects bodies before it passes them on, as nginx does, meets slow senders itself.
"""

from __future__ import annotations

import tempfile
import threading
import time
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
"""Seconds in which a body must have come in whole somewhere, or nobody waits: one that is there already takes a millisecond."""
STANDSTILL = 1.0
"""Seconds in which Django must have answered something, when all its places are taken, or nobody waits for one."""
ALWAYS = "/healthz"
"""Asks nothing of anybody, so it needs no place."""
IN_MEMORY = 1024 * 1024
LARGEST = settings.IMAGE_MAX_BYTES + IN_MEMORY
"""Bytes that are read of a body; of a longer one Django gets the beginning, and refuses it."""
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Please try again</title>'
    "<h1>Please try again in a few seconds</h1><p>{}</p><p>In an emergency call 911 (US).</p></html>"
)
NOT_KEPT = PAGE.format("Nothing was kept of what you sent. Go back and send it again.").encode()
NOT_FOUND_OUT = PAGE.format("We cannot look this up just now. All guides can be read meanwhile.").encode()


class Places:
    """`most` places, `of_one` of them for one name. Who finds none waits, `queue` at once, but not while nothing moves.

    Nothing moves when all places have been taken for `patience` seconds and nobody left with success. Then everybody is
    refused at once: somebody who waits holds a thread as well.
    """

    def __init__(self, most: int, *, of_one: int, queue: int, patience: float) -> None:
        self.most, self.of_one, self.queue, self.patience = most, of_one, queue, patience
        self._waiting = 0
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._moved: dict[str, float] = {}

    def take(self, name: str) -> bool:
        """Whether there is a place now; who got one gives it back with `leave`."""
        with self._changed:
            while full := [one for one in ("", name) if self._taken[one] >= (self.of_one if one else self.most)]:
                left = min(self._moved[one] for one in full) + self.patience - time.monotonic()
                if left <= 0 or self._waiting >= self.queue:
                    return False
                self._waiting += 1
                self._changed.wait(left)
                self._waiting -= 1
            for one in {"", name}:
                self._taken[one] += 1
                self._moved[one] = time.monotonic()
            return True

    def leave(self, name: str, *, success: bool) -> None:
        with self._changed:
            for one in {"", name}:
                self._taken[one] -= 1
                if not self._taken[one]:
                    del self._taken[one], self._moved[one]
                elif success:
                    self._moved[one] = time.monotonic()
            self._changed.notify_all()


class Bodies:
    """WSGI in front of Django, which gets one and a half times `most` requests at once; `most` bodies are read at once, of one
    address half of them. The others get 503. `most` is half of the threads of this worker."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app = app
        most = max(1, most)
        half, most_asking = max(1, most // 2), most + most // 2
        self._reading = Places(most, of_one=half, queue=half, patience=PATIENCE)
        self._asking = Places(most_asking, of_one=most_asking, queue=2 * most, patience=STANDSTILL)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == ALWAYS:
            return self.app(environ, start_response)
        if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return self._ask(environ, start_response, NOT_FOUND_OUT)
        address = client_address(WSGIRequest({"wsgi.input": None, **environ}))
        if not self._reading.take(address):
            return _refused(start_response, NOT_KEPT)
        success = False
        try:
            body = _read(environ)
            success = True
        finally:
            self._reading.leave(address, success=success)
        with body:
            return self._ask({**environ, "wsgi.input": body}, start_response, NOT_KEPT)

    def _ask(self, environ: Environ, start_response: Callable[..., Any], otherwise: bytes) -> Iterable[bytes]:
        """Django's answer. One that says it could not be found out is no sign that anything moves."""
        if not self._asking.take(""):
            return _refused(start_response, otherwise)
        success = False

        def started(status: str, *more: Any) -> Any:
            nonlocal success
            success = not status.startswith("503")
            return start_response(status, *more)

        try:
            return self.app(environ, started)
        finally:
            self._asking.leave("", success=success)


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


def _refused(start_response: Callable[..., Any], page: bytes) -> Iterable[bytes]:
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Retry-After", RETRY_AFTER),
            ("Connection", "close"),
        ],
    )
    return [page]
