"""Copies of the database, made before it is migrated."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

KEEP = 3


def copy_database(*, keep: int = KEEP) -> Path | None:
    """Copies the database into `DATA_DIR/copies` and removes all but the newest `keep` copies.

    SQLite is copied through its online backup, so a copy is whole even while others write; PostgreSQL through
    pg_dump. Gives the copy's path, or None when pg_dump is not installed (whoever runs PostgreSQL backs it up).
    Raises OSError, sqlite3.Error or subprocess.CalledProcessError when the copy cannot be made.
    """
    folder = Path(settings.DATA_DIR) / "copies"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    if connection.vendor == "sqlite":
        copy = folder / f"{stamp}.sqlite3"
        _copy_sqlite(Path(str(connection.settings_dict["NAME"])), copy)
    elif shutil.which("pg_dump"):
        copy = folder / f"{stamp}.pgdump"
        _dump_postgres(copy)
    else:
        return None
    for old in sorted(path for path in folder.iterdir() if path.suffix == copy.suffix)[:-keep]:
        old.unlink()
    return copy


def _copy_sqlite(source: Path, copy: Path) -> None:
    unfinished = copy.with_suffix(".unfinished")
    with sqlite3.connect(source) as old, sqlite3.connect(unfinished) as new:
        old.backup(new)
    old.close()
    new.close()
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(copy)


def _dump_postgres(copy: Path) -> None:
    database = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": str(database.get("PASSWORD") or "")}
    options = {"--host": database.get("HOST"), "--port": database.get("PORT"), "--username": database.get("USER")}
    arguments = [f"{name}={value}" for name, value in options.items() if value]
    unfinished = copy.with_suffix(".unfinished")
    subprocess.run(  # noqa: S603 (no shell; values come from our own settings)
        [str(shutil.which("pg_dump")), "--format=custom", f"--file={unfinished}", *arguments, str(database["NAME"])],
        check=True,
        env=environment,
    )
    unfinished.rename(copy)
