"""Pictures of the library. A file's name is the hash of its bytes, so what has been fetched once never changes."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE
from ..models import Image
from . import errors

TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
_NAME = re.compile(r"[0-9a-f]{64}(?:-[0-9]{2,5})?\.(?P<ext>" + "|".join(TYPES) + ")")


@require_safe
def media(request: HttpRequest, *, file: str) -> HttpResponseBase:
    """One picture; 410 when it was taken down, 404 for any name that is not `<64 hex digits>[-width].<known ext>`."""
    found = _NAME.fullmatch(file)
    path = Path(settings.MEDIA_ROOT) / file
    if found is None or not path.is_file() or path.is_symlink():
        return errors.not_found(request, language=DEFAULT_LANGUAGE)
    if Image.objects.filter(file__startswith=file[:64], taken_down=True).exists():
        return _fixed(HttpResponse("This picture was taken down.", "text/plain; charset=utf-8", 410), cache="no-cache")
    response = FileResponse(path.open("rb"), content_type=TYPES[found["ext"]])
    response.headers["ETag"] = f'"{file}"'
    return _fixed(response, cache="public, max-age=31536000, immutable")


def _fixed(response: HttpResponseBase, *, cache: str) -> HttpResponseBase:
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
