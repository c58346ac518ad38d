"""Whether the site can do its work, check by check: for a load balancer, a monitor and staff."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from .. import prerender
from .backups import last_good
from .marks import BACKED_UP, ROUND, VERIFIED, noted

FREE = 256 * 1024 * 1024
"""Bytes that must be free on the disk of DATA_DIR: a release of some thousand pages and a copy of the database."""
BACKUP_AGE = timedelta(hours=30)
ROUND_AGE = timedelta(minutes=10)
VERIFIED_AGE = timedelta(days=9)
SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True)
class Check:
    """What was looked at and found. `needed`: without it this host should get no requests."""

    name: str
    ok: bool
    said: str
    needed: bool = True


def checks(*, only: Collection[str] = ()) -> list[Check]:
    """Every check, or those named; none raises. About two queries; nothing is written."""
    looks: dict[str, tuple[Callable[[], tuple[bool, str]], bool]] = {
        "database": (_database, True),
        "migrations": (_migrations, True),
        "disk": (_disk, True),
        "pages": (_pages, True),
        "backup": (_backup, False),
        "stored": (_stored, False),
        "due": (_due, False),
        "sqlite": (_sqlite, False),
    }
    wanted = [name for name in looks if not only or name in only]
    return [_look(name, looks[name][0], needed=looks[name][1]) for name in wanted]


def _look(name: str, look: Callable[[], tuple[bool, str]], *, needed: bool) -> Check:
    try:
        ok, said = look()
    except Exception as error:  # whatever it is, the answer is that this is not in order
        return Check(name, ok=False, said=f"{type(error).__name__}: {error}", needed=needed)
    return Check(name, ok=ok, said=said, needed=needed)


def _database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procedures_guide")
        return True, f"{connection.vendor} answers"


def _migrations() -> tuple[bool, str]:
    missing = sorted(_wanted() - set(MigrationRecorder(connection).applied_migrations()))
    if missing:
        return False, f"{missing[0][0]}.{missing[0][1]} is not applied (run: manage.py serve --prepare-only)"
    return True, "all are applied"


@lru_cache(maxsize=1)
def _wanted() -> set[tuple[str, str]]:
    return set(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())


def _disk() -> tuple[bool, str]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    return free >= FREE, f"{free // 2**20} MB free; {FREE // 2**20} MB are needed"


def _pages() -> tuple[bool, str]:
    if settings.DEBUG or not settings.AFTER_RELEASE:
        return True, "made when they are asked for"
    if prerender.current():
        return True, "all are files, made by this program"
    return False, "not all are files, or they were made by another program (run: manage.py prerender)"


def _backup() -> tuple[bool, str]:
    if settings.BACKUP_DIR is None:
        return True, "turned off (BACKUP_DIR=off); somebody else makes them"
    last = last_good()
    if last is None:
        return False, "none was made yet (run: manage.py backup)"
    age = timezone.now() - last
    said = f"the last good one is {int(age.total_seconds() // 3600)} hours old"
    made = noted(BACKED_UP)
    if made and made[1]:
        return False, f"{said} and lacks {len(made[1].splitlines())} pictures (run: manage.py verify)"
    return age <= BACKUP_AGE, said


def _stored() -> tuple[bool, str]:
    if lost := prerender.unread():
        return False, f"{lost} could not be read when pages were last made (run: manage.py verify)"
    found = noted(VERIFIED)
    if found is None:
        return True, "not compared with its hashes yet; run_due does it each week"
    at, wrong = found
    when = f"compared with its hashes {(timezone.now() - at).days} days ago"
    if wrong:
        return False, f"{when}: {len(wrong.splitlines())} are wrong (run: manage.py verify)"
    return timezone.now() - at <= VERIFIED_AGE, when


def _due() -> tuple[bool, str]:
    found = noted(ROUND)
    if found is None:
        return False, "never looked through here (run: manage.py run_due --every 20)"
    age = timezone.now() - found[0]
    return age <= ROUND_AGE, f"looked through {int(age.total_seconds())} seconds ago"


def _sqlite() -> tuple[bool, str]:
    if connection.vendor != "sqlite":
        return True, "not used"
    said = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        said += ": before 3.51.3 a checkpoint that races with a commit can, very rarely, damage the database"
    return True, said
