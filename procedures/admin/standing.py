"""How a guide stands, in sentences, and what the person who looks at it may do now."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import publishing
from ..document import encode, fingerprint
from ..models import Guide, PublicationEvent, Revision

State = Revision.State


class SendForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was changed"),
        choices=Revision.Change.choices,
        initial=Revision.Change.WORDING,
        error_messages={"required": gettext_lazy("Say what was changed.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=1000)


@dataclass(frozen=True)
class Standing:
    """How a guide stands, in sentences, and what the person looking at it may do now.

    `to_sign` is the number of the text that waits for this person's signature.
    """

    short: str
    lines: tuple[str, ...]
    form: SendForm
    may_send: bool = False
    may_publish: bool = False
    may_take_down: bool = False
    to_sign: int | None = None
    to_schedule: bool = False


def standing(guide: Guide, *, user: Any = None) -> Standing:
    """What patients see of `guide`, what is on its way, and whether the draft holds more."""
    lines = [_released(guide)]
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).select_related("by").first()
    draft = mark_of(guide)
    if waiting is not None:
        lines.append(on_its_way(waiting))
        if waiting.hash != draft:
            lines.append(_("The draft has been changed since it was sent."))
            if waiting.state in (State.APPROVED, State.SCHEDULED):
                lines.append(_("Publish releases the signed text. Sending the draft would take its place, unsigned."))
    else:
        lines += _sent_back(guide)
    unpublished = guide.live is not None and guide.live.hash != draft
    if guide.live is not None:
        lines.append(
            _("The draft holds changes that are not published yet.") if unpublished else _("The draft says the same.")
        )
    short = _("live") if guide.live is not None else _("taken down") if guide.withdrawn is not None else _("draft")
    if unpublished:
        short = _("live, with unpublished changes")
    may = user.has_perm if user is not None else lambda _name: False
    anything_new = guide.live is None or unpublished
    return Standing(
        short=short,
        lines=tuple(lines),
        form=SendForm(),
        may_send=may("procedures.submit_guide") and (anything_new or not guide.live.reviews.exists()),  # type: ignore[union-attr]
        may_publish=may("procedures.publish_guide")
        and (waiting is not None or (anything_new and may("procedures.submit_guide"))),
        may_take_down=may("procedures.publish_guide") and guide.live is not None,
        to_sign=waiting.pk
        if waiting is not None and waiting.state == State.IN_REVIEW and may("procedures.review_guide")
        else None,
        to_schedule=waiting is not None
        and waiting.state in (State.APPROVED, State.SCHEDULED)
        and may("procedures.publish_guide"),
    )


def mark_of(guide: Guide) -> str:
    """The fingerprint of the working text, as it would be handed in now."""
    return fingerprint(encode(publishing.frozen_document(guide)))


def when(moment: Any) -> str:
    """A time as staff read it, with its zone."""
    return date_format(timezone.localtime(moment), _("j F Y, H:i T"))  # Translators: form of a date and time


def ago(moment: Any) -> str:
    """How long ago a time is, as staff read it: "just now" within a minute."""
    if timezone.now() - moment < datetime.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment)}


def name_of(person: Any) -> str:
    """What a person is called among staff; None is the system."""
    return str(person.get_full_name() or person.get_username()) if person is not None else _("the system")


def _released(guide: Guide) -> str:
    shown = guide.live or guide.withdrawn
    if shown is None:
        return _("Draft: patients do not see this guide yet.")
    events = PublicationEvent.objects.filter(guide=guide)
    if guide.live is None:
        event = events.filter(step="withdraw").first()
        return _("Taken down on %(when)s.") % {"when": when(event.at) if event else "–"}
    event = events.filter(to_revision=shown, step__in=["publish", "publish_unreviewed"]).first()
    since = _("Live since %(when)s.") % {"when": when(event.at if event else shown.at)}
    review = shown.reviews.first()
    if review is None:
        return f"{since} {_('No clinician has reviewed it, and the page says so.')}"
    signed = _("Signed by %(name)s on %(date)s.") % {"name": review.name, "date": date_format(review.date, _("j F Y"))}
    return f"{since} {signed}"


def on_its_way(revision: Revision) -> str:
    about = {"who": name_of(revision.by), "when": when(revision.at)}
    if revision.state == State.IN_REVIEW:
        return _("A text that %(who)s sent on %(when)s waits for review.") % about
    if revision.state == State.SCHEDULED and revision.scheduled_for:
        return _("A signed text will be published on %(when)s.") % {"when": when(revision.scheduled_for)}
    return _("A text that %(who)s sent on %(when)s is signed and can be published.") % about


def _sent_back(guide: Guide) -> list[str]:
    last = guide.revisions.order_by("-number").first()
    if last is None or last.state != State.SENT_BACK:
        return []
    event = PublicationEvent.objects.filter(to_revision=last, step="send_back").select_related("by").first()
    if event is None or event.by is None:
        return []
    about = {"who": name_of(event.by), "when": when(event.at), "note": event.why}
    return [_("%(who)s sent the text back on %(when)s: “%(note)s” Change the draft and send it again.") % about]
