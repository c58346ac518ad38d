"""From a template and a context to an answer: no request in the context, so nothing can ask who is reading."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import get_conditional_response

HTML = "text/html; charset=utf-8"


def page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page in the active language and answer it. Errors carry no ETag: they are never the latest of anything."""
    return answer(request, get_template(template).render(dict(context)), content_type=HTML, status=status)


def answer(request: HttpRequest, body: str | bytes, *, content_type: str, status: int = 200) -> HttpResponse:
    """`Cache-Control: no-cache`, and for 200 a strong ETag of the bytes and 304 for who has them (RFC 9110, 13)."""
    content = body.encode() if isinstance(body, str) else body
    response = HttpResponse(content, content_type=content_type, status=status)
    response.headers["Cache-Control"] = "no-cache"
    if status != 200:
        return response
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
