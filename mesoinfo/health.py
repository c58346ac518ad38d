"""`/healthz`: the process answers. `/readyz`: this host can do its work. For machines: before hosts, https, sessions."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import add_never_cache_headers

from procedures.requests import client_address
from procedures.upkeep import Check, checks

SECONDS = 2.0
"""How long an answer of `/readyz` is given again by the same worker: strangers may ask, and it asks the database."""


class HealthMiddleware:
    """Answers both addresses itself, so that a probe needs neither the right Host nor https.

    `/readyz` is 503 when one of the checks fails without which this host should get no requests; with `?all` when any
    does. Strangers learn which check failed; why stands only in answers to this machine, and under `/admin/health/`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._lock = threading.Lock()
        self._looked = -SECONDS
        self._found: list[Check] = []

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path not in ("/healthz", "/readyz"):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            response: HttpResponse = HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        elif request.path == "/healthz":
            response = JsonResponse({"status": "ok"})
        else:
            response = answer(self._checks(), every="all" in request.GET, details=_is_near(request))
        return _plain(response)

    def _checks(self) -> list[Check]:
        with self._lock:
            if time.monotonic() - self._looked >= SECONDS:
                self._found, self._looked = checks(), time.monotonic()
            return self._found


def health(request: HttpRequest) -> HttpResponseBase:
    """`/admin/health/`, for staff: each check with what it found."""
    return _plain(answer(checks(), every=False, details=True))


def answer(found: list[Check], *, every: bool, details: bool) -> JsonResponse:
    """`status`: ok, attention (what can wait fails), unavailable."""
    ready = all(check.ok for check in found if check.needed or every)
    status = "unavailable" if not ready else "ok" if all(check.ok for check in found) else "attention"
    said: dict[str, Any] = {check.name: "ok" if check.ok else "not ok" for check in found}
    content: dict[str, Any] = {"status": status, "checks": said}
    if details:
        content["details"] = {check.name: check.said for check in found}
    return JsonResponse(content, status=200 if ready else 503)


def _is_near(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself; what a proxy passed on does not, unless it says for whom."""
    if not settings.TRUSTED_PROXIES and {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"} & set(request.META):
        return False
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False


def _plain(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
