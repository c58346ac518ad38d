"""Serving the files: a WSGI application in front of Django that can tell every published address.

A worker keeps a table of the live release and looks once per request, with one readlink, whether it is still the
live one. Status, headers, ETag and body of an answer are one object, made when the file is first asked for and
checked against its hash. Whatever is not plainly a published page goes to Django. Of Django only the settings are
imported here: a worker serves pages before it has loaded the rest (`beginning`).
Conditional requests and ranges: RFC 9110, sections 13 and 14. Quality values: section 12.5.3.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings

from .storing import Damaged, Folder, Release
from .table import Entry, Ready, Table

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]
Headers = list[tuple[str, str]]

MEMORY = 64 * 1024 * 1024
"""Bytes of bodies one worker keeps; what is beyond is read from the file at every request."""
REPAIR_AFTER = 30.0
"""Seconds between two attempts of one worker to have missing or damaged files made again."""
FILES_OF = frozenset(
    """home letter glossary glossary-letter guide section whole options get-help
    guide-twin section-twin whole-twin glossary-twin glossary-letter-twin""".split()
)
"""Names of addresses of which every one that answers is in the table: one that is not there does not exist."""
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)  # Python reads no number of thousands of digits
_HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::[0-9]+)?")
PATIENCE = 10.0
"""Seconds a request waits, right after a worker's start, for files to be compared with the database or Django to be there."""


