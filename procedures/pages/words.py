"""The words of all guides in one glossary."""

from __future__ import annotations

import datetime

from ..document import Document, Kind, Source, Term
from ..rendering import used


class Words:
    """Every term of the guides it is given, one after another, and the sources those terms cite."""

    def __init__(self) -> None:
        self._terms: dict[str, tuple[datetime.date, Term]] = {}
        self._sources: dict[str, tuple[datetime.date, Source]] = {}

    def add(self, document: Document, *, written: datetime.date) -> None:
        """Of two wordings the later released stays."""
        cited: set[str] = set()
        for term in document.terms:
            cited |= {*term.cites, *used(term.definition).marks}
            if term.key not in self._terms or self._terms[term.key][0] <= written:
                self._terms[term.key] = written, term
        for source in document.sources:
            if source.key in cited and (source.key not in self._sources or self._sources[source.key][0] <= written):
                self._sources[source.key] = written, source

    def document(self, language: str) -> Document:
        """All of them as one document."""
        terms = (term for _written, term in self._terms.values())
        sources = (source for _written, source in self._sources.values())
        return Document(
            folder="glossary",
            kind=Kind.SITE,
            slug="glossary",
            language=language,
            title="",
            terms=tuple(sorted(terms, key=lambda term: (term.term.casefold(), term.key))),
            sources=tuple(sorted(sources, key=lambda source: source.key)),
        )
