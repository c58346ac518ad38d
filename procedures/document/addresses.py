"""Words an address may not use, because the site answers there itself (design: addresses)."""

from __future__ import annotations

RESERVED_AT_ROOT = frozenset(
    [
        "admin",
        "static",
        "media",
        "preview",
        "search",
        "feedback",
        "glossary",
        "a-z",
        "v",
        "healthz",
        "readyz",
        "sitemap",
        "robots",
        "feed",
        "favicon",
        "accounts",
        "api",
        "index",
        "all",
        "options",
        "get-help",
        "plan",
        "take-home",
        "changes",
    ]
)
"""A guide, or a section of the site's own pages, may not have one of these as its slug."""

RESERVED_IN_GUIDE = RESERVED_AT_ROOT | {"all", "options", "get-help", "plan", "take-home", "changes"}
"""A section of a procedure guide may not have one of these as its slug: those a guide has itself, and those that
would read like a part of the site, such as `admin` (the list of hostile front matter wants them refused)."""


def is_language(slug: str) -> bool:
    """Whether `slug` reads as a language tag (two letters, optional region or script), which starts addresses."""
    first, _, rest = slug.partition("-")
    return len(first) == 2 and first.isalpha() and (not rest or 2 <= len(rest) <= 4)
