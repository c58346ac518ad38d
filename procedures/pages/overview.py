"""All guides of one language: a line of each, and their words. For home, letters and glossary.

A site of ten thousand guides does not fit into memory: lines and words stand in `rows`, and are read where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ..document import Kind
from ..rows import Rows
from .left_out import leaving_out
from .letters import Initials, letter_of
from .live import Shown, by_title, each, once
from .words import Words


@dataclass(frozen=True)
class Line:
    """What lists say of a guide. `folder` and `hash` name its live text."""

    title: str
    url: str
    summary: str
    folder: str
    hash: str


@dataclass(frozen=True)
class Overview:
    """What is live in one language, from one reading. `site`: its own pages, if they are live and can be read."""

    language: str
    site: Shown | None
    words: Words
    rows: Rows

    def __bool__(self) -> bool:
        """Whether anything is live."""
        return self.site is not None or bool(self.initials)

    @property
    def initials(self) -> Initials:
        return self.rows.parts("guides")

    @property
    def only(self) -> Line | None:
        """The one guide, where there is no other."""
        return next(self.guides()) if self.rows.count("guides") == 1 else None

    def guides(self, letter: str | None = None) -> Iterator[Line]:
        """All guides, or those of one letter, by title."""
        return (Line(**plain) for plain in self.rows.values("guides", part=letter))


def overview(language: str) -> Overview:
    """What is live in `language`. One query; within `reading_once` it is read once.

    A text that cannot be read is left out. Raises UnreadableText when no guide can be read though some are live: a list
    without any would say that there are none.
    """
    return once(f"overview {language}", lambda: _read(language))


def _read(language: str) -> Overview:
    rows, site = Rows(), None
    words = Words(rows, language=language)
    with leaving_out() as unread:
        for item in each(language):
            document = item.document
            words.add(document)  # as they were handed in: of two wordings of a word the later one stays
            if document.kind == Kind.SITE:
                site = min(filter(None, (site, item)), key=by_title)
                continue
            line = Line(document.title, item.home, document.summary, document.folder, item.hash)
            title = document.title
            rows.put("guides", document.folder, asdict(line), sort=title.casefold(), part=letter_of(title))
    if not rows.count("guides"):
        for error in unread.values():
            if error.revision.guide.kind == Kind.PROCEDURE:
                raise error
    return Overview(language, site, words, rows)
