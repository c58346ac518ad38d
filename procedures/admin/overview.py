"""How every guide stands, told from what was saved, sent and released, in one query and without reading a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..models import Edit, Guide, PublicationEvent, Review, Revision
from .standing import when

State = Revision.State


@dataclass(frozen=True)
class Standing:
    """A guide and how it stands, from what was saved, sent and released; the texts themselves are not read."""

    guide: Any
    short: str
    line: str


def with_standing(guides: QuerySet[Guide]) -> QuerySet[Guide]:
    """Guides with what their standing is told from, in one query and without any text."""
    released = PublicationEvent.objects.filter(guide=OuterRef("pk"), step__in=["publish", "publish_unreviewed"])
    review = Review.objects.filter(revision=OuterRef("live"))
    saved = Edit.objects.filter(guide=OuterRef("pk")).exclude(origin=Edit.Origin.CONFLICT)
    sent = Revision.objects.filter(guide=OuterRef("pk")).exclude(state=State.SENT_BACK).order_by("-number")
    return guides.annotate(
        released_at=Subquery(released.values("at")[:1], output_field=DateTimeField()),
        signer=Subquery(review.values("name")[:1]),
        signed_on=Subquery(review.values("date")[:1]),
        review_due=Subquery(review.values("next_due")[:1]),
        saved_at=Subquery(saved.values("at")[:1], output_field=DateTimeField()),
        saver=Subquery(saved.values(name=Coalesce(NullIf("by__first_name", Value("")), "by__username"))[:1]),
        sent_at=Subquery(sent.values("at")[:1], output_field=DateTimeField()),
    )


def unsent(guide: Any) -> bool:
    """Whether something was saved after the last text was sent. What was sent back counts as not sent."""
    return bool(guide.saved_at and (guide.sent_at is None or guide.saved_at > guide.sent_at)) or guide.sent_at is None


def standing_of(guide: Any) -> Standing:
    """How one guide stands; `guide` comes from `with_standing`."""
    if guide.live_id is None:
        gone = guide.withdrawn_id is not None
        return Standing(
            guide,
            _("taken down") if gone else _("draft"),
            _("Taken down; its address says so.") if gone else _("Draft: patients do not see this guide yet."),
        )
    line = _("Live since %(when)s.") % {"when": when(guide.released_at) if guide.released_at else "–"}
    if guide.signer:
        about = {"name": guide.signer, "date": day(guide.signed_on)}
        line += " " + _("Signed by %(name)s on %(date)s.") % about
    else:
        line += " " + _("No clinician has reviewed it, and the page says so.")
    return Standing(guide, _("live, with unpublished changes") if unsent(guide) else _("live"), line)


def day(date: Any) -> str:
    return date_format(date, _("j F Y"))
