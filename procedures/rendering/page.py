"""One page: its texts rendered in order, its marks numbered, its headings collected."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it.token import Token

from . import changed, parser
from .html import Place, marks, render, render_line
from .references import Heading, Piece, References
from .safe import EMPTY, sanitise

# Ids that pages and marks own.
_TAKEN = re.compile(r"(?:source|mark)(?:-.*)?|main|contents", re.DOTALL)


class Page:
    """Renders all texts of one page; numbers marks in order of first use across the page.

    Make one for each page and hand it the texts in the order a reader meets them. Nothing in a text raises: an unknown
    key shows as ``[?key]``, a refused link as its words, a text over ``MAX_BYTES`` as it was typed. Labels come in the
    active language. ``id_prefix`` goes before every heading's id on this page; ``reserved`` are ids the template uses.
    """

    def __init__(
        self, references: References, *, id_prefix: str = "", reserved: Iterable[str] = (), changes: str = ""
    ) -> None:
        """`changes`: the address of the page that tells what changed since the review, for the marks of what did."""
        self._changes = changes
        self._references = references
        self._prefix = id_prefix
        self._numbers: dict[str, int] = {}
        self._labels: Counter[str] = Counter()
        self._ids: dict[str, int] = dict.fromkeys(reserved, 1)
        self._headings: list[Heading] = []

    def body(
        self, text: str, *, id_prefix: str = "", heading_shift: int = 0, before: str | None = None
    ) -> tuple[Piece, ...]:
        """Render a body: runs of HTML, and between them the keys of the figures that stand at its top level.

        ``id_prefix`` goes before each heading's id; ``heading_shift`` 1 turns h2 into h3. ``before`` is the text a
        clinician signed: blocks that it does not hold are marked.
        """
        if parser.too_long(text):
            return (Piece(sanitise(f"<pre><code>{escape(parser.printable(text))}</code></pre>")),)
        tokens = parser.parse(text)
        if before is not None:
            tokens = changed.marked(tokens, parser.parse(before), pictures=self._references.images)
        place = self._place()
        place.fragments = self._name_headings(tokens, prefix=self._prefix + id_prefix, shift=heading_shift)
        pieces: list[Piece] = []
        run: list[Token] = []
        for token in tokens:
            if token.type == "figure" and token.level == 0 and token.content in self._references.figures:
                pieces += _run(run, place)
                pieces.append(Piece(EMPTY, token.content))
                run = []
            else:
                run.append(token)
        return (*pieces, *_run(run, place))

    def line(self, text: str) -> SafeString:
        """Render a one-line text: emphasis, code, links and marks, no blocks and no pictures."""
        if parser.too_long(text):
            return sanitise(escape(parser.printable(text)))
        return sanitise(render_line(parser.parse_line(text), self._place()))

    def changed(self, html: SafeString) -> SafeString:
        """A rendered line that changed since the review, and says so."""
        return sanitise(changed.wrapped(html, self._changes))

    def note(self) -> SafeString:
        """The words at a part that changed since the review."""
        return sanitise(changed.note(self._changes))

    def behind(self, url: str) -> SafeString:
        """The words at a translated part whose original, at `url`, has changed since."""
        return sanitise(changed.behind(url))

    def removed(self) -> SafeString:
        """The line where something stood that was removed since the review."""
        return sanitise(changed.removed(self._changes))

    def marks(self, keys: Iterable[str]) -> SafeString:
        """Render the numbered marks for the keys of a ``cites`` list."""
        return sanitise(marks(list(keys), self._place()))

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys cited so far; the first has number 1."""
        return tuple(self._numbers)

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings of the bodies rendered so far, in order."""
        return tuple(self._headings)

    def _place(self) -> Place:
        return Place(references=self._references, cite=self._cite, unique=self._unique_label, changes=self._changes)

    def _cite(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _unique_label(self, label: str) -> str:
        self._labels[label] += 1
        return label if self._labels[label] == 1 else f"{label} ({self._labels[label]})"

    def _name_headings(self, tokens: list[Token], *, prefix: str, shift: int) -> dict[str, str]:
        """Give headings level and id; return, for links inside the text, each plain id and the id on this page."""
        fragments: dict[str, str] = {}
        for opening, heading, closing in self._find_headings(tokens, prefix=prefix, shift=shift):
            fragments.setdefault(heading_id(heading.text), heading.id)
            opening.tag = closing.tag = f"h{heading.level}"
            opening.attrs["id"] = heading.id
        return fragments

    def _find_headings(
        self, tokens: Sequence[Token], *, prefix: str = "", shift: int = 0
    ) -> Iterator[tuple[Token, Heading, Token]]:
        for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if opening.type != "heading_open":
                continue
            level = min(6, max(2, int(opening.tag[1:])) + max(0, shift))
            text = parser.words(inline.children)
            self._headings.append(Heading(level, self._unique_id(prefix + heading_id(text)), text))
            yield opening, self._headings[-1], closing

    def _unique_id(self, wanted: str) -> str:
        if _TAKEN.fullmatch(wanted):
            wanted = f"about-{wanted}"
        name = wanted
        while name in self._ids:
            self._ids[wanted] += 1  # counted, so that a thousand equal headings take no thousand tries each
            name = f"{wanted}-{self._ids[wanted]}"
        self._ids[name] = 1
        return name


@lru_cache(maxsize=64)
def headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of a body with the ids they have on their section's page, without rendering the rest."""
    page = Page(References())
    if not parser.too_long(text):
        deque(page._find_headings(parser.read(text)[0]), maxlen=0)
    return page.headings


def heading_id(text: str) -> str:
    """Return the id of a heading with this plain text, before prefix and numbering: ``What it is`` → ``what-it-is``."""
    return slugify(text, allow_unicode=True)[:80].strip("-_") or "part"


def _run(tokens: list[Token], place: Place) -> tuple[Piece, ...]:
    html = render(tokens, place)
    return (Piece(sanitise(html)),) if html.strip() else ()
