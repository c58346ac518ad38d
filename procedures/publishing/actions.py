"""One function per step: check → change → record → announce. Each raises NotAllowed with a sentence.

`by` is the person; None is the system, which may submit and publish_unreviewed (loads) and publish what is due.
"""

from __future__ import annotations

import datetime
import logging

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ..document import FORMAT, Document, encode, fingerprint, shared_unit
from ..models import (
    SHARED,
    Edit,
    Guide,
    PublicationEvent,
    Review,
    Revision,
    UnreadableText,
    printed_name,
    used_document,
)
from ..rendering import used
from ..search import refresh
from . import addresses, announcing
from .freezing import must_hold_together, must_still_hold
from .transitions import STEPS, NotAllowed, State, may, stands

logger = logging.getLogger(__name__)
TRIES = 3
"""How often the working text is read anew when somebody saves while it is being frozen."""
WITHOUT_REVIEW = (Revision.Change.TYPO, Revision.Change.SAFETY)


def submit(guide: Guide, *, by: User | None, kind: str, note: str = "") -> Revision:
    """Freezes the working text and sends it for review. An older text on its way is replaced.

    A text equal to the live one is refused, unless a signature is wanted for it: it has none, or its review is due; or
    unless what is stored of the live one was damaged.
    """
    may(STEPS["submit"], by)
    if kind not in Revision.Change.values:
        raise NotAllowed(_("Say what kind of change this is: typing mistake, wording, evidence or safety."))
    for _try in range(TRIES):
        row = Guide.objects.get(pk=guide.pk)
        document = used_document(row, used)  # read and checked before the transaction, which must be short
        must_hold_together(document)
        addresses.must_be_free(document, guide=row)
        with transaction.atomic():
            row = _locked(guide)
            if used_document(row, used) != document:
                continue
            return _hand_in(row, document, by=by, kind=kind, note=note)
    raise NotAllowed(_("Somebody is saving this guide at this moment. Wait a little and send it again."))


def _hand_in(guide: Guide, document: Document, *, by: User | None, kind: str, note: str) -> Revision:
    text = encode(document)
    mark = fingerprint(text)
    live = guide.live
    if live and live.hash == mark and live.is_readable and (by is None or not _wants_signature(live)):
        raise NotAllowed(_("This text is live already, word for word. Change something before you send it."))
    older = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).first()
    if older is not None:
        if older.hash == mark and older.state != State.IN_REVIEW and older.is_readable:
            raise NotAllowed(_("This text is signed already. Publish it; there is no need to send it again."))
        _move(older, State.REPLACED)
    last = guide.revisions.aggregate(last=Max("number"))["last"] or 0
    revision = Revision.objects.create(
        guide=guide,
        number=last + 1,
        document=text,
        hash=mark,
        slug=document.slug,
        format=FORMAT,
        state=State.IN_REVIEW,
        based_on=guide.live or guide.withdrawn,
        kind=kind,
        note=note,
        by=by,
        at=timezone.now(),
    )
    _note("submit", guide, by=by, before=older, after=revision, why=note)
    return revision


def _wants_signature(live: Revision) -> bool:
    review = live.reviews.order_by("-next_due").first()
    return review is None or review.next_due <= timezone.localdate()


def approve(
    revision: Revision,
    *,
    by: User | None,
    next_due: datetime.date,
    note: str = "",
    credentials: str = "",
    registration: str = "",
) -> Review:
    """Puts a clinician's name under exactly this text. `next_due` is the day by which it is to be reviewed again."""
    may(STEPS["approve"], by)
    if by is None:
        raise AssertionError("`may` lets no system sign")
    today = timezone.localdate()
    if next_due <= today:
        raise NotAllowed(_("The next review must be due on a later day than today. Choose another day."))
    with transaction.atomic():
        guide, revision = _both(revision)
        stands(STEPS["approve"], revision)
        _must_be_intact(revision)
        own = wrote(revision, by=by)
        if own and not settings.SELF_REVIEW:
            raise NotAllowed(
                _(
                    "You wrote or sent part of this text since it was last signed. Ask another medical reviewer to sign it."
                )
            )
        review = Review.objects.create(
            revision=revision,
            hash=revision.hash,
            by=by,
            name=printed_name(by),
            credentials=credentials,
            registration=registration,
            own_text=own,
            date=today,
            next_due=next_due,
            note=note,
        )
        _move(revision, State.APPROVED)
        _note("approve", guide, by=by, after=revision, why=note)
        return review