class Pages:
    """WSGI: published pages from `folder`, everything else from `app`. `repair` is called, in a thread, when files are missing.

    `has_django`: whether Django can be asked what an address is; until then `app` answers for those that are not in the
    table. Nothing is sent from files before `compared` is set, which it is unless somebody clears it.
    """

    def __init__(
        self,
        app: App,
        folder: Folder,
        *,
        repair: Callable[[], object],
        memory: int = MEMORY,
        has_django: Callable[[], bool] = lambda: True,
    ) -> None:
        self.app = app
        self.has_django = has_django
        self.compared = threading.Event()
        self.compared.set()
        self.folder = folder
        self.repair = repair
        self.memory = memory
        self.table = Table()
        self._loading = threading.Lock()
        self._withheld: tuple[str, frozenset[str]] = ("", frozenset())
        self._repaired = -REPAIR_AFTER
        self._repairing: threading.Thread | None = None
        self._hosts: set[str] = set()
        self._preferences: dict[str, tuple[str, ...]] = {}
        proxy = settings.SECURE_PROXY_SSL_HEADER
        self._proxy = (str(proxy[0]), str(proxy[1])) if proxy else ("", "")

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or not self._is_ours(environ):
            return self.app(environ, start_response)
        if not self.compared.is_set() and not self.compared.wait(PATIENCE):
            return self.app(environ, start_response)
        table = self.current()
        entry = table.entries.get(environ["PATH_INFO"])
        if entry is None:
            entry = self._look_up(table, environ["PATH_INFO"])
        ready = self._ready(environ["PATH_INFO"], entry, environ.get("HTTP_ACCEPT_ENCODING", "")) if entry else None
        if ready is None:
            return self.app(environ, start_response)
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and ready.etag and _matches(asked, ready.etag):
            start_response("304 Not Modified", list(ready.unchanged))
            return []
        if "HTTP_RANGE" in environ and method == "GET" and ready.etag:
            part = _part(environ, ready)
            if part is not None:
                start_response(part[0], part[1])
                return [part[2]]
        start_response(ready.status, list(ready.headers))
        return [] if method == "HEAD" else [ready.body]

    def current(self) -> Table:
        """The table of what is live at this moment."""
        name = self.folder.name()
        table = self.table
        return table if name == table.name else self._load(name)

    def _is_ours(self, environ: Environ) -> bool:
        """A plain request to an allowed host over the scheme the site uses; Django has a word on all others."""
        host = environ.get("HTTP_HOST", "")
        if host not in self._hosts:
            if not is_allowed(host, settings.ALLOWED_HOSTS):
                return False
            if len(self._hosts) < 100:
                self._hosts.add(host)
        if settings.SECURE_SSL_REDIRECT:
            name, secure = self._proxy
            said = environ.get(name) if name else None
            scheme = environ["wsgi.url_scheme"] if said is None else "https" if _first(said) == secure else "http"
            if scheme != "https":
                return False
        return not (environ.get("SCRIPT_NAME") or "HTTP_IF_MATCH" in environ)

    def _load(self, name: str) -> Table:
        with self._loading:
            if name == self.table.name:
                return self.table
            if not name:
                self.ask_for_repair()
                self.table = Table()
                return self.table
            try:
                self.table = self._read_table(self.folder.release_named(name))
            except Damaged:
                if self.folder.name() == name:  # not merely replaced and tidied away meanwhile
                    logger.exception("The release %s cannot be read; Django answers", name)
                    self.ask_for_repair()
                return Table()
            return self.table

    def release(self, name: str) -> Release:
        """What this worker serves under this name, or would at the next request. Raises Damaged."""
        table = self.table
        return table.release if table.name == name else self.folder.release_named(name)

    def withhold(self, release: Release, parts: frozenset[str]) -> None:
        """From now on Django answers for these parts of this release, and files for its others. Writes nothing.

        Raises Damaged when a part that was withheld until now cannot be read; Django then answers for all.
        """
        with self._loading:
            if self._withheld == (release.name, parts):
                return
            self._withheld = (release.name, parts)
            if self.table.name != release.name:
                return  # the next request reads it
            try:
                self.table = self._read_table(release)
            except BaseException:  # whatever it is, what is to be withheld must not stay
                self.table = Table(release)
                raise

    def _read_table(self, release: Release) -> Table:
        """The addresses of a release but for what is withheld; what is known of its parts is not read again."""
        name, parts = self._withheld
        withheld = parts if name == release.name else frozenset()
        return Table(release, self.folder, withheld=withheld, former=self.table)

    def _look_up(self, table: Table, path: str) -> Entry | None:
        """The entry of an address that is not in memory, or what says that nothing is there; None when Django must say."""
        try:
            return table.find(path) or self._nowhere(table, path)
        except Damaged:
            logger.exception("Published addresses cannot be read; Django answers")
            self.ask_for_repair()
            return None

    def _nowhere(self, table: Table, path: str) -> Entry | None:
        """The stored page for an address that cannot have a page; None when Django must say."""
        if not table.complete:
            if not table.settled:
                self.ask_for_repair()  # waits for whoever makes files now, and finds nothing to do
            return None
        if not self.has_django():
            return None
        from django.urls import Resolver404, resolve

        from ..pages.frame import prefix
        from .addresses import NOWHERE

        try:
            found = resolve(path)
        except (Resolver404, UnicodeError):
            return None
        if (found.url_name or "").removesuffix("-translated") not in FILES_OF:
            return None
        root = prefix(found.kwargs.get("language", settings.LANGUAGE_CODE))
        guide = table.find(f"{root}{found.kwargs.get('guide', '')}/")
        if guide is not None and guide.status != 200:
            return None  # below a guide that was taken down or has moved every address says so
        return table.find(f"{root}{NOWHERE}")

    def _ready(self, path: str, entry: Entry, accepted: str) -> Ready | None:
        for encoding in self._order(accepted):
            found = entry.ready.get(encoding)
            if found is not None:
                return found
            if encoding in entry.files:
                return self._read(path, entry, encoding)
        return None

    def _read(self, path: str, entry: Entry, encoding: str) -> Ready | None:
        file = entry.files[encoding]
        try:
            body = self.folder.body(entry.part, file)
        except Damaged:
            logger.exception("A published page is damaged or gone; Django answers")
            self.ask_for_repair()
            return None
        ready = Ready(entry.status, entry.headers, body, encoding=encoding, etag=f'"{file["sha256"][:32]}"')
        self.table.keep(path, entry, encoding, ready, most=self.memory)
        return ready

    def _order(self, accepted: str) -> tuple[str, ...]:
        order = self._preferences.get(accepted)
        if order is None:
            order = preferred(accepted)
            if len(self._preferences) < 1000:  # browsers send a handful; whoever invents more is answered all the same
                self._preferences[accepted] = order
        return order

    def ask_for_repair(self) -> None:
        """Has the files made again in a thread, unless that was tried a moment ago."""
        now = time.monotonic()
        if now - self._repaired < REPAIR_AFTER:
            return
        self._repaired = now
        self._repairing = threading.Thread(target=self._repair, name="prerender", daemon=True)
        self._repairing.start()

    def wait_for_repair(self) -> None:
        """Until the files were made again, if that was begun: a copy of this process would inherit what the thread holds.

        Without Django the thread still waits and holds nothing. Making very many files may take longer than `PATIENCE`; a
        server that copies itself meanwhile gains more by starting.
        """
        if self._repairing and self.has_django() and self._repairing is not threading.current_thread():
            self._repairing.join(PATIENCE)

    def _repair(self) -> None:
        try:
            self.repair()
        except Exception:  # a thread has nobody else to tell
            logger.exception("The published pages could not be made again")


