"""Backups: a folder each, complete, with a hash of every file; called good only after it has been restored and verified.

    <BACKUP_DIR>/20261122T031500.000000Z/manifest.json     every other file: size and SHA-256
                                        /manifest.sha256   the hash of that list
                                        /database.sqlite3  or database.pgdump
                                        /media/            pictures, named by their hash
                                        /content/          the working text as content files, for people

A picture that the backup before holds is linked, not copied: a backup costs the database and what is new. One of which no
right copy is anywhere does not keep the words from being saved: the list names it as lost, and everybody is told.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from .copies import dump, suffix
from .files import file_hash
from .marks import BACKED_UP, note
from .proving import NotProved, proof
from .saving import DAMAGED, MISSING, save_pictures, sentences
from .turns import alone_in

FORMAT = 1
EVERY = timedelta(hours=24)
DAYS, WEEKS, MONTHS = 7, 4, 12
"""How many backups are kept: the newest of each of the last days, weeks and months that have one."""
STAMP = "%Y%m%dT%H%M%S.%fZ"
_FILE = re.compile(r"database\.(?:sqlite3|pgdump)|media/[0-9a-f]{64}\.[a-z]+|content/(?:[\w-][\w.-]*/)*[\w-][\w.-]*")


class BadBackup(Exception):
    """A backup could not be made or cannot be used; the text is a sentence."""


@dataclass(frozen=True)
class Backup:
    """A good backup: its folder and when it was made. `lost`, where it was just made: a sentence for each picture not in it."""

    path: Path
    at: datetime
    lost: tuple[str, ...] = ()


def backups(folder: Path | None = None) -> list[Backup]:
    """The good backups, oldest first. A folder gets its name only once it has been proved."""
    folder = folder or settings.BACKUP_DIR
    found = []
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        try:
            found.append(Backup(path, datetime.strptime(path.name, STAMP).replace(tzinfo=UTC)))
        except ValueError:
            continue
    return found


def last_good() -> datetime | None:
    """When the newest backup was made of which the list and the database are there. Whether every byte still is what it
    was, `verify` looks at each week."""
    return next((one.at for one in reversed(backups()) if _stands(one.path)), None)


def _stands(path: Path) -> bool:
    try:
        sizes = _databases(path, (path / "manifest.json").stat().st_mtime_ns)
        return bool(sizes) and all((path / name).stat().st_size == size for name, size in sizes.items())
    except OSError:
        return False


@lru_cache(maxsize=64)
def _databases(path: Path, _changed: int) -> dict[str, int]:
    """Name and size of a backup's database as its list says; nothing if that is not the list that was written."""
    try:
        files = _manifest(path)["files"]
    except BadBackup:
        return {}
    return {name: file["size"] for name, file in files.items() if name.startswith("database.")}


def make_backup(folder: Path | None = None) -> Backup:
    """Makes a backup in `folder` (BACKUP_DIR) while the site runs, proves it, and removes those too old to be kept.

    What is there is complete as of one moment: the database is copied first, and pictures are never changed or removed.
    Raises BadBackup with a sentence; nothing is left then.
    """
    folder = folder or settings.BACKUP_DIR
    if folder is None:
        raise BadBackup("Backups are turned off (BACKUP_DIR=off). Name a folder: manage.py backup DIR")
    try:
        with alone_in(folder, sweep=(".new-*", ".proof-*")) as mine:
            if mine:
                return _make(folder)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError, DatabaseError, NotProved) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadBackup(f"No backup was made: {reason}. Former backups in {folder} are as they were") from error
    raise BadBackup(f"Another backup is being made in {folder} at this moment. Wait until it is done")


