"""The glossary: the union of the terms in live documents."""

from __future__ import annotations

from collections.abc import Sequence

from ..document import Document, Kind, Source, Term
from .live import Shown


def merged(items: Sequence[Shown]) -> Document:
    """One document with every term of these guides and the sources they cite; of two wordings the later released stays."""
    terms: dict[str, Term] = {}
    sources: dict[str, Source] = {}
    for item in sorted(items, key=lambda shown: shown.written):
        terms.update({term.key: term for term in item.document.terms})
        sources.update({source.key: source for source in item.document.sources})
    language = items[0].document.language if items else "en"
    return Document(
        folder="glossary",
        kind=Kind.SITE,
        slug="glossary",
        language=language,
        title="",
        terms=tuple(sorted(terms.values(), key=lambda term: (term.term.casefold(), term.key))),
        sources=tuple(sorted(sources.values(), key=lambda source: source.key)),
    )
