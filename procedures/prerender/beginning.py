"""The first second of a worker: it sends published pages while Django is still being loaded.

Loading Django and the site takes most of a second, on a busy machine several; nothing of a published page needs it.
What is needed is to know that no page was taken down while nobody served: workers keep with which steps of the public
record the live release was last found to agree (`watching`), and one question to the database tells, before Django is
there, whether those are still the newest. If they are not, or the database does not say, the worker waits for Django
and compares, as long as the database answers.
Of Django only the settings are imported here.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings

from .serving import PATIENCE, App, Environ, Pages, Start
from .storing import Folder

logger = logging.getLogger(__name__)

NEWEST = 50
"""Steps compared: the newest alone would hide one that began earlier and is committed later, as PostgreSQL allows."""
STEPS = f"SELECT id FROM procedures_publicationevent ORDER BY id DESC LIMIT {NEWEST}"  # noqa: S608 (a number of ours)
RELIEF = 2.5
"""Seconds a worker that relieves others takes to load everything before it takes requests. Granian ends the others after 3.5,
and then somebody must listen."""
ASKING = 0.5
"""Seconds the database has to answer it."""
BOOT_ERROR = 3
"""Exit code of a worker that cannot load the site; gunicorn stops at it instead of trying for ever."""
PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Please try again</title>'
    b"<h1>Please try again in a few seconds</h1><p>The site is being started.</p>"
    b"<p>In an emergency call 911 (US).</p></html>"
)


class Later:
    """WSGI: the application that `load` gives, which is loaded in a thread from `begin` on.

    Requests wait for it, `patience` seconds at most, and then get 503. When it cannot be loaded that is logged and the
    process ends with BOOT_ERROR, as it would if the server had imported it: whoever watches the process sees it.
    """

    def __init__(self, load: Callable[[], App], *, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._load = load
        self._app: App | None = None
        self._loaded = threading.Event()
        self._after: list[Callable[[], None]] = []

    def then(self, step: Callable[[], None]) -> None:
        """Has this done in the same thread once the application is loaded. Only before `begin`."""
        self._after.append(step)

    def begin(self, *, wait: float = 0) -> None:
        """Begins to load, and waits so many seconds for it at most."""
        thread = threading.Thread(target=self._run, name="loading", daemon=True)
        thread.start()
        # A copy of the process (gunicorn --preload) would have no such thread: it is made when nothing is left to do.
        os.register_at_fork(before=lambda: None if threading.current_thread() is thread else thread.join())
        self._loaded.wait(wait)

    def is_loaded(self) -> bool:
        return self._loaded.is_set()

    def wait(self) -> None:
        """Until it is loaded; where it cannot be, the process ends."""
        self._loaded.wait()

    def _run(self) -> None:
        try:
            self._app = self._load()
            self._loaded.set()
            for step in self._after:
                step()
        except BaseException:
            logger.critical("The site cannot be loaded; this process ends", exc_info=True)
            logging.shutdown()
            os._exit(BOOT_ERROR)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if self._app is None:
            self._loaded.wait(self.patience)
        if self._app is None:
            return _unavailable(start_response)
        return self._app(environ, start_response)


def is_relief(*, than: float = 3.0) -> bool:
    """Whether another worker of the same server has been at work for `than` seconds when this process started.

    Then this one takes over from it (a reload) or joins it (after a crash), and nobody need wait: it can load everything
    before it takes a request. A worker is known by its command line, as /proc tells it; without /proc the answer is no.
    """
    me = os.getpid()
    try:
        own, tick = _process(me), 1 / os.sysconf("SC_CLK_TCK")
        children = Path(f"/proc/{own.parent}/task/{own.parent}/children").read_text().split()
        others = [_process(int(number)) for number in children if int(number) != me]
    except (OSError, ValueError, IndexError):
        return False
    return any(other.kind == own.kind and (own.started - other.started) * tick > than for other in others)


@dataclass(frozen=True)
class _Process:
    parent: int
    started: int
    """In ticks of the clock since the machine started."""
    kind: bytes
    """The command line without numbers, which differ among workers."""


def _process(number: int) -> _Process:
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()  # proc(5): from the third field on
    command = Path(f"/proc/{number}/cmdline").read_bytes()
    return _Process(int(fields[1]), int(fields[19]), re.sub(rb"\d+", b"", command))


def in_front_of(app: App, *, behind: Later) -> App:
    """The WSGI application that serves published pages and hands everything else to `app`, which ends in `behind`.

    When the files are known to be true they are served from the first request on; otherwise as soon as `behind` is loaded
    and they were compared with the database, or the database did not answer.
    """
    if settings.DEBUG or not settings.AFTER_RELEASE:
        return app  # nothing would tell the files what has changed

    def repair() -> None:
        behind.wait()
        from .watching import repair

        repair()

    def begin() -> None:
        from .watching import begin

        begin(pages)

    pages = Pages(app, Folder(Path(settings.DATA_DIR) / "pages"), repair=repair, has_django=behind.is_loaded)
    if are_true(pages.folder):
        pages.current()  # read now: loading Django would only slow it down
    else:
        pages.compared.clear()
    behind.then(begin)
    os.register_at_fork(before=pages.wait_for_repair)  # hooks run last first: `behind` has been loaded by then
    return pages


def are_true(folder: Folder) -> bool:
    """Whether the live release is known to say what the database says now, by one question and without Django."""
    steps: list[tuple[int, ...]] = []

    def ask() -> None:
        try:
            steps.append(newest_steps())
        except Exception as error:  # whatever it is, it only means that Django has to look
            logger.debug("The database did not say what is newest: %s", error)

    asking = threading.Thread(target=ask, name="asking", daemon=True)
    asking.start()
    asking.join(ASKING)
    name = folder.name()  # read second, as by `watching`
    return bool(name and steps) and folder.was_compared(name, steps[0])


def newest_steps() -> tuple[int, ...]:
    """What `following.newest_steps` gives, without models. Raises whatever the database raises."""
    database: dict[str, Any] = settings.DATABASES["default"]
    name = str(database["NAME"])
    if database["ENGINE"] == "django.db.backends.sqlite3":
        with closing(sqlite3.connect(f"file:{quote(name)}?mode=ro", uri=True, timeout=ASKING)) as connection:
            return tuple(number for (number,) in connection.execute(STEPS))
    import psycopg  # only where it is used: it takes a fifth of a second

    keys = ("USER", "PASSWORD", "HOST", "PORT")
    given: dict[str, Any] = {key.lower(): str(database[key]) for key in keys if database.get(key)}
    given |= {**database.get("OPTIONS", {}), "connect_timeout": 2}
    with psycopg.connect(dbname=name, autocommit=True, **given) as server:
        return tuple(number for (number,) in server.execute(STEPS))


def _unavailable(start_response: Start) -> Iterable[bytes]:
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(PAGE))),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Retry-After", "5"),
        ],
    )
    return [PAGE]
