"""What may be believed of a request: the address it came from. Never here: what is done about it."""

from __future__ import annotations

import ipaddress
from typing import cast

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks, as text, IPv4 or IPv6 in its short form; empty if the server names none.

    `settings.TRUSTED_PROXIES` says how many proxies stand in front. With 0 the header X-Forwarded-For is not read:
    anybody can send it. With n it is the n-th address from the right, because each proxy appends the one it was asked
    from and only the last n entries were written by ours. A list that is shorter, or holds no address at that
    place, did not come through them: then it is the address of the connection.
    """
    connected = cast("str", request.META.get("REMOTE_ADDR", "") or "")
    count: int = settings.TRUSTED_PROXIES
    if count > 0:
        named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(named) >= count:
            return _plain(named[-count]) or _plain(connected) or connected
    return _plain(connected) or connected


def _plain(text: str) -> str:
    """`text` as an address without port and brackets; empty if it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
