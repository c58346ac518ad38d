"""Finds what must never be in rendered HTML. Written apart from the sanitiser's own lists, so that it can disagree."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAGS = set(
    "a blockquote br code dd details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr img li ol p pre span strong"
    " picture source summary sup table tbody td th thead tr ul".split()
)
_ATTRIBUTES = set(
    "alt aria-label class decoding height href id loading rel role scope sizes src srcset start tabindex title type width".split()
)
_VOID = {"br", "hr", "img", "source"}


class Detector(HTMLParser):
    """Reads HTML as a browser would read attributes, and keeps a list of everything that is not allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.links: list[str] = []
        self.tags = 0
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        if tag not in _TAGS:
            self.found.append(f"tag {tag}")
        if tag not in _VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name not in _ATTRIBUTES:
                self.found.append(f"attribute {tag} {name}")
            if name in {"href", "src"}:
                self.links.append(value or "")
                self._address(tag, value or "")
            if name == "srcset":
                for one in (value or "").split(","):
                    self._address("img", one.strip().partition(" ")[0])

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.found.append(f"nesting </{tag}>")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("declaration")

    def finish(self) -> list[str]:
        self.close()
        return [*self.found, *(f"unclosed {tag}" for tag in self._open)]

    def _address(self, tag: str, value: str) -> None:
        # As the URL standard does: leading and trailing control characters and spaces, tabs and line ends are ignored.
        seen = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(0x21))))
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", seen, re.IGNORECASE)
        outside = re.match(r"[/\\]{2}", seen)
        if tag == "img" and (scheme or outside):
            self.found.append(f"outside picture {value}")
        if outside or (scheme and scheme[1].lower() not in {"http", "https", "mailto", "tel"}):
            self.found.append(f"address {value}")


def forbidden(html: str) -> list[str]:
    """Return what is wrong with a piece of rendered HTML: forbidden tags, attributes, addresses, or bad nesting."""
    detector = Detector()
    detector.feed(html)
    return detector.finish()


def addresses(html: str) -> list[str]:
    """Return the targets of all links and pictures."""
    detector = Detector()
    detector.feed(html)
    return detector.links
