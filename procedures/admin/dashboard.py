"""The desk's first page: what waits for whom, how each guide stands, what grows old. As many queries however many guides."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..document import Document, Kind
from ..models import (
    Agreed,
    CostItem,
    Edit,
    LinkCheck,
    Notice,
    PublicationEvent,
    Revision,
    Source,
    part_of,
)
from ..quality import age
from . import machine
from .overview import day, unsent
from .standing import name_of, when
from .steps import ACCOUNT_STEPS, words_of

State = Revision.State
SOON = datetime.timedelta(days=60)
"""How long before its day a review is named here."""
EVENTS = 8
MOST = 20
"""Lines of one block; the rest is counted."""


@dataclass(frozen=True)
class Item:
    """One line of the first page: what it is about, where it leads, and a sentence."""

    name: str
    url: str
    line: str
    late: bool = False
    rest: str = ""
    """The address that lists all lines of this kind, for those a long block leaves out."""


@dataclass(frozen=True)
class Block:
    """Some lines under a heading. What is `mine` stands above the list of guides, the rest below it."""

    heading: str
    items: tuple[Item, ...]
    mine: bool = False


@dataclass(frozen=True)
class Asked:
    """What the blocks are made of: who looks, every guide with its standing, and what is on its way."""

    user: Any
    guides: tuple[Any, ...]
    sent: tuple[Revision, ...]


def blocks(user: Any, guides: Iterable[Any]) -> Iterator[Block]:
    """What the first page tells this person; `guides` come from `with_standing`. Blocks with nothing in them are left out."""
    sent = tuple(_on_their_way()) if user.has_perm("procedures.view_revision") else ()
    asked = Asked(user, tuple(guides), sent)
    for heading, lines, mine in BLOCKS:
        if items := tuple(lines(asked)):
            yield Block(str(heading), _shortened(items, heading), mine=mine)


def _shortened(items: tuple[Item, ...], heading: Any) -> tuple[Item, ...]:
    """The first lines of a long block, and one that says how many more there are and leads to them."""
    if len(items) <= MOST:
        return items
    count = len(items) - MOST
    more = ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count}
    return (*items[:MOST], Item(str(heading), items[MOST].rest, more))


def _on_their_way() -> QuerySet[Revision]:
    newest = Revision.objects.filter(guide=OuterRef("guide")).order_by("-number").values("pk")[:1]
    wanted = [*Revision.ON_ITS_WAY, State.SENT_BACK]
    rows = (
        Revision.objects.defer("document").select_related("guide", "by").filter(state__in=wanted, pk=Subquery(newest))
    )
    return rows.order_by("at")


def _for_me(asked: Asked) -> Iterator[Item]:
    user = asked.user
    for row in asked.sent:
        about = {"who": name_of(row.by), "when": when(row.at), "kind": row.get_kind_display()}
        if row.state == State.IN_REVIEW and user.has_perm("procedures.review_guide"):
            url = reverse("admin:procedures_revision_sign", args=[row.pk])
            line = _("to read and sign: %(kind)s, sent by %(who)s on %(when)s") % about
            yield Item(str(row.guide), url, line, rest=all_guides())
        if row.state == State.APPROVED and user.has_perm("procedures.publish_guide"):
            line = _("signed, to be published: %(kind)s") % about
            yield Item(str(row.guide), hub(row.guide_id), line, rest=all_guides())
        if row.state == State.SENT_BACK and row.by_id == user.pk:
            line = _("sent back to you: the note stands on its page")
            yield Item(str(row.guide), hub(row.guide_id), line, rest=all_guides())


def _moving(asked: Asked) -> Iterator[Item]:
    for row in asked.sent:
        about = {"who": name_of(row.by), "when": when(row.at)}
        if row.state == State.IN_REVIEW:
            line = _("waits for a signature; %(who)s sent it on %(when)s") % about
        elif row.state == State.SCHEDULED and row.scheduled_for:
            line = _("signed; will be published on %(when)s") % {"when": when(row.scheduled_for)}
        elif row.state == State.APPROVED:
            line = _("signed; waits for a publisher")
        else:
            line = _("sent back to %(who)s") % about
        yield Item(str(row.guide), hub(row.guide_id), line, rest=all_guides())


def _unsent(asked: Asked) -> Iterator[Item]:
    for guide in asked.guides:
        if not unsent(guide):
            continue
        if guide.saved_at is None:
            line = _("never sent for review")
        else:
            line = _("last saved by %(who)s on %(when)s") % {
                "who": guide.saver or _("the system"),
                "when": when(guide.saved_at),
            }
        yield Item(str(guide), hub(guide.pk), line, rest=all_guides())


def _due(asked: Asked) -> Iterator[Item]:
    today = timezone.localdate()
    due = [guide for guide in asked.guides if guide.live_id and guide.review_due and guide.review_due <= today + SOON]
    for guide in sorted(due, key=lambda guide: guide.review_due):
        late = guide.review_due < today
        line = _("overdue since %(day)s; the page says so") if late else _("due by %(day)s")
        yield Item(str(guide), hub(guide.pk), line % {"day": day(guide.review_due)}, late=late, rest=all_guides())


def _unreviewed(asked: Asked) -> Iterator[Item]:
    now = timezone.now()
    for guide in asked.guides:
        if guide.live_id and not guide.signer and guide.released_at:
            days = (now - guide.released_at).days
            line = ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}
            yield Item(str(guide), hub(guide.pk), line if days else _("since today"), rest=all_guides())


def _failed(asked: Asked) -> Iterator[Item]:
    """Links of sources that did not open when they were last tried, and have not been changed since."""
    if not asked.user.has_perm("procedures.view_source"):
        return
    rows = LinkCheck.objects.filter(ok=False).exclude(status__in=LinkCheck.UNSURE).select_related("source")
    for row in rows.order_by("source__key"):
        if part_of(row.source).link == row.url:
            url = reverse("admin:procedures_source_change", args=[row.source_id]) + "#id_url"
            line = _("%(words)s Tried on %(when)s.") % {"words": row.words, "when": when(row.at)}
            yield Item(row.source.title or row.source.key, url, line, rest=sources("failed"))


def _mails(asked: Asked) -> Iterator[Item]:
    """Mails to staff that were given up, for whoever keeps the accounts."""
    if not asked.user.has_perm("auth.change_user"):
        return
    for row in Notice.objects.filter(sent_at=None, tries__gte=Notice.TRIES).select_related("user").order_by("-at"):
        line = _("a mail could not be sent: %(words)s (%(when)s)") % {"words": row.words, "when": when(row.at)}
        yield Item(name_of(row.user), reverse("admin:auth_user_change", args=[row.user_id]), line)


def _old(asked: Asked) -> Iterator[Item]:
    """Sources and prices that the editorial checks find too old: the same rule, on all of them at once."""
    today = timezone.localdate()
    if asked.user.has_perm("procedures.view_source"):
        document = _library(sources=tuple(part_of(row) for row in Source.objects.all()))
        count = len(list(age.source_findings(document, today=today)))
        if count:
            text = ngettext(
                "%(count)s link that nobody has opened within a year",
                "%(count)s links that nobody has opened within a year",
                count,
            )
            yield Item(_("Sources"), sources("old"), text % {"count": count})
    if asked.user.has_perm("procedures.view_costitem"):
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
                url = reverse("admin:procedures_guide_costs", args=[pk])
                yield Item(name, url, text % {"count": count}, rest=all_guides())


def _library(**lists: Any) -> Document:
    return Document(folder="library", kind=Kind.PROCEDURE, slug="library", language="en", title="", **lists)


def _not_exported(asked: Asked) -> Iterator[Item]:
    """What was written here since files and rows last agreed, one line for each guide and one for the library."""
    if not asked.user.is_superuser:
        return
    newest = Edit.objects.filter(unit=OuterRef("unit")).exclude(origin=Edit.Origin.CONFLICT).values("pk")[:1]
    agreed = Agreed.objects.filter(unit=OuterRef("unit")).values("text")[:1]
    here = Edit.objects.filter(pk=Subquery(newest), origin__in=[Edit.Origin.ADMIN, Edit.Origin.RESTORE])
    differing = here.annotate(agreed=Coalesce(Subquery(agreed), Value(""))).exclude(text=F("agreed"))
    found = Counter(differing.order_by().values_list("guide", flat=True))
    names = {guide.pk: str(guide) for guide in asked.guides}
    for pk, count in sorted(found.items(), key=lambda pair: names.get(pair[0], "")):
        line = ngettext("%(count)s piece is not in the files", "%(count)s pieces are not in the files", count)
        yield Item(
            names.get(pk, _("Library")), reverse("admin:procedures_files"), line % {"count": count}, rest=all_guides()
        )


def _events(asked: Asked) -> Iterator[Item]:
    if not asked.user.has_perm("procedures.view_publicationevent"):
        return
    for event in PublicationEvent.objects.select_related("guide", "by")[:EVENTS]:
        where = _("Staff") if event.step in ACCOUNT_STEPS else _("Clinic")
        about = event.guide or (_("Pictures") if event.step.startswith("picture") else where)
        about_it = {"what": words_of(event.step), "who": name_of(event.by), "when": when(event.at)}
        url = reverse("admin:procedures_publicationevent_change", args=[event.pk])
        yield Item(str(about), url, _("%(what)s, %(who)s, %(when)s") % about_it)


def hub(pk: int) -> str:
    return reverse("admin:procedures_guide_change", args=[pk])


def all_guides() -> str:
    return reverse("admin:procedures_guide_changelist")


def sources(link: str) -> str:
    """The sources whose link is `old` or `failed`, as `library.LinkFilter` lists them."""
    return f"{reverse('admin:procedures_source_changelist')}?link={link}"


def _machine(asked: Asked) -> Iterator[Item]:
    for name, line, late in machine.lines(asked.user):
        yield Item(name, reverse("health"), line, late=late)


BLOCKS: tuple[tuple[Any, Callable[[Asked], Iterator[Item]], bool], ...] = (
    (gettext_lazy("Waiting for you"), _for_me, True),
    (gettext_lazy("On its way"), _moving, False),
    (gettext_lazy("Drafts not sent"), _unsent, False),
    (gettext_lazy("Reviews due"), _due, False),
    (gettext_lazy("Live without a review"), _unreviewed, False),
    (gettext_lazy("Links that failed"), _failed, False),
    (gettext_lazy("Mails that failed"), _mails, False),
    (gettext_lazy("Growing old"), _old, False),
    (gettext_lazy("Edited here, not in the files"), _not_exported, False),
    (gettext_lazy("The machine"), _machine, False),
    (gettext_lazy("What happened last"), _events, False),
)
"""The blocks of the first page in order: heading, what makes its lines (in as many queries however many there are), and
whether it stands above the list of guides."""