def is_allowed(host: str, patterns: Sequence[str]) -> bool:
    """Whether ALLOWED_HOSTS names this Host header: what Django's `split_domain_port` and `validate_host` say together."""
    found = _HOST.fullmatch(host.lower())
    domain = found[1].removesuffix(".") if found else ""
    return bool(domain) and any(
        pattern == "*"
        or pattern.lower() == domain
        or (pattern.startswith(".") and (domain.endswith(pattern.lower()) or domain == pattern[1:].lower()))
        for pattern in patterns
    )


def preferred(accepted: str) -> tuple[str, ...]:
    """Encodings in the order a reader wants them; of equally wanted ones the smallest first. Identity comes last of all."""
    weights: dict[str, float] = {}
    for item in accepted.lower().split(","):
        name, *parameters = (piece.strip() for piece in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        if name:
            weights["gzip" if name == "x-gzip" else name] = weight if 0 <= weight <= 1 else 0.0
    other = weights.get("*", 0.0)
    ranked = [(weights.get(name, other), name) for name in ("br", "gzip")]
    plain = weights.get("identity", 0.0)
    chosen = [name for weight, name in sorted(ranked, key=lambda pair: -pair[0]) if weight > 0 and weight >= plain]
    return (*chosen, "identity")


def _first(values: str) -> str:
    return values.split(",", 1)[0].strip()


def _matches(asked: str, etag: str) -> bool:
    return asked.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in asked.split(","))


def _part(environ: Environ, ready: Ready) -> tuple[str, Headers, bytes] | None:
    """206 for one range, 416 for one beyond the end; None (the whole page) for anything else, as RFC 9110 allows."""
    found = _RANGE.fullmatch(environ["HTTP_RANGE"].replace(" ", ""))
    condition = environ.get("HTTP_IF_RANGE", ready.etag)
    if found is None or condition.strip() != ready.etag or not (found[1] or found[2]):
        return None
    size = len(ready.body)
    start = int(found[1]) if found[1] else max(size - int(found[2]), 0)
    end = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if found[1] and found[2] and int(found[2]) < start:
        return None
    headers = [pair for pair in ready.headers if pair[0] != "Content-Length"]
    if start >= size or (not found[1] and int(found[2]) == 0):
        kept = [pair for pair in headers if pair[0].lower() not in ("content-type", "content-encoding", "etag")]
        return "416 Range Not Satisfiable", [*kept, ("Content-Range", f"bytes */{size}"), ("Content-Length", "0")], b""
    body = ready.body[start : end + 1]
    return (
        "206 Partial Content",
        [*headers, ("Content-Range", f"bytes {start}-{end}/{size}"), ("Content-Length", str(len(body)))],
        body,
    )
