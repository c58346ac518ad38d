"""Every check, run on one document."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from .. import rendering
from ..document import Document
from . import age, balance, claims, lengths, markup
from .finding import Finding
from .passages import Passage
from .passages import passages as passages_of


def findings(
    document: Document,
    *,
    today: datetime.date,
    guides: Mapping[str, rendering.Link] | None = None,
    review_due: datetime.date | None = None,
) -> tuple[Finding, ...]:
    """What editors should look at in a document: errors first, then by unit and line. Never raises.

    `guides` are the live guides by folder; without them links to other guides are trusted. `review_due` is the day by
    which the live text is to be reviewed again, where a clinician has signed it. Checks of wording and reading
    grade run only on English documents; the others need no language. What the shape forbids (`document_faults`) is not
    repeated here.
    """
    found = (*_all(document, today, guides), *age.review_findings(document, due=review_due, today=today))
    return tuple(sorted(dict.fromkeys(found), key=_order))


def errors(document: Document, *, guides: Mapping[str, rendering.Link] | None = None) -> tuple[Finding, ...]:
    """Those of `findings` that stop a text, without looking for what only asks for attention."""
    found = dict.fromkeys(one for one in _stopping(document, passages_of(document), guides) if one.level == "error")
    return tuple(sorted(found, key=_order))


def _order(one: Finding) -> tuple[object, ...]:
    return one.level, one.unit, one.line, one.check, one.message


def _stopping(
    document: Document, passages: tuple[Passage, ...], guides: Mapping[str, rendering.Link] | None
) -> Iterator[Finding]:
    """The checks that find errors; some of them find warnings too."""
    yield from markup.markup_findings(document, guides=guides)
    yield from markup.link_findings(document)
    yield from markup.picture_findings(document)
    yield from claims.statement_findings(document, passages)
    yield from balance.emergency_findings(document)
    if document.language.startswith("en"):
        yield from claims.wording_findings(document, passages)


def _all(document: Document, today: datetime.date, guides: Mapping[str, rendering.Link] | None) -> Iterator[Finding]:
    passages = passages_of(document)
    yield from _stopping(document, passages, guides)
    yield from lengths.length_findings(document, passages)
    yield from balance.option_findings(document)
    yield from age.source_findings(document, today=today)
    yield from age.price_findings(document, today=today)
    if document.language.startswith("en"):
        yield from lengths.reading_findings(document, passages)
        yield from lengths.term_findings(document, passages)
        yield from balance.balance_findings(document, passages)
