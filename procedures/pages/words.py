"""The words of all guides in one glossary."""

from __future__ import annotations

from functools import lru_cache

from ..document import Document, Kind, Source, Term
from ..rendering import used


class Words:
    """Every term of the guides it is given, and the sources those terms cite. Of two wordings the one given later stays."""

    def __init__(self) -> None:
        self._terms: dict[str, Term] = {}
        self._sources: dict[str, Source] = {}

    def add(self, document: Document) -> None:
        cited = {key for term in document.terms for key in (*term.cites, *_marks(term.definition))}
        self._terms |= {term.key: term for term in document.terms}
        wanted = (source for source in document.sources if source.key in cited or source.key in self._sources)
        self._sources |= {source.key: source for source in wanted}

    def document(self, language: str) -> Document:
        """All of them as one document."""
        return Document(
            folder="glossary",
            kind=Kind.SITE,
            slug="glossary",
            language=language,
            title="",
            terms=tuple(sorted(self._terms.values(), key=lambda term: (term.term.casefold(), term.key))),
            sources=tuple(sorted(self._sources.values(), key=lambda source: source.key)),
        )


@lru_cache(maxsize=4096)
def _marks(definition: str) -> frozenset[str]:
    return used(definition).marks
