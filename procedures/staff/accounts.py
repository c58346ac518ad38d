"""Coming and going: invitations by mail, leaving without losing authorship. Every step leaves an event."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Invitation, PublicationEvent
from . import mail, second_factor

SALT = "procedures.invitation"
LASTS = datetime.timedelta(days=7)
"""How long the link of an invitation can be used."""


class Refused(Exception):
    """What was asked cannot be done. Its text is a sentence for the person who asked, with what to do next."""


def called(user: Any) -> str:
    """What an event calls somebody: never by the user name, which may be an address."""
    return str(user.get_full_name()) or _("account %(number)s") % {"number": user.pk}


def note(step: str, *, by: Any, why: str) -> None:
    """An event that is no guide's. `why` must hold no e-mail address: events are kept for ever."""
    PublicationEvent.objects.create(step=step, by=by, at=timezone.now(), why=why)


def invite(email: str, *, name: str, roles: Iterable[Group], by: Any) -> tuple[Invitation, str]:
    """Asks somebody by mail to take part in these roles. Gives the invitation, and why its mail was not sent ("": it was).

    Raises Refused when the address has an account or an open invitation.
    """
    email, roles = email.strip().lower(), list(roles)
    if not roles:
        raise Refused(_("Choose at least one role."))
    if holder := _holder(email):
        raise Refused(
            _("This address belongs to the account “%(name)s”. Open that account instead.")
            % {"name": holder.get_username()}
        )
    try:
        with transaction.atomic():
            row = Invitation.objects.create(name=name.strip(), email=email, by=by, mark="", sent_at=timezone.now())
            row.roles.set(roles)
            note("invite", by=by, why=f"{row.name}: {', '.join(role.name for role in roles)}")
    except IntegrityError as error:
        raise Refused(
            _("This address has an invitation that is still open. Send that one again, or take it back first.")
        ) from error
    return row, send(row)


def send(row: Invitation) -> str:
    """Sends an invitation with a new link; links sent before lead nowhere. Gives why it could not be sent, or ""."""
    if row.accepted_at or row.revoked_at:
        raise Refused(_("This invitation is closed. Invite the person anew."))
    row.mark, row.sent_at = secrets.token_hex(16), timezone.now()
    row.save(update_fields=["mark", "sent_at"])
    return mail.send(
        "admin/mail/invitation.txt",
        to=row.email,
        invitation=row,
        roles=", ".join(role.name for role in row.roles.all()),
        site=settings.SITE_URL,
        url=settings.SITE_URL + path_of(row),
        until=row.sent_at + LASTS,
    )


def path_of(row: Invitation) -> str:
    token = signing.dumps([row.pk, row.mark], salt=SALT)
    return reverse("admin:invitation", args=[token])


def revoke(row: Invitation, *, by: AbstractUser) -> None:
    """Takes an invitation back; its link leads nowhere from now on."""
    done = Invitation.objects.filter(pk=row.pk, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    if not done:
        raise Refused(_("This invitation is closed already."))
    note("invitation_taken_back", by=by, why=row.name)


def invited(token: str) -> Invitation:
    """The open invitation a link leads to. Raises signing.BadSignature (forged) or Refused (used, old, taken back)."""
    pk, mark = signing.loads(token, salt=SALT)
    row = Invitation.objects.filter(pk=pk).first()
    if row is None or row.revoked_at:
        raise Refused(_("This invitation was taken back. Ask whoever invited you."))
    if row.accepted_at:
        raise Refused(_("This invitation has been used. Log in with the password you chose then."))
    if not secrets.compare_digest(row.mark, mark):
        raise Refused(_("A newer invitation was sent to you. Use the link in the newest mail."))
    if timezone.now() > row.sent_at + LASTS:
        raise Refused(_("This invitation is older than 7 days. Ask whoever invited you to send it again."))
    return row


def accept(token: str, *, name: str, password: str) -> AbstractUser:
    """Makes the account of an invitation, once. `password` has passed the validators. Raises as `invited` does."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invited(token).pk)
        row = invited(token)  # again, now that nobody else can use it
        if _holder(row.email):
            raise Refused(_("This address has an account by now. Log in with it."))
        first, _space, last = name.strip().rpartition(" ")
        user: Any = get_user_model().objects.create_user(
            row.email, row.email, password, first_name=first, last_name=last, is_staff=True
        )
        user.groups.set(row.roles.all())
        row.accepted_at, row.user = timezone.now(), user
        row.save(update_fields=["accepted_at", "user"])
        note("joined", by=user, why=", ".join(role.name for role in row.roles.all()))
    return user


def _holder(email: str) -> AbstractUser | None:
    people = get_user_model().objects
    return people.filter(email__iexact=email).first() or people.filter(username__iexact=email).first()


def account_name(typed: str) -> str:
    """The user name of whoever typed `typed`: itself, or that of the one account with this e-mail address."""
    typed = typed.strip()
    people = get_user_model().objects
    if "@" not in typed or people.filter(username=typed).exists():
        return typed
    found = list(people.filter(email__iexact=typed).values_list("username", flat=True)[:2])
    return found[0] if len(found) == 1 else typed


def end_sessions(user: Any) -> int:
    """Logs this person out everywhere, at once; gives how many sessions ended."""
    own = [
        row.pk
        for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if str(row.get_decoded().get("_auth_user_id")) == str(user.pk)
    ]
    return Session.objects.filter(pk__in=own).delete()[0]


def deactivate(user: AbstractUser, *, by: AbstractUser) -> None:
    """Somebody leaves: no login works any more, and open sessions end. What they wrote stays theirs."""
    if user.pk == by.pk:
        raise Refused(_("You cannot close your own account. Ask another administrator."))
    with transaction.atomic():
        if not get_user_model().objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise Refused(_("This account is closed already."))
        end_sessions(user)
        note("account_closed", by=by, why=called(user))


def reactivate(user: AbstractUser, *, by: AbstractUser) -> None:
    """Somebody comes back: their password works again."""
    with transaction.atomic():
        if not get_user_model().objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Refused(_("This account is open already."))
        note("account_opened", by=by, why=called(user))


def reset_second_factor(user: AbstractUser, *, by: AbstractUser) -> None:
    """Somebody lost their phone: their codes are removed and their sessions end; they set up a new app at their next login."""
    if not second_factor.has(user):
        raise Refused(_("This account has no second factor."))
    with transaction.atomic():
        second_factor.take_away(user)
        end_sessions(user)
        note("second_factor_reset", by=by, why=called(user))
