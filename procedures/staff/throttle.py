"""How often a login may be tried. Kept in the database, so that all workers and hosts count together.

Three rules (docs/operating.md): after 5 failures within 15 minutes of one account from one address, both together rest for
15 minutes; after 30 failures within 15 minutes from one address, whatever the names, nobody's try from there is looked at
until there are fewer; after more than 50 failures of one account within an hour, from wherever, one try in 2 seconds is
looked at. The first and the last keep one account far below the 100 failures NIST SP 800-63B (section 5.2.2) allows. The
second is against stolen passwords and common ones tried on many accounts (OWASP, Credential Stuffing Prevention Cheat
Sheet). 30, because a clinic may stand behind one address: only failures count, what a colleague gets right costs nothing,
and six people would have to use up all their tries within the same quarter of an hour; a list of stolen passwords gets 120
tries an hour from one address instead of as many as it likes.
Nothing here sleeps: whoever comes too early is told when to come again, and no thread waits with them.
"""

from __future__ import annotations

import datetime
import ipaddress
import unicodedata
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ..models import LoginTry

MOST = 5
REST = datetime.timedelta(minutes=15)
NETWORK_MOST = 30
"""Failures from one address within REST, whatever the names."""
MANY = 50
HOUR = datetime.timedelta(hours=1)
PACE = datetime.timedelta(seconds=2)
MAILS = 3
"""Mails about a forgotten password to one address within an hour."""
NETWORK_MAILS = 10
"""Such mails asked for from one connection within an hour, to whomever: more than a clinic forgets in that time."""


class TooMany(Exception):
    """Too many tries. `again` is when the next one will be looked at."""

    def __init__(self, again: datetime.datetime) -> None:
        super().__init__(again)
        self.again = again

    @property
    def seconds(self) -> int:
        """Whole seconds to wait, at least 1: the value of Retry-After (RFC 9110, section 10.2.3)."""
        return max(1, -int((timezone.now() - self.again).total_seconds() // 1))


@dataclass(frozen=True)
class Try:
    """One try that may be looked at. It counts as failed until `succeeded` is called."""

    row: LoginTry

    def succeeded(self) -> None:
        """Whoever it was is in: their failures from this address are forgotten."""
        LoginTry.objects.filter(account=self.row.account, address=self.row.address).delete()

    def undone(self) -> None:
        """Was right, but is not the last thing asked for: does not count, and forgets nothing."""
        self.row.delete()


def begin(name: str, *, address: str) -> Try:
    """Notes a try for the account called `name` before anything of it is looked at. Raises TooMany.

    It is written first and counted then, so that a hundred tries at the same moment are counted too. A right password
    during a rest is refused like a wrong one, and as fast, because it is not compared.
    """
    now, account, network = timezone.now(), account_mark(name), network_of(address)
    _must_not_rest(account, network, now=now)
    _network_must_not_rest(network, now=now)
    row = LoginTry.objects.create(account=account, address=network, at=now)
    try:
        _must_not_rest(account, network, now=now, besides=row.pk)
        _network_must_not_rest(network, now=now, besides=row.pk)
        others = LoginTry.objects.filter(account=account, at__gt=now - HOUR).exclude(pk=row.pk)
        if others.count() > MANY:
            last = others.aggregate(last=Max("at"))["last"]
            if last + PACE > now:
                raise TooMany(last + PACE)
    except TooMany:
        row.delete()
        raise
    return Try(row)


def may_ask_for_mail(address: str) -> None:
    """Notes that somebody at `address` asked for a mail. Raises TooMany after `NETWORK_MAILS` within an hour, to whomever."""
    now, account, network = timezone.now(), account_mark("asked for a mail"), f"mail {network_of(address)}"[:64]
    asked = LoginTry.objects.filter(account=account, address=network, at__gt=now - HOUR).order_by("-at", "-pk")
    newest = list(asked.values_list("at", flat=True)[:NETWORK_MAILS])
    if len(newest) == NETWORK_MAILS:
        raise TooMany(newest[-1] + HOUR)
    LoginTry.objects.create(account=account, address=network, at=now)


def may_mail(email: str) -> None:
    """Notes that a mail to `email` was asked for. Raises TooMany after `MAILS` within an hour, whoever asks."""
    now, account = timezone.now(), account_mark(f"mail to {email}")
    if LoginTry.objects.filter(account=account, at__gt=now - HOUR).count() >= MAILS:
        raise TooMany(now + HOUR)
    LoginTry.objects.create(account=account, address="", at=now)


def _must_not_rest(account: str, network: str, *, now: datetime.datetime, besides: int = 0) -> None:
    tries = LoginTry.objects.filter(account=account, address=network, at__gt=now - 2 * REST).exclude(pk=besides)
    newest = list(tries.order_by("-at", "-pk").values_list("at", flat=True)[:MOST])
    if len(newest) == MOST and newest[0] - newest[-1] < REST and newest[0] + REST > now:
        raise TooMany(newest[0] + REST)


def _network_must_not_rest(network: str, *, now: datetime.datetime, besides: int = 0) -> None:
    tries = LoginTry.objects.filter(address=network, at__gt=now - REST).exclude(pk=besides)
    newest = list(tries.order_by("-at", "-pk").values_list("at", flat=True)[:NETWORK_MOST])
    if len(newest) == NETWORK_MOST:
        raise TooMany(newest[-1] + REST)


def account_mark(name: str) -> str:
    """What an account is counted under: a keyed hash, because people type passwords into the field for names."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    return salted_hmac("procedures.staff.throttle", plain, algorithm="sha256").hexdigest()


def network_of(address: str) -> str:
    """What an address is counted under: itself, and for IPv6 its /64, which one connection is usually given whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
