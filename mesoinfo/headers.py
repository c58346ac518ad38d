"""Security headers Django 5.2 does not send itself. To be deleted at Django 6.0, which reads the same SECURE_CSP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)


def policy(directives: Mapping[str, Sequence[str]]) -> str:
    """The value of Content-Security-Policy for directives as SECURE_CSP holds them."""
    return "; ".join(f"{name} {' '.join(map(str, values))}".strip() for name, values in directives.items())


class HeadersMiddleware:
    """Adds the policy and isolation headers to every answer that does not bring its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.csp = policy(settings.SECURE_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        csp = policy(settings.SECURE_CSP) if settings.DEBUG else self.csp  # the hash of a style that is being changed
        response.headers.setdefault("Content-Security-Policy", csp)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
