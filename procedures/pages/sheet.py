"""One page's texts rendered in reading order, and at its end the sources its marks lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ..document import Certainty, Claim, Document, How, Kind, Source
from ..rendering import Link, Page, Piece, used
from ..rendering.of_document import home_of, references_of
from .live import Behind, Since
from .pictures import Pictures


@dataclass(frozen=True)
class Citation:
    """A source as a list of sources shows it."""

    source: Source
    url: str
    how: str


@dataclass(frozen=True)
class Entry:
    """What the mark with this number leads to: a claim with its sources, or one source alone."""

    number: int
    claim: Claim | None
    certainty: str
    citations: tuple[Citation, ...]
    changed: str = ""


@dataclass(frozen=True)
class Sources:
    """The list of sources of one page; `graded` is false while nobody has graded any of its claims."""

    entries: tuple[Entry, ...]
    graded: bool


class Sheet:
    """Renders one page of a document. Call its methods in the order a reader meets the texts: marks count so."""

    def __init__(
        self,
        document: Document,
        *,
        guides: Mapping[str, Link] | None = None,
        whole: bool = False,
        paper: bool = False,
        since: Since | None = None,
        behind: Behind | None = None,
    ) -> None:
        """`guides` as for `references_of`; on `paper` links inside the site become plain words.

        `since`: the text a clinician signed, if this one is another; whatever it says otherwise is marked.
        `behind`: of a translation, the parts whose original has changed since; each says so.
        """
        self._behind = behind
        self._before = since.document if since else None
        self.document = document
        self.whole = whole
        references = references_of(document, guides=guides, whole=whole)
        # A mark is read aloud at every use: the kind of study says enough, the list of sources says the rest.
        short = {claim.key: claim.study.split(",")[0] for claim in document.claims if claim.study}
        # The same for words of the glossary: the whole definition is one step away.
        terms = {key: Link(term.url, "") for key, term in references.terms.items()}
        marks = {**references.marks, **short}
        references = replace(references, marks=marks, terms=terms, images=Pictures(document))
        if paper:
            references = replace(references, sections={}, guides={}, terms={})
        has_changes = since is not None and not paper and document.kind == Kind.PROCEDURE
        self._page = Page(references, changes=f"{home_of(document)}changes/" if has_changes else "")
        self._sources = {source.key: source for source in document.sources}
        self._claims = {claim.key: claim for claim in document.claims}

    def text(self, text: str, cites: Iterable[str] = (), *, since: bool = False) -> SafeString:
        """A one-line text, then the marks of those `cites` that it does not carry itself. `since`: it changed."""
        rest = [key for key in cites if key not in used(text).marks]
        line = self._page.line(text)
        whole = line + self._page.marks(rest) if rest else line
        return self._page.changed(whole) if since and whole else whole

    def own(self, name: str) -> bool:
        """Did the guide's own field `name` change since the review?"""
        return self._before is not None and getattr(self._before, name) != getattr(self.document, name)

    def differs(self, name: str, key: str) -> bool:
        """Did the part `key` of the list `name` change since the review, or is it new?"""
        return self._before is not None and _item(self._before, name, key) != _item(self.document, name, key)

    def before(self, name: str, key: str) -> Any:
        """The part `key` of the list `name` as it was signed; None if it is new or no other text was signed."""
        return _item(self._before, name, key) if self._before is not None else None

    def note(self, differs: bool, *, part: str = "") -> str:
        """The words at something that changed since the review; empty for what did not.

        `part` is its name in `document.behind`: at a translation whose original has changed since, that is said too.
        """
        words = self._page.note() if differs else ""
        if self._behind is not None and part in self._behind.parts:
            late = self._page.behind(self._behind.original)
            return words + late if words else late
        return words

    def noted(self, name: str, key: str) -> str:
        """What there is to say at the part `key` of the list `name`."""
        return self.note(self.differs(name, key), part=f"guide.yaml#{name}/{key}")

    def gone(self, *names: str) -> str:
        """A line if something of these lists was removed since the review."""
        if self._before is None:
            return ""
        lost = any({item.key for item in self._before.items(name)} - _keys(self.document, name) for name in names)
        return self._page.removed() if lost else ""

    def marks(self, cites: Iterable[str]) -> SafeString:
        return self._page.marks(cites)

    def body(self, text: str, *, key: str = "") -> tuple[Piece, ...]:
        """A section's body; on the page that holds the whole guide its headings go one level down."""
        before = None
        if self._before is not None:
            section = self._before.section(key)
            before = section.body if section else ""
        if self.whole:
            return self._page.body(text, id_prefix=f"{key}-", heading_shift=1, before=before)
        return self._page.body(text, before=before)

    def sources(self) -> Sources:
        """What was cited so far, by number."""
        entries = tuple(self._entry(number, key) for number, key in enumerate(self._page.cited, start=1))
        grades = {entry.claim.certainty for entry in entries if entry.claim}
        return Sources(entries=entries, graded=grades != {Certainty.NOT_GRADED})

    def _entry(self, number: int, key: str) -> Entry:
        claim = self._claims.get(key)
        keys = claim.cites if claim else (key,)
        return Entry(
            number=number,
            claim=claim,
            certainty=certainty_words(claim.certainty) if claim else "",
            citations=tuple(citation(self._sources[source]) for source in keys if source in self._sources),
            changed=self.note(
                (claim is not None and self.differs("claims", key))
                or any(self.differs("sources", source) for source in keys if source in self._sources),
                part=f"guide.yaml#claims/{key}",
            ),
        )


def _item(document: Document, name: str, key: str) -> Any:
    return next((item for item in document.items(name) if item.key == key), None)


def _keys(document: Document, name: str) -> set[str]:
    return {item.key for item in document.items(name)}


def citation(source: Source) -> Citation:
    return Citation(source=source, url=source.link, how=how_words(source.how))


def how_words(how: str) -> str:
    return _(_HOW[How(how)])


def certainty_words(certainty: str) -> str:
    return _(_CERTAINTY[Certainty(certainty)])


_HOW = {
    How.PRIMARY: gettext_noop("we read the original"),
    How.COPY: gettext_noop("we read a copy"),
    How.NEWS: gettext_noop("we read news of it"),
    How.CITATION: gettext_noop("we read it as cited elsewhere"),
    How.NOT_RE_READ: gettext_noop("we have not read it again"),
}
_CERTAINTY = {
    Certainty.HIGH: gettext_noop("high certainty"),
    Certainty.MODERATE: gettext_noop("moderate certainty"),
    Certainty.LOW: gettext_noop("low certainty"),
    Certainty.VERY_LOW: gettext_noop("very low certainty"),
    Certainty.NOT_GRADED: gettext_noop("certainty not graded yet"),
}
