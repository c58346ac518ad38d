"""System checks of the house."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver


def _patterns(found: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@register(Tags.security)
def no_views_of_markdownx(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Refuses django-markdownx's own views: they answer anonymous visitors and store what they send (CVE-2024-2319)."""
    found: list[CheckMessage] = [
        Error(
            "An address leads to a view of django-markdownx, which answers anybody and stores their uploads.",
            hint="Remove markdownx.urls; the admin has its own preview and upload.",
            id="procedures.E001",
        )
        for pattern in _patterns(get_resolver().url_patterns)
        if getattr(getattr(pattern.callback, "view_class", pattern.callback), "__module__", "").startswith("markdownx")
    ]
    return found[:1]
