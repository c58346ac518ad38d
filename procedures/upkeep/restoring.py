"""A backup put in the place of what is there. What was there is kept aside."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ..models import Guide
from .backups import BadBackup, check_backup, sync
from .copies import copy_database, put_back
from .proving import MANAGE, NotProved, proof
from .saving import sentences
from .turns import alone_in

LEFT = (".proof-*", ".unpacked-*", ".restored-*")
"""Names of the folders a restore works in; one that was killed leaves them, and the next removes them."""


class NotEmpty(BadBackup):
    """There is a site already; it is replaced only by whoever says so."""


@dataclass(frozen=True)
class Restored:
    """When the backup was made, and where what was there before is kept (None: there was nothing)."""

    made: str
    aside: Path | None


def restore_backup(
    path: Path, *, replace: bool = False, say: Callable[[str], None] = lambda _sentence: None
) -> Restored:
    """Puts a backup (a folder of `make_backup`, or a tar file of one) in the place of the present site.

    The backup is checked file by file, restored into a temporary place and verified there before anything is touched.
    Then database, pictures and pages that are there are moved into `DATA_DIR/replaced-<time>/`, and the backup's
    take their place. `say` hears after each step how long it took. Raises BadBackup with a sentence, and NotEmpty without
    `replace` where a site is; in both cases the site is as it was.
    """
    data = Path(settings.DATA_DIR)
    try:
        with alone_in(data, sweep=LEFT) as mine:
            if mine:
                return _restore(path, data, replace=replace, say=say)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError, DatabaseError, NotProved) as error:
        raise BadBackup(f"Not restored: {getattr(error, 'strerror', None) or error}") from error
    raise BadBackup(f"Another backup is being brought back in {data} at this moment. Wait until it is done")


def _restore(path: Path, data: Path, *, replace: bool, say: Callable[[str], None]) -> Restored:
    steps = _Steps(say)
    with _unpacked(path, data) as folder:
        found = check_backup(folder)
        steps.done(f"Every file is what was written ({len(found['files'])} files)")
        _fits(found)
        there = _there()
        if there and not replace:
            raise NotEmpty(f"There is a site here already: {there}. To replace it (it is kept aside), add --yes")
        with proof(folder, within=data) as site:
            site.verify(lost=found.get("lost", ()))
        steps.done("Restored into a temporary place every text and picture is right")
        aside = data / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        kept = _put_in_place(folder, data, aside)
        steps.done("Put in place")
        for sentence in sentences(found.get("lost", {})):
            say(sentence)
    return Restored(made=str(found["made"]), aside=aside if kept else None)


class _Steps:
    """Says each step with its seconds."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._began = say, time.monotonic()

    def done(self, sentence: str) -> None:
        now = time.monotonic()
        self._say(f"{sentence}: {now - self._began:.1f} s")
        self._began = now


def bring_up_to_date() -> None:
    """Migrates what was restored and collects styles, as a start does. Raises CalledProcessError.

    Few guides get their pages as well. Those of many are made once the site answers: that may take many minutes.
    """
    connection.close()
    command = [sys.executable, str(MANAGE), "serve", "--prepare-only", "--pages-later"]
    subprocess.run(command, check=True, cwd=MANAGE.parent, stdin=subprocess.DEVNULL)  # noqa: S603 (no shell; ours)


@contextmanager
def _unpacked(path: Path, data: Path) -> Iterator[Path]:
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise BadBackup(f"There is no backup at {path}")
    place = data / f".unpacked-{secrets.token_hex(6)}"
    try:
        with tarfile.open(path) as archive:
            archive.extractall(place, filter="data")
        inner = [found for found in (place, *place.iterdir()) if (found / "manifest.json").is_file()]
        if not inner:
            raise BadBackup(f"{path} holds no backup: manifest.json is not in it")
        yield inner[0]
    except (tarfile.TarError, EOFError) as error:
        raise BadBackup(f"{path} is damaged: it cannot be unpacked ({error}). Use another backup") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _fits(found: dict[str, Any]) -> None:
    kind = "sqlite" if "database.sqlite3" in found["files"] else "postgresql"
    if kind != connection.vendor:
        raise BadBackup(
            f"The backup is of {kind} and DATABASE_URL names {connection.vendor}. Restore it where DATABASE_URL names "
            f"{kind}; then manage.py move_to_postgres moves it, if that is wanted"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    newer = sorted(set(found["migrations"]) - known)
    if newer:
        raise BadBackup(f"The backup was made by a newer version of the program, which knows {newer[0]}. Install that")


def _there() -> str:
    """What would be replaced, in words; empty where there is no site."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return ""
    try:
        tables = connection.introspection.table_names()
        count = Guide.objects.count() if Guide._meta.db_table in tables else 0
    except DatabaseError as error:
        return f"a database that cannot be read ({error})"
    return f"{count} guides" if count else ""


def _put_in_place(folder: Path, data: Path, aside: Path) -> bool:
    """Whether there was something to keep aside."""
    fresh = data / f".restored-{secrets.token_hex(6)}"
    try:
        shutil.copytree(folder / "media", fresh / "media")
        if connection.vendor == "sqlite":
            shutil.copyfile(folder / "database.sqlite3", fresh / "db.sqlite3")
        for path in fresh.rglob("*"):
            sync(path)
        connection.close()
        media, database = Path(settings.MEDIA_ROOT), Path(str(connection.settings_dict["NAME"]))
        moves = [(path, aside / path.name) for path in (media, data / "pages") if path.exists()]
        if connection.vendor == "sqlite":
            files = [database.with_name(database.name + ending) for ending in ("", "-wal", "-shm")]
            moves += [(path, aside / path.name) for path in files if path.exists()]
            moves.append((fresh / "db.sqlite3", database))
        elif copy := copy_database():
            moves.append((copy, aside / copy.name))
        with _moved([*moves, (fresh / "media", media)]):
            if connection.vendor != "sqlite":
                # Last: all of it or nothing.
                name = str(connection.settings_dict["NAME"])
                put_back(folder / "database.pgdump", database=name, within=fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        with suppress(OSError):
            aside.rmdir()  # if nothing is in it
    return aside.is_dir()


@contextmanager
def _moved(moves: Sequence[tuple[Path, Path]]) -> Iterator[None]:
    """Each file or folder is at its new place, also on another disk; back at its old one if anything fails."""
    done: list[tuple[Path, Path]] = []
    try:
        for path, to in moves:
            to.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, to)
            done.append((path, to))
        yield
    except BaseException:
        for path, to in reversed(done):
            shutil.move(to, path)
        raise
