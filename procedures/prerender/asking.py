"""One address asked of Django in this process, through every middleware, as a reader at SITE_URL would ask."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils import translation

OWN = ("content-length", "etag")
"""Headers that belong to one encoding of the body and are made when it is served."""


@dataclass(frozen=True)
class Answer:
    """What Django said: status, headers without those of one encoding, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class CannotBeAFile(Exception):
    """Django's answer to a reader's address failed, set a cookie or has no fixed body."""


def ask(path: str) -> Answer:
    """What Django answers to GET `path`. Raises CannotBeAFile with a sentence for an error or a personal answer."""
    request = WSGIRequest(environ(path))
    request.prerendering = True  # type: ignore[attr-defined]
    with translation.override(settings.LANGUAGE_CODE):
        response = _handler().get_response(request)
    if response.status_code >= 500:
        raise CannotBeAFile(f"Django answered {response.status_code} at {path}; the log says why")
    if not isinstance(response, HttpResponse) or response.cookies:
        raise CannotBeAFile(
            f"The answer at {path} is streamed or sets a cookie, so it cannot be the same for everybody"
        )
    headers = tuple((name, value) for name, value in response.items() if name.lower() not in OWN)
    # Not closed: closing announces the end of a request, which would close the publisher's database connection.
    return Answer(response.status_code, headers, response.content)


@lru_cache(maxsize=1)
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def environ(path: str) -> dict[str, object]:
    """The WSGI environment of GET `path` at SITE_URL."""
    site = urlsplit(settings.SITE_URL)
    found: dict[str, object] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": site.hostname or "",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER and site.scheme == "https":
        name, value = settings.SECURE_PROXY_SSL_HEADER
        found[name] = value
    return found


class _NotOurs(logging.Filter):
    """Keeps what we ask ourselves out of the log of readers' errors: a 410 page being made is no incident."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (getattr(getattr(record, "request", None), "prerendering", False) and record.levelno < logging.ERROR)


logging.getLogger("django.request").addFilter(_NotOurs())
