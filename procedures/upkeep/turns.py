"""Whose turn it is: jobs that one process at a time does, and jobs that wait a while after a first start."""

from __future__ import annotations

import datetime
import fcntl
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from ..models import Job


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Gives whether this process may do the job `name` now: False while any other, on any host, is at it.

    On PostgreSQL an advisory lock of the session, so hosts that share the database share the lock; on SQLite, which has
    one host, a lock on a file in DATA_DIR. Both end with the process, however it ends.
    """
    if connection.vendor == "postgresql":
        number = zlib.crc32(f"procedures.{name}".encode())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
            mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
        return
    with (Path(settings.DATA_DIR) / f".{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def alone_in(folder: Path, *, sweep: Iterable[str]) -> Iterator[bool]:
    """Gives whether this process may work in the folder, which is made if need be: False while another one does.

    `sweep`: patterns of names. What a process that was killed has left under them is removed first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        for pattern in sweep:
            for left in folder.glob(pattern):
                shutil.rmtree(left, ignore_errors=True)
        yield True


def has_waited(name: str, *, wait: datetime.timedelta, now: datetime.datetime) -> bool:
    """Whether `wait` has passed since this was first asked about the job on this database."""
    row, _made = Job.objects.get_or_create(name=name, defaults={"since": now})
    return row.since + wait <= now
