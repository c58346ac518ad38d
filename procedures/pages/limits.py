"""How often one address may ask what costs work: search, previews, feedback. Reading a page is never limited.

Counted in a file for each minute that all workers of a host share, as a count-min sketch (Cormode and Muthukrishnan,
2005): an address adds one to a few cells, found by a keyed hash that is another each minute. No address is in the file,
and none can be found from it; at most somebody is counted too high who shares all cells with others, which with
thousands of addresses a minute does not happen.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import ipaddress
import os
import secrets
import struct
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..requests import client_address
from . import errors

WINDOW = 60
"""Seconds in which requests are counted together."""
CELLS, ROWS = 1 << 17, 3
_CELL = struct.Struct("<H")
_MOST = 0xFFFF

View = Callable[..., HttpResponse]


class Counter:
    """How often a name was counted in the present window, shared by all processes that use the same folder."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock
        self._window = -1
        self._file = -1
        self._lock = threading.Lock()

    def count(self, name: str) -> int:
        """Adds one to `name` and gives how often it was counted in this window; 0 if the disk takes no counts."""
        window = int(self._clock() // WINDOW)
        key = f"{settings.SECRET_KEY}{window}".encode()
        digest = hmac.digest(key, name.encode(), hashlib.sha256)
        places = [
            _CELL.size * (CELLS * row + int.from_bytes(digest[4 * row : 4 * row + 4], "little") % CELLS)
            for row in range(ROWS)
        ]
        try:
            with self._lock:
                file = self._of(window)
                fcntl.flock(file, fcntl.LOCK_EX)
                found = [_CELL.unpack(os.pread(file, _CELL.size, place))[0] for place in places]
                for place, value in zip(places, found, strict=True):
                    os.pwrite(file, _CELL.pack(min(value + 1, _MOST)), place)
                fcntl.flock(file, fcntl.LOCK_UN)
        except (OSError, struct.error):
            return 0
        return int(min(found)) + 1

    def left(self) -> int:
        """Seconds until the next window."""
        return max(1, WINDOW - int(self._clock() % WINDOW))

    def _of(self, window: int) -> int:
        if window == self._window:
            return self._file
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / str(window)
        if not path.exists():
            fresh = self.folder / f".{secrets.token_hex(6)}"
            fresh.write_bytes(bytes(CELLS * ROWS * _CELL.size))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # another worker was first; its file counts
            finally:
                fresh.unlink()
            for old in self.folder.iterdir():
                if old.name.isdigit() and int(old.name) < window - 1:
                    old.unlink(missing_ok=True)
        file = os.open(path, os.O_RDWR)
        if self._file >= 0:
            os.close(self._file)
        self._window, self._file = window, file
        return file


_counters: dict[Path, Counter] = {}


def _counter() -> Counter:
    folder = Path(settings.DATA_DIR) / "limits"
    if folder not in _counters:
        _counters[folder] = Counter(folder)
    return _counters[folder]


def limited(
    name: str, *, suggested: str = "", methods: tuple[str, ...] = ("GET", "HEAD", "POST")
) -> Callable[[View], View]:
    """A view that answers 429 with `Retry-After` to an address that asks more often than `settings.LIMITS[name]` a minute.

    What a script asks for while a reader types counts as `suggested`, so that it takes nobody's search away. A limit of 0
    is none. Of IPv6 the network (/64) counts, because one reader has all of it.
    """

    def limit(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, **names: str) -> HttpResponse:
            # Fetch Metadata (W3C): "document" is a page somebody goes to, "empty" what a script fetches.
            kind = suggested if suggested and request.headers.get("Sec-Fetch-Dest") == "empty" else name
            most = settings.LIMITS.get(kind, 0)
            if most and request.method in methods and _counter().count(f"{kind} {_network(request)}") > most:
                return _too_many(request)
            return view(request, **names)

        return asked

    return limit


def _network(request: HttpRequest) -> str:
    address = client_address(request)
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address


def _too_many(request: HttpRequest) -> HttpResponse:
    response = errors.refused(
        request,
        _("Too many requests from your connection"),
        _("Wait a minute, then load this page again. All guides can be read meanwhile."),
        status=429,
    )
    response.headers["Retry-After"] = str(_counter().left())
    response.headers["Cache-Control"] = "no-store"
    return response
