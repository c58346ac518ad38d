"""Mails to staff about what waits for them: each thing once, in one mail a round, in plain text.

They name guides and people of the clinic and lead to the desk; of patients the site knows nothing.
"""

from __future__ import annotations

import datetime
import smtplib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Guide, NoMail, Notice, PublicationEvent, Revision

State = Revision.State
AHEAD = datetime.timedelta(days=14)
"""How long before its day publishers are told of a review."""
NEWS = datetime.timedelta(days=7)
"""Older things are told no more: whoever joins today needs no mails about last year."""
AGAIN = datetime.timedelta(minutes=15)
"""How long after a mail that could not be sent it is tried again; four times as long each time."""
GIVE_UP = 2
"""Mails that fail in one round before the rest waits for the next: texts are published in the same rounds."""
RELEASED = ("publish", "publish_unreviewed")


@dataclass(frozen=True)
class News:
    """One thing one person is to be told. The same `key` is never told the same person twice."""

    user: Any
    key: str
    line: str
    path: str


def due_notices(now: datetime.datetime) -> Iterator[News]:
    """Everything somebody is to be told at this moment, told already or not."""
    yield from _to_review()
    yield from _to_publish()
    yield from _what_became_of_it(now)
    yield from _reviews_due(now)


def send_notices(now: datetime.datetime) -> tuple[int, list[str]]:
    """Sends one mail to each person for whom there is news. Gives how many were sent and a sentence for each that failed."""
    silent = set(NoMail.objects.values_list("user", flat=True))
    told = set(Notice.objects.filter(sent_at__isnull=False).values_list("user", "key"))
    waiting: dict[Any, list[News]] = {}
    for news in due_notices(now):
        user = news.user
        if user.email and user.is_active and user.pk not in silent and (user.pk, news.key) not in told:
            waiting.setdefault(user, []).append(news)
    sent = 0
    failed: list[str] = []
    for user, found in waiting.items():
        if len(failed) >= GIVE_UP:
            break
        mine = [(news, notice) for news in found if (notice := _claim(news, now)) is not None]
        if not mine:
            continue
        if trouble := _send(user, [news for news, _notice in mine]):
            failed.append(f"A mail to {user.get_username()} could not be sent: {trouble}")
        else:
            sent += 1
        for _news, notice in mine:
            notice.words, notice.sent_at = trouble[:300], None if trouble else timezone.now()
            notice.save(update_fields=["words", "sent_at"])
    return sent, failed


def failed_mails() -> list[Notice]:
    """Notices that were given up: they could not be sent Notice.TRIES times."""
    rows = Notice.objects.filter(sent_at__isnull=True, tries__gte=Notice.TRIES).exclude(words="")
    return list(rows.select_related("user").order_by("-at"))


def _claim(news: News, now: datetime.datetime) -> Notice | None:
    """The row of a notice if it is to be sent now, written before it is: a second process finds it taken."""
    try:
        with transaction.atomic():
            return Notice.objects.create(user=news.user, key=news.key, at=now, tries=1)
    except IntegrityError:
        pass
    with transaction.atomic():
        row = Notice.objects.select_for_update().get(user=news.user, key=news.key)
        if row.sent_at is not None or row.tries >= Notice.TRIES or now < row.at + AGAIN * 4 ** (row.tries - 1):
            return None
        row.tries += 1
        row.at = now
        row.save(update_fields=["tries", "at"])
        return row


