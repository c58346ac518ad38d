"""Pictures of the library. A file's name is the hash of its bytes, so what has been fetched once never changes.

They need no database: what was taken down is known from a list beside the published pages, which the step that takes a
picture down writes before it is done, as it takes the pages down that show it (`prerender`). Each worker's own look at the
database adds what a disk refused to note, and what another host took down.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from .. import pictures
from ..document import DEFAULT_LANGUAGE
from ..models import PictureFile
from . import errors

logger = logging.getLogger(__name__)
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
_NAME = re.compile(r"[0-9a-f]{64}\.(?P<ext>" + "|".join(TYPES) + ")")
_withheld: frozenset[str] = frozenset()


@require_safe
def media(request: HttpRequest, *, file: str) -> HttpResponseBase:
    """One picture; 410 when it was taken down, 404 for any name that is not `<64 hex digits>.<known ext>`.

    503 when this host has no copy and the storage that hosts share does not answer: the picture may well be there.
    """
    found = _NAME.fullmatch(file)
    try:
        data = pictures.read_for_reader(file) if found else None
    except pictures.Unavailable:
        return errors.unavailable(request)
    if found is None or data is None:
        return errors.not_found(request, language=DEFAULT_LANGUAGE)
    if _taken_down(file):
        return _fixed(HttpResponse("This picture was taken down.", "text/plain; charset=utf-8", 410), cache="no-cache")
    response = HttpResponse(data, content_type=TYPES[found["ext"]])
    response.headers["ETag"] = f'"{file}"'
    return _fixed(response, cache="public, max-age=31536000, immutable")


def withhold(files: Iterable[str]) -> None:
    """Keeps in this process which files the database says were taken down; called whenever it has a new step."""
    global _withheld
    _withheld = frozenset(files)


def _taken_down(file: str) -> bool:
    """Whether staff took the picture down. The database is asked only where nothing was noted, or nothing notes it."""
    noted = _noted()
    if noted is not None and settings.AFTER_RELEASE:
        return file in noted or file in _withheld
    try:
        return PictureFile.objects.hidden().filter(file=file).exists()
    except DatabaseError:
        logger.warning("The database does not answer; pictures are served as of the last release")
    return file in (noted or ()) or file in _withheld


def _noted() -> list[str] | None:
    try:
        return (Path(settings.DATA_DIR) / "pages" / "taken-down").read_text().split()
    except (OSError, UnicodeError):
        return None


def _fixed(response: HttpResponseBase, *, cache: str) -> HttpResponseBase:
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
