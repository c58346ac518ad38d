"""The checks of how old things are: links nobody has opened, prices of other years, reviews that are due."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.utils.translation import gettext as _

from ..document import Document, base, own_unit, part_unit, shared_unit
from .finding import Finding

LINK_DAYS = 365
PRICE_MONTHS = 18


def source_findings(document: Document, *, today: datetime.date) -> Iterator[Finding]:
    """Sources with an address that no one has opened, or not within a year."""
    for source in document.sources:
        if not (source.url or source.doi or source.pmid or source.pmcid):
            continue
        if not source.opened:
            message = _(
                "Nobody has opened the link of “%(key)s” yet. Open it, see that it says what we say, and fill in "
                "the day under `opened`."
            )
            yield Finding(
                "warning", "source-not-opened", shared_unit(source), 1, message % {"key": source.key}, "opened"
            )
            continue
        days = (today - datetime.date.fromisoformat(source.opened)).days if _is_date(source.opened) else 0
        if days > LINK_DAYS:
            message = _(
                "The link of “%(key)s” was last opened on %(day)s, over a year ago. Open it again and fill in "
                "the day under `opened`."
            )
            yield Finding(
                "warning",
                "source-not-opened",
                shared_unit(source),
                1,
                message % {"key": source.key, "day": source.opened},
                "opened",
            )


def price_findings(document: Document, *, today: datetime.date) -> Iterator[Finding]:
    """Prices that may be over 18 months old, counted from the end of the year they were given for; undated ones too."""
    for cost in document.costs:
        unit = part_unit(base(document.folder, document.language), "costs", cost.key)
        if cost.year is None:
            message = _(
                "The price “%(key)s” has no year. Find out when it was given; until then the page calls it undated."
            )
            yield Finding("warning", "old-price", unit, 1, message % {"key": cost.key}, "year")
        elif (today.year - cost.year - 1) * 12 + today.month > PRICE_MONTHS:
            message = _(
                "The price “%(key)s” is from %(year)s, over 18 months ago. Look for a newer one; until then the "
                "page calls it old."
            )
            yield Finding("warning", "old-price", unit, 1, message % {"key": cost.key, "year": cost.year}, "year")


def review_findings(document: Document, *, due: datetime.date | None, today: datetime.date) -> Iterator[Finding]:
    """A review whose day has passed. `due` is the day by which the live text was to be reviewed again; None: unsigned."""
    if due is not None and due < today:
        message = _(
            "This text was to be reviewed again by %(day)s, and the page says that it was not. Bring it up to date and "
            "send it for review, so that a clinician reads and signs it."
        )
        unit = own_unit(base(document.folder, document.language))
        yield Finding("warning", "review-overdue", unit, 1, message % {"day": due.isoformat()})


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
