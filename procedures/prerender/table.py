"""The addresses of a release, as a worker has them in memory: all of a small site, some of a very large one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from .storing import Folder, Made, Release, root_of, roots_of

Headers = list[tuple[str, str]]
Addresses = dict[str, "Entry"]

MOST = 500
"""Roots of guides whose addresses a worker has in memory."""
_BODY = frozenset(["content-type", "content-length", "content-encoding"])


class Ready:
    """One answer in one encoding, whole."""

    __slots__ = ("body", "etag", "headers", "length", "status", "unchanged")

    def __init__(self, status: int, headers: Headers, body: bytes, *, encoding: str, etag: str) -> None:
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.body = body
        self.etag = etag if status == 200 else ""
        self.length = str(len(body))
        own = [("Vary", "Accept-Encoding")]
        if encoding != "identity":
            own.append(("Content-Encoding", encoding))
        if self.etag:
            own.append(("ETag", self.etag))
        self.headers = [*headers, *own, ("Content-Length", self.length)]
        self.unchanged = [pair for pair in self.headers if pair[0].lower() not in _BODY]


class Entry:
    """A published address: where its files are, and the answers made of them so far."""

    __slots__ = ("files", "headers", "part", "ready", "status")

    def __init__(self, part: str, stored: Mapping[str, Any], headers: Headers) -> None:
        self.part = part
        self.status: int = stored["status"]
        self.headers = headers
        self.files: Mapping[str, Mapping[str, Any]] = stored["files"]
        self.ready: dict[str, Ready] = {}


class Table:
    """The addresses of one release, or of those of its parts that are served from files.

    An address belongs to a root (`storing.roots_of`), and a root to one part or several. Up to `MOST` roots are read at
    once. Where there are more, only those of pages about all guides are; a guide's are read when one of its addresses is
    asked for, and then those read first give way.
    `former`: the table before, from which is taken what is still so. Raises Damaged when what is read at once cannot be.
    """

    def __init__(
        self,
        release: Release | None = None,
        folder: Folder | None = None,
        *,
        withheld: frozenset[str] = frozenset(),
        former: Table | None = None,
    ) -> None:
        self.release = release or Release()
        self.name = self.release.name
        self.complete = self.release.complete and not withheld and folder is not None
        self.settled = self.release.settled and not withheld and folder is not None
        self.entries: Addresses = {}
        """Those in memory; whoever does not find an address here asks `find`."""
        self.kept = 0
        """Bytes of bodies in memory."""
        self._folder = folder
        self._lock = threading.Lock()
        self._read: dict[str, Addresses] = {}
        self._headers: dict[str, Headers] = former._headers if former else {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._all = True
        if folder is None:
            return
        served = {name: made for name, made in self.release.parts.items() if name not in withheld}
        for made in served.values():
            for root in made.roots or self._roots(made):
                self._parts[root] = tuple(sorted({*self._parts.get(root, ()), made.id}))
        self._all = len(self._parts) <= MOST
        for root, parts, addresses in former._taken() if former else ():
            if self._parts.get(root) == parts:
                self._add(root, addresses)
        self._of_all = {root for name, made in served.items() if not name.startswith("guide-") for root in made.roots}
        for root in sorted(self._parts.keys() if self._all else self._of_all):
            self._load(root)

    def find(self, path: str) -> Entry | None:
        """The entry of an address; None if the release has none. Raises Damaged when that cannot be read."""
        entry = self.entries.get(path)
        if entry is not None or self._all:
            return entry
        root = next((root for depth in (0, 1) if (root := root_of(path, depth)) in self._parts), None)
        if root is None:
            return None
        with self._lock:
            self._load(root)
            return self.entries.get(path)

    def keep(self, path: str, entry: Entry, encoding: str, ready: Ready, *, most: int) -> None:
        """Keeps an answer of an address in memory, if all that are kept stay within `most` bytes."""
        with self._lock:
            is_ours = path in self.entries and self.entries[path] is entry and encoding not in entry.ready
            if is_ours and self.kept + len(ready.body) <= most:
                self.kept += len(ready.body)
                entry.ready[encoding] = ready

    def _taken(self) -> list[tuple[str, tuple[str, ...], Addresses]]:
        """What is in memory: root, its parts, its addresses."""
        with self._lock:  # others may be reading more
            return [(root, self._parts[root], addresses) for root, addresses in self._read.items()]

    def _load(self, root: str) -> None:
        if root in self._read:
            return
        found: Addresses = {}
        for part in self._parts[root]:
            stored = self._manifest(part)
            for path, one in stored["addresses"].items():
                if root_of(path, stored["depth"]) == root and (one["status"] == 200 or path not in found):
                    headers = self._headers.setdefault(
                        str(one["headers"]), [(name, text) for name, text in one["headers"]]
                    )
                    found[path] = Entry(part, one, headers)
        self._add(root, found)
        while len(self._read) - len(self._of_all) > MOST:
            self._forget(next(name for name in self._read if name not in self._of_all))

    def _add(self, root: str, addresses: Addresses) -> None:
        self._read[root] = addresses
        self.entries.update(addresses)
        self.kept += _bytes(addresses.values())

    def _forget(self, root: str) -> None:
        addresses = self._read.pop(root)
        for path in addresses:
            self.entries.pop(path, None)
        self.kept -= _bytes(addresses.values())

    def _roots(self, made: Made) -> Iterable[str]:
        """Of a part another version of the site has made, which did not note them."""
        stored = self._manifest(made.id)
        return roots_of(stored["addresses"], stored["depth"])

    def _manifest(self, part: str) -> dict[str, Any]:
        assert self._folder is not None  # without a folder there are no parts
        return self._folder.manifest(part)


def _bytes(entries: Iterable[Entry]) -> int:
    return sum(len(ready.body) for entry in entries for ready in list(entry.ready.values()))
