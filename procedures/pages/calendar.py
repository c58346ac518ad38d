"""Days as a calendar file (RFC 5545): whole-day events, lines of at most 75 octets, CRLF."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """An event of whole days, the last included."""

    first: datetime.date
    last: datetime.date
    title: str


def written(events: Iterable[Event], *, url: str, now: datetime.datetime) -> str:
    """The file. The same event has the same UID each time, so that a calendar takes a second copy for the first."""
    stamp = now.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{escaped(url)}", "CALSCALE:GREGORIAN"]
    for event in events:
        mark = hashlib.sha256(f"{url}\n{event}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{mark}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.last + datetime.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(event.title)}",
            f"URL:{url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """One line in pieces of at most 75 octets (3.1), never inside a character."""
    pieces, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > (75 if len(pieces) == 1 else 74):
            pieces.append("")
            size = 0
        pieces[-1] += character
        size += width
    return "\r\n ".join(pieces)
