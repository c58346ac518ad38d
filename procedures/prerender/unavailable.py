"""What readers get where a server in front sends the files and the application behind it does not answer."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation

from ..pages import errors
from .asking import environ
from .storing import Folder

NAME = "unavailable.html"
"""In the folder of pages, beside what is live: a server in front must find it whatever is released or taken down."""


def keep_unavailable(store: Folder) -> None:
    """Writes the page of a 503 where it is missing or was made by other code. Raises OSError."""
    with translation.override(settings.LANGUAGE_CODE):
        body = errors.unavailable(WSGIRequest(environ("/"))).content
    path = store.root / NAME
    if path.is_file() and path.read_bytes() == body:
        return
    fresh = store.root / f".unavailable-{secrets.token_hex(8)}"
    fresh.write_bytes(body)
    fresh.replace(path)
