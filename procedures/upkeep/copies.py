"""Copies of the database: the one made before it is migrated, and the one in each backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

KEEP = 3


def copy_database(*, keep: int = KEEP) -> Path | None:
    """Copies the database into `DATA_DIR/copies` and removes all but the newest `keep` copies.

    Gives the copy's path, or None when pg_dump is not installed (whoever runs PostgreSQL backs it up).
    Raises OSError, sqlite3.Error or subprocess.CalledProcessError when the copy cannot be made.
    """
    folder = Path(settings.DATA_DIR) / "copies"
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}{suffix()}"
    if connection.vendor != "sqlite" and not shutil.which("pg_dump"):
        return None
    dump(copy)
    for old in sorted(path for path in folder.iterdir() if path.suffix == copy.suffix)[:-keep]:
        old.unlink()
    return copy


def suffix() -> str:
    """How the name of a copy ends: the two kinds of database write different files."""
    return ".sqlite3" if connection.vendor == "sqlite" else ".pgdump"


def dump(copy: Path) -> None:
    """Writes the whole database into the file `copy`, which appears complete or not at all.

    SQLite is copied through its online backup, so a copy is whole even while others write; PostgreSQL through
    pg_dump. Raises OSError, sqlite3.Error or subprocess.CalledProcessError.
    """
    unfinished = copy.with_suffix(".unfinished")
    if connection.vendor == "sqlite":
        source = Path(str(connection.settings_dict["NAME"]))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(unfinished)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
    else:
        _postgres("pg_dump", "--format=custom", f"--file={unfinished}", str(connection.settings_dict["NAME"]))
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(copy)


def put_back(dump: Path, *, database: str, within: Path) -> None:
    """Replaces what is in the PostgreSQL `database` by what is in `dump`, all of it or nothing; works in the folder `within`.

    Our tables and functions the dump does not know go too: a newer program may have made them, and would make them
    again. What another program keeps in the same database and the dump does not hold stays.
    Raises OSError or subprocess.CalledProcessError.
    """
    with tempfile.TemporaryDirectory(prefix="put-back-", dir=within) as folder:
        script = Path(folder) / "script.sql"
        _postgres(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(dump)
        )
        how = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _postgres("psql", *how, f"--dbname={database}", f"--command={_without_ours()}", f"--file={script}")


def _without_ours() -> str:
    """SQL that removes every table and function named after an app of this program."""
    ours = "|".join(sorted({"django", *(app.label for app in apps.get_app_configs())}))
    return _REMOVE.replace("OURS", f"^({ours})_")


_REMOVE = """
SET client_min_messages = warning; -- or it names every key that goes with a table
DO $$ DECLARE found text; BEGIN
    FOR found IN SELECT oid::regclass FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname ~ 'OURS' LOOP
        EXECUTE 'DROP TABLE IF EXISTS ' || found || ' CASCADE';
    END LOOP;
    FOR found IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proname ~ 'OURS' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
        EXECUTE 'DROP ROUTINE IF EXISTS ' || found || ' CASCADE';
    END LOOP;
END $$
"""
LIBPQ = {
    name: f"PG{name.upper()}"
    for name in ("passfile", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslnegotiation")
}
"""What else of the settings of a connection its programs are to be told, by the names libpq has for it (PostgreSQL, 34.15)."""


def _postgres(program: str, *arguments: str) -> None:
    database = connection.settings_dict
    told = {LIBPQ[name]: str(value) for name, value in database.get("OPTIONS", {}).items() if name in LIBPQ}
    environment = {**os.environ, "PGPASSWORD": str(database.get("PASSWORD") or ""), **told}
    options = {"--host": database.get("HOST"), "--port": database.get("PORT"), "--username": database.get("USER")}
    whole = [str(shutil.which(program) or program), *(f"{name}={value}" for name, value in options.items() if value)]
    subprocess.run(  # noqa: S603 (no shell; values come from our own settings)
        [*whole, *arguments], check=True, env=environment, stdin=subprocess.DEVNULL
    )
