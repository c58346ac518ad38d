"""Trying the links of sources: what each answered, and the day it could be opened. Changes no live text.

Sends nothing but a request for the address, and only to public addresses: a source typed by somebody must not make this
server knock at doors inside its own network. Names are looked up once and the address that was judged is connected to.
"""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ..document import text_of
from ..models import Edit, LinkCheck, Source, part_of, record
from .turns import has_waited

TIMEOUT = 10.0
"""Seconds a server may take to connect, and again for each piece of its answer."""
REDIRECTS = 5
PAUSE = 1.0
"""Seconds between two requests to one host."""
WEEK = datetime.timedelta(days=7)
FIRST = datetime.timedelta(days=1)
"""How long after a first start no link is tried."""
RENEW = datetime.timedelta(days=180)
"""A day of opening younger than this is left as it is, so that drafts do not change each week."""
UNSURE = LinkCheck.UNSURE


@dataclass(frozen=True)
class Answer:
    """What an address answered: the last status (None: nothing was answered), whether it opened, a sentence."""

    status: int | None
    ok: bool
    words: str


class _Refused(Exception):
    """The address is not asked; the text says why."""


@dataclass
class Pace:
    """At most one request a host in PAUSE seconds."""

    pause: float = PAUSE
    _last: dict[str, float] = field(default_factory=dict)

    def wait(self, host: str) -> None:
        now = time.monotonic()
        rest = self._last.get(host, now - self.pause) + self.pause - now
        if rest > 0:
            time.sleep(rest)
        self._last[host] = time.monotonic()


def try_link(url: str, *, pace: Pace | None = None) -> Answer:
    """Asks for an address with HEAD, and with GET where that is not enough; follows REDIRECTS redirects. Never raises."""
    pace = pace or Pace()
    answer = _follow(url, "HEAD", pace)
    return answer if answer.ok or answer.status is None else _follow(url, "GET", pace)


def _follow(url: str, method: str, pace: Pace) -> Answer:
    try:
        for _hop in range(REDIRECTS + 1):
            status, location = _ask(url, method, pace)
            if status not in (301, 302, 303, 307, 308) or not location:
                return _judged(status)
            url = urljoin(url, location)
    except _Refused as refused:
        return Answer(None, False, str(refused))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, False, _why(error))
    return Answer(status, False, f"It leads on and on: more than {REDIRECTS} redirects.")


def _judged(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status, True, "It opened.")
    if status in UNSURE:
        return Answer(status, False, f"It lets no program in ({status}). Open it by hand.")
    if status in (404, 410):
        return Answer(status, False, f"There is no such page any more ({status}).")
    return Answer(status, False, f"It answered with the error {status}.")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, socket.gaierror):
        return "There is no host of this name."
    if isinstance(error, ssl.SSLError):
        return "Its certificate is not valid."
    return f"It could not be reached ({error})."[:300]


def _ask(url: str, method: str, pace: Pace) -> tuple[int, str]:
    """Status and Location of one request; of the body nothing is read."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise _Refused("Only addresses that begin with http:// or https:// are tried.")
    if parts.username is not None or parts.password is not None:
        raise _Refused("Addresses with a name and password in them are not tried.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _public(host, port)
    pace.wait(host)
    connection = _Connection(host, port, address=address, secure=parts.scheme == "https")
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": f"link check of {settings.SITE_URL}", "Accept": "*/*", "Connection": "close"}
        connection.request(method, quote(target, safe="%/?:@!$&'()*+,;=~-._"), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def _public(host: str, port: int) -> str:
    """The address to connect to. Raises _Refused unless every address of the host is public."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.LINKS_MAY_BE_PRIVATE:
        for address in found:
            if not _is_public(address):
                raise _Refused("It leads into a private network and is not tried.")
    return found[0]


def _is_public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None)
    if inner is None and isinstance(known, ipaddress.IPv6Address) and known in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(known) & 0xFFFFFFFF)  # an IPv4 address behind NAT64 (RFC 6052)
    return known.is_global and not known.is_multicast and (inner is None or inner.is_global)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged, for a host of that name."""

    def __init__(self, host: str, port: int, *, address: str, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.address, self.secure = address, secure
        self.default_port = 443 if secure else 80  # left out of the Host header

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), TIMEOUT)
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(plain, server_hostname=self.host) if self.secure else plain


def links_are_due(now: datetime.datetime) -> bool:
    """Whether any link was last tried a week ago or never; never in the first day of a new database."""
    if not settings.LINK_CHECKS or not has_waited("links", wait=FIRST, now=now):
        return False
    return _due(now).exists()


def _due(now: datetime.datetime) -> QuerySet[Source]:
    """Sources with a link that was last tried a week ago or never, the longest untried first."""
    linked = Source.objects.exclude(doi="", pmid="", pmcid="", url="")
    due = Q(link_check=None) | Q(link_check__at__lte=now - WEEK)
    return linked.filter(due).order_by(F("link_check__at").asc(nulls_first=True), "key")


def check_links(
    *, everything: bool = False, pace: Pace | None = None, report: Callable[[Source, Answer], None] | None = None
) -> int:
    """Tries the links that are due, or all of them, and keeps what they answered. Gives how many were tried."""
    pace = pace or Pace()
    now = timezone.now()
    rows = [row for row in Source.objects.order_by("key") if part_of(row).link] if everything else list(_due(now))
    for row in rows:
        url = part_of(row).link
        answer = try_link(url, pace=pace)
        _keep(row, url, answer)
        if report:
            report(row, answer)
    return len(rows)


@transaction.atomic
def _keep(row: Source, url: str, answer: Answer) -> None:
    stored = Source.objects.select_for_update().filter(pk=row.pk).first()
    if stored is None or part_of(stored).link != url:
        return  # changed or deleted meanwhile: the answer is about another address
    LinkCheck.objects.update_or_create(
        source=stored,
        defaults={
            "url": url,
            "at": timezone.now(),
            "status": answer.status,
            "ok": answer.ok,
            "words": answer.words,
        },
    )
    today = timezone.localdate()
    if answer.ok and (stored.opened is None or stored.opened + RENEW <= today):
        stored.opened = today
        stored.save(update_fields=["opened"])
        record(stored.unit, text_of(part_of(stored)), origin=Edit.Origin.ADMIN)


def failed_links() -> list[LinkCheck]:
    """The links that did not open when they were last tried, those that only refuse programs left out."""
    rows = LinkCheck.objects.filter(ok=False).exclude(status__in=UNSURE).select_related("source")
    return [row for row in rows.order_by("source__key") if part_of(row.source).link == row.url]