def _send(user: Any, found: list[News]) -> str:
    """Sends one mail. Gives "" or, if it could not be sent, why."""
    lines = [f"- {news.line}\n  {settings.SITE_URL}{news.path}" for news in found]
    count = len(found)
    subject = (
        found[0].line if count == 1 else ngettext("%(n)s thing for you", "%(n)s things for you", count) % {"n": count}
    )
    mails = f"{settings.SITE_URL}{reverse('admin:procedures_mails')}"
    text = "\n\n".join(
        [
            _("Hello %(name)s,") % {"name": user.get_full_name() or user.get_username()},
            *lines,
            _("You get these mails because of your role. Turn them off here: %(url)s") % {"url": mails},
        ]
    )
    try:
        send_mail(" ".join(subject.split())[:150], text + "\n", None, [user.email])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def holding(codename: str) -> list[Any]:
    """The active people whose roles give them a permission of this app; while nobody's does, the superusers."""
    permission = Permission.objects.filter(content_type__app_label="procedures", codename=codename)
    may = Q(groups__permissions__in=permission) | Q(user_permissions__in=permission)
    active = get_user_model().objects.filter(is_active=True).order_by("pk")
    return list(active.filter(may).distinct()) or list(active.filter(is_superuser=True))


def _to_review() -> Iterator[News]:
    rows = list(_revisions(state=State.IN_REVIEW))
    people = holding("review_guide") if rows else []
    for row in rows:
        about = {"guide": row.guide, "who": _name(row.by), "when": _when(row.at)}
        line = _("“%(guide)s” waits to be read and signed: %(who)s sent it on %(when)s.") % about
        path = reverse("admin:procedures_revision_sign", args=[row.pk])
        yield from (News(user, f"review:{row.pk}", line, path) for user in people if user.pk != row.by_id)


def _to_publish() -> Iterator[News]:
    rows = list(_revisions(state=State.APPROVED))
    people = holding("publish_guide") if rows else []
    for row in rows:
        line = _("“%(guide)s” is signed and can be published.") % {"guide": row.guide}
        yield from (News(user, f"approved:{row.pk}", line, _hub(row.guide)) for user in people)


def _what_became_of_it(now: datetime.datetime) -> Iterator[News]:
    rows = PublicationEvent.objects.filter(step__in=["send_back", *RELEASED], at__gt=now - NEWS)
    for event in rows.select_related("guide", "to_revision__by").defer("to_revision__document"):
        author = event.to_revision.by if event.to_revision else None
        if author is None or event.guide is None or event.by_id == author.pk:
            continue
        about = {"guide": event.guide, "who": _name(event.by), "when": _when(event.at), "note": event.why}
        if event.step == "send_back":
            line = _("%(who)s sent “%(guide)s” back to you on %(when)s: “%(note)s”") % about
        else:
            line = _("The text of “%(guide)s” that you sent was published on %(when)s.") % about
        yield News(author, f"event:{event.pk}", line, _hub(event.guide))


def _reviews_due(now: datetime.datetime) -> Iterator[News]:
    today = timezone.localdate(now)
    late, people = [], None
    for guide in Guide.objects.live().select_related(None).order_by("title", "language"):
        review = guide.live.reviews.order_by("-date", "-pk").first() if guide.live else None
        if review is None or review.next_due > today + AHEAD:
            continue
        people = people if people is not None else holding("publish_guide")
        if review.next_due < today:
            late.append(guide)
            continue
        about = {"guide": guide, "day": date_format(review.next_due, _("j F Y"))}
        line = (
            _("The review of “%(guide)s” is due by %(day)s. After that day its page says that it is overdue.") % about
        )
        yield from (News(user, f"due:{review.pk}", line, _hub(guide)) for user in people)
    if late:
        year, week, _day = today.isocalendar()
        names = ", ".join(str(guide) for guide in late)
        line = _("The review of these guides is overdue, and their pages say so: %(names)s.") % {"names": names}
        yield from (News(user, f"overdue:{year}-{week}", line, reverse("admin:index")) for user in people or ())


def _revisions(*, state: State) -> Iterable[Revision]:
    return Revision.objects.filter(state=state).defer("document").select_related("guide", "by").order_by("at")


def _hub(guide: Guide) -> str:
    return reverse("admin:procedures_guide_change", args=[guide.pk])


def _name(person: Any) -> str:
    return str(person.get_full_name() or person.get_username()) if person is not None else _("the system")


def _when(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), _("j F Y, H:i T"))  # Translators: form of a date and time