def signed_before(revision: Revision) -> Revision | None:
    """The newest text of the same guide that was handed in before `revision` and has a signature."""
    earlier = Revision.objects.filter(guide=revision.guide, number__lt=revision.number)
    return earlier.filter(reviews__isnull=False).order_by("-number").first()


def wrote(revision: Revision, *, by: User) -> bool:
    """Whether `by` saved or sent anything of this guide since the last signed text was handed in."""
    signed = signed_before(revision)
    sent = Revision.objects.filter(guide=revision.guide, by=by, number__lte=revision.number)
    edits = Edit.objects.filter(by=by).exclude(origin=Edit.Origin.CONFLICT)  # words that lost are in no text
    if signed is not None:
        sent = sent.filter(number__gt=signed.number)
        edits = edits.filter(at__gt=signed.at)
    document = revision.read()
    shared = [shared_unit(item) for name in SHARED for item in document.items(name)]
    return sent.exists() or edits.filter(guide=revision.guide).exists() or edits.filter(unit__in=shared).exists()


def send_back(revision: Revision, *, by: User | None, note: str) -> None:
    """Returns a text to its author with a note that says what to change."""
    may(STEPS["send_back"], by)
    if not note.strip():
        raise NotAllowed(_("Say what is to be changed, so that the author can do it."))
    with transaction.atomic():
        guide, revision = _both(revision)
        stands(STEPS["send_back"], revision)
        _move(revision, State.SENT_BACK)
        _note("send_back", guide, by=by, after=revision, why=note)


def publish(revision: Revision, *, by: User | None, at: datetime.datetime | None = None) -> None:
    """Makes a signed text live, or sets the time (`at`, aware, in the future) at which `run_due` will.

    The system (by=None) may only release what a publisher has scheduled and whose time has come.
    """
    step = STEPS["publish" if at is None else "schedule"]
    may(step, by)
    must_still_hold(revision)
    with transaction.atomic():
        guide, revision = _both(revision)
        stands(step, revision)
        _must_be_signed(revision)
        now = timezone.now()
        if at is not None:
            if at <= now:
                raise NotAllowed(_("That time has passed. Choose a later one, or publish now."))
            revision.scheduled_for = at
            _move(revision, State.SCHEDULED, "scheduled_for")
            _note("schedule", guide, by=by, after=revision, why=at.isoformat())
            return
        if by is None and not (revision.scheduled_for and revision.scheduled_for <= now):
            raise NotAllowed(_("This text is not due yet. Log in as a publisher to release it now."))
        _go_live("publish", guide, revision, by=by)


def publish_unreviewed(revision: Revision, *, by: User | None) -> None:
    """Makes a text live that no clinician has signed; the page says so.

    Refused where signed text is live, unless the change is a typing mistake or a matter of safety.
    """
    step = STEPS["publish_unreviewed"]
    may(step, by)
    must_still_hold(revision)
    with transaction.atomic():
        guide, revision = _both(revision)
        stands(step, revision)
        _must_be_intact(revision)
        if guide.live is not None and guide.live.hash == revision.hash and guide.live.is_readable:
            raise NotAllowed(_("This text is live already, word for word. It waits for a signature, not for you."))
        if revision.kind not in WITHOUT_REVIEW and signed_below(guide) is not None:
            raise NotAllowed(
                _("A clinician has signed the text that is live. Wait until this one is signed too, then publish it.")
            )
        _go_live("publish_unreviewed", guide, revision, by=by)