def _make(folder: Path) -> Backup:
    at = datetime.now(UTC)
    fresh = folder / f".new-{secrets.token_hex(6)}"
    former = backups(folder)
    try:
        fresh.mkdir(mode=0o700)
        dump(fresh / f"database{suffix()}")
        lost = save_pictures(fresh / "media", former=[one.path / "media" for one in reversed(former)])
        with proof(fresh, within=folder) as site:
            told = site.export(fresh / "content")
            _write_manifest(fresh, at, told, lost)
            check_backup(fresh)
            site.verify(lost=lost)
        final = folder / at.strftime(STAMP)
        fresh.rename(final)
        sync(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    made = Backup(final, at, lost=tuple(sentences(lost)))
    note(BACKED_UP, "\n".join(made.lost))
    kept = kept_of([*(one.at for one in former), at])
    for one in former:
        if one.at not in kept:
            shutil.rmtree(one.path)
    return made


def _write_manifest(fresh: Path, at: datetime, content: str, lost: Mapping[str, str]) -> None:
    files = {
        str(path.relative_to(fresh)): {"size": path.stat().st_size, "sha256": file_hash(path)}
        for path in sorted(fresh.rglob("*"))
        if path.is_file()
    }
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    found: dict[str, Any] = {
        "format": FORMAT, "made": at.isoformat(), "migrations": applied, "content": content, "files": files,
    }  # fmt: skip
    if lost:
        found["lost"] = lost
    raw = json.dumps(found, indent=1, sort_keys=True).encode()
    (fresh / "manifest.json").write_bytes(raw)
    (fresh / "manifest.sha256").write_text(f"{hashlib.sha256(raw).hexdigest()}  manifest.json\n")
    for path in fresh.rglob("*"):
        sync(path)
    sync(fresh)


def check_backup(path: Path) -> dict[str, Any]:
    """The manifest of a backup of which every file is what it was. Raises BadBackup with a sentence that names the file.

    Its `lost`, if it has one, names the pictures that could not be saved: damaged or missing when it was made.
    """
    found = _manifest(path)
    for name, why in found.get("lost", {}).items():
        if why not in (DAMAGED, MISSING) or f"media/{name}" in found["files"]:
            raise BadBackup(f"{path} is damaged: its list says of {name} what cannot be. Use another backup")
    for name, file in found["files"].items():
        one = path / name
        if not _FILE.fullmatch(name) or one.is_symlink():
            raise BadBackup(f"{path} is damaged: {name} does not belong into a backup. Use another backup")
        try:
            whole = one.stat().st_size == file["size"] and file_hash(one) == file["sha256"]
        except OSError as error:
            raise BadBackup(
                f"{path} is damaged: {name} cannot be read ({error.strerror}). Use another backup"
            ) from error
        if not whole:
            raise BadBackup(f"{path} is damaged: {name} is not what was written. Use another backup")
    return found


def _manifest(path: Path) -> dict[str, Any]:
    """The list of a backup if it is the one that was written. Raises BadBackup."""
    try:
        raw = (path / "manifest.json").read_bytes()
        mark = (path / "manifest.sha256").read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise BadBackup(f"{path} is no whole backup: {error.filename} cannot be read ({error.strerror})") from error
    if mark != f"{hashlib.sha256(raw).hexdigest()}  manifest.json\n":
        raise BadBackup(f"{path} is damaged: its list of files is not the one that was written. Use another backup")
    found: dict[str, Any] = json.loads(raw)
    if found["format"] != FORMAT:
        raise BadBackup(f"{path} was made by another version of the program. Restore it with that version")
    return found


def kept_of(moments: Iterable[datetime]) -> set[datetime]:
    """Which backups stay: the newest of each of the last 7 days, 4 weeks and 12 months that have one."""
    newest_first = sorted(moments, reverse=True)
    kept: set[datetime] = set()
    for count, name in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        newest: dict[str, datetime] = {}
        for at in newest_first:
            newest.setdefault(at.strftime(name), at)
        kept |= set(list(newest.values())[:count])
    return kept


def backup_is_due(now: datetime) -> bool:
    """Whether a backup is to be made: none is younger than a day. Never where BACKUP_DIR is off."""
    if settings.BACKUP_DIR is None:
        return False
    last = last_good()
    return last is None or now - last >= EVERY


def sync(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
