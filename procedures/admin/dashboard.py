"""The desk's first page: what waits for whom, how each guide stands, what grows old. As many queries however many guides."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..document import Document, Kind
from ..models import CostItem, Edit, Guide, PublicationEvent, Review, Revision, Source, part_of
from ..quality import age
from .standing import name_of, when

State = Revision.State
SOON = datetime.timedelta(days=60)
"""How long before its day a review is named here."""
EVENTS = 8
STEPS = {
    "submit": gettext_lazy("sent for review"),
    "approve": gettext_lazy("signed"),
    "send_back": gettext_lazy("sent back"),
    "publish": gettext_lazy("published"),
    "schedule": gettext_lazy("set to be published later"),
    "publish_unreviewed": gettext_lazy("published without a review"),
    "withdraw": gettext_lazy("taken down"),
    "hold": gettext_lazy("no longer set to be published"),
    "restore": gettext_lazy("brought back as draft"),
    "clinic": gettext_lazy("clinic's record changed"),
}
ACCOUNT_STEPS = {
    "invite": gettext_lazy("invited"),
    "invitation_taken_back": gettext_lazy("invitation taken back"),
    "joined": gettext_lazy("took part for the first time"),
    "account_closed": gettext_lazy("account closed"),
    "account_opened": gettext_lazy("account opened again"),
    "second_factor_on": gettext_lazy("second step turned on"),
    "second_factor_off": gettext_lazy("second step turned off"),
    "second_factor_reset": gettext_lazy("second step reset"),
    "recovery_codes": gettext_lazy("new recovery codes made"),
    "public_name": gettext_lazy("public name changed"),
}


@dataclass(frozen=True)
class Item:
    """One line of the first page: what it is about, where it leads, and a sentence."""

    name: str
    url: str
    line: str
    late: bool = False


@dataclass(frozen=True)
class Block:
    """Some lines under a heading. What is `mine` stands above the list of guides, the rest below it."""

    heading: str
    items: tuple[Item, ...]
    mine: bool = False


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


def blocks(user: Any, guides: Iterable[Any]) -> Iterator[Block]:
    """What the first page tells this person; `guides` come from `with_standing`. Blocks with nothing in them are left out."""
    rows = list(guides)
    may = user.has_perm
    sent = list(_on_their_way()) if may("procedures.view_revision") else []
    found = [
        Block(_("Waiting for you"), tuple(_for_me(user, sent)), mine=True),
        Block(_("On its way"), tuple(_moving(sent))),
        Block(_("Drafts not sent"), tuple(_unsent(rows))),
        Block(_("Reviews due"), tuple(_due(rows))),
        Block(_("Live without a review"), tuple(_unreviewed(rows))),
        Block(_("Growing old"), tuple(_old(user))),
        Block(_("What happened last"), tuple(_events(user))),
    ]
    yield from (block for block in found if block.items)


def _on_their_way() -> QuerySet[Revision]:
    newest = Revision.objects.filter(guide=OuterRef("guide")).order_by("-number").values("pk")[:1]
    wanted = [*Revision.ON_ITS_WAY, State.SENT_BACK]
    rows = (
        Revision.objects.defer("document").select_related("guide", "by").filter(state__in=wanted, pk=Subquery(newest))
    )
    return rows.order_by("at")


def _for_me(user: Any, sent: list[Revision]) -> Iterator[Item]:
    for row in sent:
        about = {"who": name_of(row.by), "when": when(row.at), "kind": row.get_kind_display()}
        if row.state == State.IN_REVIEW and user.has_perm("procedures.review_guide"):
            url = reverse("admin:procedures_revision_sign", args=[row.pk])
            yield Item(str(row.guide), url, _("to read and sign: %(kind)s, sent by %(who)s on %(when)s") % about)
        if row.state == State.APPROVED and user.has_perm("procedures.publish_guide"):
            yield Item(str(row.guide), hub(row.guide_id), _("signed, to be published: %(kind)s") % about)
        if row.state == State.SENT_BACK and row.by_id == user.pk:
            yield Item(str(row.guide), hub(row.guide_id), _("sent back to you: the note stands on its page"))


def _moving(sent: list[Revision]) -> Iterator[Item]:
    for row in sent:
        about = {"who": name_of(row.by), "when": when(row.at)}
        if row.state == State.IN_REVIEW:
            line = _("waits for a signature; %(who)s sent it on %(when)s") % about
        elif row.state == State.SCHEDULED and row.scheduled_for:
            line = _("signed; will be published on %(when)s") % {"when": when(row.scheduled_for)}
        elif row.state == State.APPROVED:
            line = _("signed; waits for a publisher")
        else:
            line = _("sent back to %(who)s") % about
        yield Item(str(row.guide), hub(row.guide_id), line)


def _unsent(rows: list[Any]) -> Iterator[Item]:
    for guide in rows:
        if not unsent(guide):
            continue
        if guide.saved_at is None:
            line = _("never sent for review")
        else:
            line = _("last saved by %(who)s on %(when)s") % {
                "who": guide.saver or _("the system"),
                "when": when(guide.saved_at),
            }
        yield Item(str(guide), hub(guide.pk), line)


def _due(rows: list[Any]) -> Iterator[Item]:
    today = timezone.localdate()
    due = [guide for guide in rows if guide.live_id and guide.review_due and guide.review_due <= today + SOON]
    for guide in sorted(due, key=lambda guide: guide.review_due):
        late = guide.review_due < today
        line = _("overdue since %(day)s; the page says so") if late else _("due by %(day)s")
        yield Item(str(guide), hub(guide.pk), line % {"day": day(guide.review_due)}, late=late)


def _unreviewed(rows: list[Any]) -> Iterator[Item]:
    now = timezone.now()
    for guide in rows:
        if guide.live_id and not guide.signer and guide.released_at:
            days = (now - guide.released_at).days
            line = ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}
            yield Item(str(guide), hub(guide.pk), line if days else _("since today"))


def _old(user: Any) -> Iterator[Item]:
    """Sources and prices that the editorial checks find too old: the same rule, on all of them at once."""
    today = timezone.localdate()
    if user.has_perm("procedures.view_source"):
        document = _library(sources=tuple(part_of(row) for row in Source.objects.all()))
        count = len(list(age.source_findings(document, today=today)))
        if count:
            text = ngettext(
                "%(count)s link that nobody has opened within a year",
                "%(count)s links that nobody has opened within a year",
                count,
            )
            yield Item(_("Sources"), reverse("admin:procedures_source_changelist"), text % {"count": count})
    if user.has_perm("procedures.view_costitem"):
        prices = Counter[tuple[int, str]]()
        for row in CostItem.objects.select_related("guide"):
            document = _library(costs=(part_of(row),))
            prices[row.guide_id, str(row.guide)] += len(list(age.price_findings(document, today=today)))
        for (pk, name), count in prices.items():
            if count:
                text = ngettext(
                    "%(count)s price without a year or over 18 months old",
                    "%(count)s prices without a year or over 18 months old",
                    count,
                )
                yield Item(name, reverse("admin:procedures_guide_costs", args=[pk]), text % {"count": count})


def _library(**lists: Any) -> Document:
    return Document(folder="library", kind=Kind.PROCEDURE, slug="library", language="en", title="", **lists)


def _events(user: Any) -> Iterator[Item]:
    if not user.has_perm("procedures.view_publicationevent"):
        return
    for event in PublicationEvent.objects.select_related("guide", "by")[:EVENTS]:
        what = (STEPS | ACCOUNT_STEPS).get(event.step, event.step.replace("_", " "))
        about = event.guide or (_("Staff") if event.step in ACCOUNT_STEPS else _("Clinic"))
        line = _("%(what)s, %(who)s, %(when)s") % {"what": what, "who": name_of(event.by), "when": when(event.at)}
        yield Item(str(about), reverse("admin:procedures_publicationevent_change", args=[event.pk]), line)


def hub(pk: int) -> str:
    return reverse("admin:procedures_guide_change", args=[pk])