def signed_below(guide: Guide) -> Revision | None:
    """The newest signed text among those that were live since the guide was last taken down.

    Corrections without review may lie on top of it. They do not open the door to unreviewed wording.
    """
    if guide.live is None:
        return None
    down = guide.revisions.filter(state=State.WITHDRAWN).aggregate(last=Max("number"))["last"] or 0
    shown = guide.revisions.filter(state__in=[State.LIVE, State.SUPERSEDED], number__gt=down)
    return shown.filter(reviews__isnull=False).order_by("-number").first()


def withdraw(guide: Guide, *, by: User | None, why: str) -> None:
    """Takes a guide down at once. Its address then says so and keeps the emergency card; `why` is for the record."""
    may(STEPS["withdraw"], by)
    if not why.strip():
        raise NotAllowed(_("Say why the guide is taken down; the reason is kept for the record."))
    with transaction.atomic():
        row = _locked(guide)
        if row.live is None:
            raise NotAllowed(_("This guide is not live, so there is nothing to take down."))
        former = row.live
        waiting = row.revisions.filter(state=State.SCHEDULED).first()
        if waiting is not None:  # what was taken down must not come back by the clock
            waiting.scheduled_for = None
            _move(waiting, State.APPROVED, "scheduled_for")
            _note("hold", row, by=by, after=waiting, why=why)
        _move(former, State.WITHDRAWN)
        row.live, row.withdrawn = None, former
        row.save(update_fields=["live", "withdrawn"])
        refresh(row)
        _note("withdraw", row, by=by, before=former, why=why)
        announcing.after_commit(row)
    guide.refresh_from_db(fields=["live", "withdrawn"])


def _go_live(step: str, guide: Guide, revision: Revision, *, by: User | None) -> None:
    document = revision.read()
    before = guide.live or guide.withdrawn
    addresses.must_be_free(document, guide=guide)
    former = guide.live
    if former is not None:
        _move(former, State.SUPERSEDED)
    _move(revision, State.LIVE)
    guide.live, guide.withdrawn = revision, None
    guide.save(update_fields=["live", "withdrawn"])
    refresh(guide)
    addresses.keep_old(_readable(before), document, guide=guide)
    _note(step, guide, by=by, before=former, after=revision, why=revision.note)
    announcing.after_commit(guide)


def _readable(revision: Revision | None) -> Document | None:
    """The document; None when there is none, or when it was damaged: nothing keeps another from taking its place."""
    try:
        return revision.read() if revision is not None else None
    except UnreadableText:
        logger.exception("Addresses that only this text had lead nowhere from now on")
        return None


def _must_be_intact(revision: Revision) -> Document:
    try:
        return revision.read()
    except UnreadableText as error:
        raise NotAllowed(
            _("The stored text does not match its fingerprint: it was changed from outside. Send it anew.")
        ) from error


def _must_be_signed(revision: Revision) -> None:
    _must_be_intact(revision)
    if not revision.reviews.filter(hash=revision.hash).exists():
        raise NotAllowed(_("Cannot publish: no clinician has signed this text. Send it for review first."))


def _locked(guide: Guide) -> Guide:
    # Every step of a guide waits here for the one before it (on SQLite the IMMEDIATE transaction does the same).
    return Guide.objects.select_for_update().get(pk=guide.pk)


def _both(revision: Revision) -> tuple[Guide, Revision]:
    guide = Guide.objects.select_for_update().get(pk=revision.guide_id)
    revision.refresh_from_db()  # what the caller holds may be a minute old
    return guide, revision


def _move(revision: Revision, state: Revision.State, *fields: str) -> None:
    revision.state = state
    revision.save(update_fields=["state", *fields])


def _note(
    step: str,
    guide: Guide,
    *,
    by: User | None,
    before: Revision | None = None,
    after: Revision | None = None,
    why: str = "",
) -> None:
    PublicationEvent.objects.create(
        guide=guide, from_revision=before, to_revision=after, step=step, by=by, at=timezone.now(), why=why
    )
