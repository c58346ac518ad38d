"""The words of all guides in one glossary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..document import Document, Kind, Source, Term, from_plain, to_plain
from ..rendering import used
from ..rows import Rows
from .letters import Initials, letter_of


@dataclass(frozen=True)
class Explained:
    """Some words of the glossary. `document` holds them, the words their definitions link to, and their sources."""

    terms: tuple[Term, ...]
    document: Document


class Words:
    """Every term of the guides it is given, and the sources those terms cite. Of two wordings the one given later stays.

    They stand in `rows`, not in memory.
    """

    def __init__(self, rows: Rows, *, language: str) -> None:
        self._rows = rows
        self._language = language

    def add(self, document: Document) -> None:
        for term in document.terms:
            plain = to_plain(term)
            self._rows.put("terms", term.key, plain, sort=term.term.casefold(), part=letter_of(term.term))
        cited = _cited(document.terms)
        for source in document.sources:
            if source.key in cited:
                self._rows.put("sources", source.key, to_plain(source))
            else:  # one that words of an earlier guide cite may have another wording here
                self._rows.replace("sources", source.key, to_plain(source))

    @property
    def initials(self) -> Initials:
        return self._rows.parts("terms")

    def terms(self, letter: str | None = None) -> Iterator[Term]:
        """All words, or those of one letter, in alphabetical order."""
        return (from_plain(Term, plain) for plain in self._rows.values("terms", part=letter))

    def explained(self, letter: str | None = None) -> Explained:
        """All words, or those of one letter, with what explaining them needs."""
        terms = tuple(self.terms(letter))
        linked = {key for term in terms for key in used(term.definition).terms} - {term.key for term in terms}
        near = (plain for key in sorted(linked) if (plain := self._rows.get("terms", key)) is not None)
        found = (*terms, *(from_plain(Term, plain) for plain in near))
        sources = (plain for key in sorted(_cited(found)) if (plain := self._rows.get("sources", key)) is not None)
        document = Document(
            folder="glossary",
            kind=Kind.SITE,
            slug="glossary",
            language=self._language,
            title="",
            terms=found,
            sources=tuple(from_plain(Source, plain) for plain in sources),
        )
        return Explained(terms, document)


def _cited(terms: Iterable[Term]) -> set[str]:
    return {key for term in terms for key in (*term.cites, *_marks(term.definition))}


@lru_cache(maxsize=4096)
def _marks(definition: str) -> frozenset[str]:
    return used(definition).marks
