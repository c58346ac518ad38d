"""`manage.py serve` after a crash: when nothing has changed since the last good start, the server begins at once.

Before a start something may have to be done: migrating, collecting styles, making pages. A good start leaves a mark of
everything that decides whether there is; after a kill the mark is still true, and then looking again is done beside the
server that answers already. Whatever is in doubt makes the mark different, and the start prepares first.
Imports neither Django nor anything else of the site: `manage.py` asks before it loads them.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("manage.py", ".env", "requirements.txt", "mesoinfo", "procedures", "templates", "static", "locale")
"""What of this project decides what a start has to do. Not `content`: the files say how they differ, and change nothing."""
OF_EACH_START = frozenset(
    "_ SHLVL PWD OLDPWD INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MEMORY_PRESSURE_WATCH MEMORY_PRESSURE_WRITE "
    "NOTIFY_SOCKET MAINPID MANAGERPID MAKELEVEL MAKEFLAGS MFLAGS MAKE_TERMOUT MAKE_TERMERR COLUMNS LINES TERM "
    "WINDOWID SSH_CLIENT SSH_CONNECTION SSH_TTY".split()
)
"""Variables that differ from start to start and decide nothing. Every other one counts."""


class Start:
    """What stands before this start: the program, its packages, the environment. Taken before any of it is loaded."""

    def __init__(self) -> None:
        self.environ = dict(os.environ)  # before `.env` is read into it: that file counts by itself
        found = hashlib.sha256()
        for line in _lines():
            found.update(f"{line}\n".encode())
        self.mark = found.hexdigest()

    def is_as_before(self, data: Path) -> bool:
        """Whether `data`, the folder of all state, was brought up to date by a start just like this one, and still is there."""
        try:
            known = (data / "started").read_text() == self._with(data)
        except OSError:
            return False
        return known and (data / "pages" / "live" / "manifest.json").is_file() and (data / "static/.stamp").is_file()

    def note(self, data: Path) -> None:
        """Keeps that this start has brought everything up to date. Raises OSError."""
        fresh = data / f".started-{os.getpid()}"
        fresh.write_text(self._with(data))
        fresh.replace(data / "started")

    def _with(self, data: Path) -> str:
        """The mark and which file the database is: one that was replaced may need migrating. Empty: none is here."""
        try:
            file = (data / "db.sqlite3").stat()
        except FileNotFoundError:
            return f"{self.mark}\n"
        return f"{self.mark} {file.st_dev} {file.st_ino}\n"


PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds before what runs beside the server is started again after it died: at first, and after it has died often."""
WELL = 600.0
"""Seconds after which it is taken to have run well, so that the pauses begin anew."""
AFTER = 2.0
"""Seconds what is done beside the server waits, so that it does not take the processor from the first answers."""
this: Start | None = None
"""The start of this process, where `manage.py serve` is one that can be marked."""


def forget(data: Path) -> None:
    """The next start prepares first."""
    (data / "started").unlink(missing_ok=True)


def is_free(host: str, port: int) -> OSError | None:
    """None when a server can listen there, else why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def say(site: str) -> None:
    """Where the site is, for whoever has started it."""
    sys.stdout.write(
        f"Reading:  {site}/\nEditing:  {site}/admin/   (make a login with: make admin)\nStop with Ctrl-C.\n"
    )
    sys.stdout.flush()


def become_server(
    *beside: str, host: str, port: int, workers: int, threads: int, environ: dict[str, str] | None = None
) -> None:
    """Has `manage.py` run with the arguments `beside` for as long as the server lives; then this process is granian.

    The number of the process that keeps it running is added to the arguments (see `keep`).
    """
    # -I -S: it needs nothing but the standard library, and stays so small that nobody ends it for its memory.
    keeper = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid())]
    command = [*keeper, sys.executable, sys.argv[0], *beside]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environ)  # noqa: S603 (no shell; all arguments are ours)
    os.environ["THREADS"] = str(threads)
    server = str(Path(sys.executable).parent / "granian")
    os.execv(  # noqa: S606 (no shell; all arguments are ours)
        server,
        [
            server, "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(threads),
            "--respawn-failed-workers", "--workers-kill-timeout", "15",
            "--http1-header-read-timeout", "10000", "--no-ws", "--log-level", "error",
            "mesoinfo.wsgi:application",
        ],
    )  # fmt: skip


def keep(server: int, command: Sequence[str]) -> None:
    """Runs `command` for as long as the process `server`, our parent, lives; starts it again, after a pause, when it ends.

    Our own number is added to the command: it stops by itself when its parent is no longer this process, so nothing
    outlives the server, however any of the three ends.
    """
    pause = PAUSE
    while os.getppid() == server:
        began = time.monotonic()
        running = subprocess.Popen([*command, str(os.getpid())], stdin=subprocess.DEVNULL)  # noqa: S603 (all ours)
        while running.poll() is None and os.getppid() == server:
            time.sleep(1)
        if os.getppid() != server:
            return
        pause = PAUSE if time.monotonic() - began > WELL else pause
        with suppress(OSError):
            sys.stderr.write(
                f"What runs beside the server has ended (exit code {running.returncode}; negative: the signal). "
                f"It is started again in {pause:.0f} s.\n"
            )
            sys.stderr.flush()
        again = time.monotonic() + pause
        while time.monotonic() < again and os.getppid() == server:
            time.sleep(min(1.0, pause))
        pause = min(pause * 2, LONGEST_PAUSE)


def _lines() -> Iterator[str]:
    for name in PROGRAM:
        yield from _files(ROOT / name)
    for place in (folder for folder in sys.path if folder.endswith("-packages")):
        yield f"{place} {_time(place)}"  # installing or removing a package changes its folder
    yield f"{sys.executable} {sys.version}"
    for name, value in sorted(os.environ.items()):
        if name not in OF_EACH_START:
            yield f"{name}={hashlib.sha256(os.fsencode(value)).hexdigest()}"


def _files(path: Path) -> Iterator[str]:
    """A line for each file: where it is, its size and time."""
    if not path.is_dir():
        if path.exists():
            yield f"{path} {path.stat().st_size} {_time(path)}"
        return
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(Path(entry.path))
        else:
            known = entry.stat()
            yield f"{entry.path} {known.st_size} {known.st_mtime_ns}"


def _time(path: str | Path) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 (asked of texts as well)
    except OSError:
        return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        keep(int(sys.argv[1]), sys.argv[2:])
