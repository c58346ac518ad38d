"""The last step of every text: an allow-list, and the only place that calls HTML safe.

Nothing else in the project makes a SafeString. What comes in is HTML our own renderer wrote (raw HTML in Markdown is
off), so the list is exactly what that renderer can write, with each attribute's value matched in full.
"""

from __future__ import annotations

import json
import re

import nh3
from django.utils.safestring import SafeString, mark_safe

from .addresses import is_local, may_be_live

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_CLASSES = {
    "a": {"term", "changed"},
    "mark": {"changed"},
    "sup": {"mark", "mark-separator"},
    "span": {"unknown", "changed"},
    "figure": {"picture"},
    "details": {"check"},
    "div": {"table", "do", "dont", "note", "care care-emergency", "care care-same-day", "care care-soon"},
    "p": {"care-label", "do-label", "dont-label", "card-title", "changed"},
    "th": {"align-left", "align-center", "align-right"},
    "td": {"align-left", "align-center", "align-right"},
}
_FILES = re.compile(
    r"/media/[0-9a-f]{64}\.(?:jpg|png|webp) [0-9]{1,5}w(?:, /media/[0-9a-f]{64}\.(?:jpg|png|webp) [0-9]{1,5}w)*"
)
_VALUES = {
    ("a", "rel"): re.compile(r"noopener noreferrer"),
    ("div", "role"): re.compile(r"group|note|region"),
    ("div", "tabindex"): re.compile(r"0"),
    ("img", "width"): re.compile(r"[0-9]{1,5}"),
    ("img", "height"): re.compile(r"[0-9]{1,5}"),
    ("img", "loading"): re.compile(r"lazy"),
    ("img", "decoding"): re.compile(r"async"),
    **{(tag, "srcset"): _FILES for tag in ("img", "source")},
    **{(tag, "sizes"): re.compile(r"[a-z0-9 ,:()-]{1,80}") for tag in ("img", "source")},
    ("source", "type"): re.compile(r"image/webp"),
    ("ol", "start"): re.compile(r"[0-9]{1,9}"),
    ("th", "scope"): re.compile(r"col|row"),
    **{(tag, "id"): re.compile(r"[\w-]+") for tag in _HEADINGS},
}
_ANY_TEXT = {("a", "title"), ("a", "aria-label"), ("div", "aria-label"), ("img", "alt")}
_TAGS = {
    *_CLASSES,
    *_HEADINGS,
    *("blockquote", "br", "code", "dd", "dl", "dt", "em", "figcaption", "hr", "img", "li", "ol", "picture", "pre"),
    *("source", "strong", "summary", "table", "tbody", "thead", "tr", "ul"),
}


def _attributes() -> dict[str, set[str]]:
    named: dict[str, set[str]] = {tag: {"class"} for tag in _CLASSES}
    for tag, name in (*_VALUES, *_ANY_TEXT, ("a", "href"), ("img", "src")):
        named.setdefault(tag, set()).add(name)
    return named


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        kept = may_be_live(value)
    elif name == "src":
        kept = is_local(value) and value.startswith("/")
    elif name == "class":
        kept = value in _CLASSES.get(tag, ())
    elif (tag, name) in _ANY_TEXT:
        kept = True
    else:
        pattern = _VALUES.get((tag, name))
        kept = pattern is not None and pattern.fullmatch(value) is not None
    return value if kept else None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_attributes(),
    attribute_filter=_keep,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,  # the renderer sets rel on links that leave the site, and only there
)

EMPTY: SafeString = mark_safe("")


def clean(html: str) -> str:
    """Return what the allow-list leaves of a piece of HTML, still as an ordinary string."""
    return _CLEANER.clean(html)


def sanitise(html: str) -> SafeString:
    """Return what the allow-list leaves of some HTML, marked safe for templates; doing it twice changes nothing."""
    return mark_safe(clean(html))  # noqa: S308


def data_block(value: object) -> SafeString:
    """JSON for a `<script type="application/ld+json">`: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(text)  # noqa: S308
