"""Pictures of the library. A file's name is the hash of its bytes, so what has been fetched once never changes.

They need no database: without one, what was taken down is known from a list beside the published pages.
"""

from __future__ import annotations

import logging
import re
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


def _taken_down(file: str) -> bool:
    """Whether staff took the picture down; without a database as of the last release, from `pages/taken-down`."""
    try:
        return PictureFile.objects.hidden().filter(file=file).exists()
    except DatabaseError:
        logger.warning("The database does not answer; pictures are served as of the last release")
    try:
        return file in (Path(settings.DATA_DIR) / "pages" / "taken-down").read_text().split()
    except OSError:
        return False


def _fixed(response: HttpResponseBase, *, cache: str) -> HttpResponseBase:
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
