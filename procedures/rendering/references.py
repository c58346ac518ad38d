"""What a text may point at, and what rendering hands back: frozen records, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Link:
    """An address inside the site and its plain-text title (for a glossary term: its definition)."""

    url: str
    title: str


@dataclass(frozen=True)
class Picture:
    """A picture of the library: a root-relative address, its size in CSS pixels, whom to credit.

    `smaller` are the addresses of its renditions with their widths, `webp` those in WebP, the narrowest first; `gone`:
    it was taken down, and a sentence stands in its place.
    """

    url: str
    width: int
    height: int
    credit: str = ""
    smaller: tuple[tuple[str, int], ...] = ()
    webp: tuple[tuple[str, int], ...] = ()
    gone: bool = False


@dataclass(frozen=True)
class References:
    """What the keys in a text may point at.

    On a page that holds several sections, a section's ``url`` may be a fragment (``#risks``); render that section's
    body with ``id_prefix="risks-"`` and links of the form ``section:risks#heading`` find the heading.
    """

    marks: Mapping[str, str] = field(default_factory=dict)  # key of a claim or source → its short plain title
    sections: Mapping[str, Link] = field(default_factory=dict)
    guides: Mapping[str, Link] = field(default_factory=dict)
    terms: Mapping[str, Link] = field(default_factory=dict)
    images: Mapping[str, Picture] = field(default_factory=dict)
    figures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Piece:
    """A run of HTML, or the key of a figure that stands at this place (then ``html`` is empty)."""

    html: SafeString
    figure: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading of the page: level 2–6 as rendered, its id, its text without marks and syntax."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Problem:
    """Something an author must change: the line within the text (from 1) and a sentence."""

    line: int
    message: str


@dataclass(frozen=True)
class Block:
    """A run of text as the editorial checks read it.

    ``kind`` is ``paragraph``, ``heading``, ``list-item`` (definition lists included), ``cell`` (of a table) or
    ``card`` (a paragraph directly inside a container); ``marks`` are the keys cited in it, in order; ``line`` counts
    from 1; ``context`` names the innermost container (``emergency``, ``do``, …) or is empty.
    """

    kind: str
    text: str
    marks: tuple[str, ...]
    line: int
    context: str = ""


@dataclass(frozen=True)
class Used:
    """The keys a text points at, known or not."""

    marks: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    figures: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
    guides: frozenset[str] = frozenset()
