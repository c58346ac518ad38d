"""A backup put into a temporary place and asked there, by the commands a person would use."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import Error as DatabaseError
from django.db import connection

from .copies import LIBPQ, put_back

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
SECONDS = 3600
"""After which a command that proves a backup counts as failed."""


class NotProved(Exception):
    """What was restored is not what it should be; the text is the reason, without a full stop."""


@dataclass(frozen=True)
class Site:
    """A site in a folder of its own."""

    folder: Path
    database: str

    def export(self, content: Path) -> str:
        """Writes the working text as content files. Gives what the command said if it could not: a site may be empty."""
        done = self._manage("export_content", str(content))
        content.mkdir(exist_ok=True)
        return "" if done.returncode == 0 else (done.stderr.strip() or done.stdout.strip())

    def migrate(self) -> None:
        """Brings the tables of an older program to what this one reads. Raises NotProved."""
        done = self._manage("migrate", "--verbosity", "0")
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise NotProved(f"its tables could not be brought to those of this program ({'; '.join(said[-1:])})")

    def verify(self, *, lost: Collection[str] = ()) -> None:
        """Raises NotProved unless every hash is right. `lost`: pictures the backup says it does not hold."""
        known = self.folder / "lost.json"
        known.write_text(json.dumps(sorted(lost)))
        done = self._manage("verify", "--lost", str(known))
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise NotProved(f"restored into a temporary place it is not right ({'; '.join(said[:3])})")

    def _manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "BACKUP_DIR": "off",
            "LOG_FILE": "",
            "MEDIA_S3": "",  # what is missing in the backup is not to be fetched from elsewhere
        }
        return subprocess.run(  # noqa: S603 (no shell; all arguments are ours)
            [sys.executable, str(MANAGE), *arguments],
            env=environment, cwd=MANAGE.parent, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip


@contextmanager
def proof(backup: Path, *, within: Path) -> Iterator[Site]:
    """The backup restored into a temporary folder `within` the given one, and into a temporary database of PostgreSQL.

    Its tables are brought to those of this program: a backup may be old, and one is made before an upgrade. The
    temporary place is gone afterwards. Raises NotProved, OSError or what the database programs raise.
    """
    folder = within / f".proof-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700)
    try:
        link_pictures(backup / "media", folder / "media")
        if connection.vendor == "sqlite":
            shutil.copyfile(backup / "database.sqlite3", folder / "db.sqlite3")
            yield _brought_up(Site(folder, f"sqlite:///{folder / 'db.sqlite3'}"))
        else:
            with _temporary_database() as name:
                put_back(backup / "database.pgdump", database=name, within=folder)
                yield _brought_up(Site(folder, _url(name)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _brought_up(site: Site) -> Site:
    site.migrate()
    return site


def link_pictures(source: Path, to: Path) -> None:
    """The pictures of a backup in another folder: linked where the disk is the same, otherwise copied."""
    to.mkdir(mode=0o755)
    for path in sorted(source.iterdir()):
        try:
            os.link(path, to / path.name)
        except OSError:
            shutil.copyfile(path, to / path.name)


_LEFT = """
SELECT datname FROM pg_database AS found
WHERE datname ~ '^proof_[0-9a-f]{12}$' AND pg_get_userbyid(datdba) = current_user
AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datid = found.oid)
"""
"""The temporary databases of processes that were killed: a living one keeps a session in its own."""
_LIKE_OURS = (
    "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"
)
"""A server that was set up in another encoding than UTF-8 would give that to a new database."""


@contextmanager
def _temporary_database() -> Iterator[str]:
    """An empty database; first those that others have left are removed."""
    name = f"proof_{secrets.token_hex(6)}"
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        for (left,) in cursor.fetchall():
            with suppress(DatabaseError):  # somebody has just opened it, or removed it
                cursor.execute(f"DROP DATABASE {left}")
        cursor.execute(_LIKE_OURS)
        like_ours = cursor.fetchone()
        # the name is ours, and a database's name cannot be a parameter
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s", like_ours)
    stands_in_it = connection.copy()
    stands_in_it.settings_dict["NAME"] = name
    try:
        with closing(stands_in_it):
            stands_in_it.ensure_connection()
            yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _url(name: str) -> str:
    """DATABASE_URL of another database on the same server."""
    database = connection.settings_dict
    host, port = str(database.get("HOST") or ""), str(database.get("PORT") or "")
    who = quote(str(database.get("USER") or ""), safe="")
    if password := str(database.get("PASSWORD") or ""):
        who += f":{quote(password, safe='')}"
    told = {name: value for name, value in database.get("OPTIONS", {}).items() if name in LIBPQ}
    more = f"?{urlencode(told)}" if told else ""
    if host.startswith("/"):  # a socket: its folder stands before the name
        return f"postgres://{who}@/{host}/{name}{more}"
    return f"postgres://{who}@{host}{f':{port}' if port else ''}/{name}{more}"
