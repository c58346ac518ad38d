"""Everything that has a hash, looked at again: texts, signatures, published files, pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from .. import pictures, prerender
from ..models import PictureFile
from .backups import BadBackup, backups, check_backup
from .files import PICTURE, file_hash
from .marks import VERIFIED, note, noted
from .saving import expected
from .texts import Texts, verify_texts

EVERY = timedelta(days=7)
MEND = (
    "Copy it from media/ of a backup, or send the same picture again as its new version; "
    "smaller files of a picture: manage.py make_renditions"
)


@dataclass(frozen=True)
class Verified:
    """How much was looked at, and a sentence with the next step for each thing that is not what was stored."""

    texts: int
    signatures: int
    files: int
    pictures: int
    wrong: tuple[str, ...]


def verify(*, quick: bool = False, lost: Collection[str] = ()) -> Verified:
    """Compares every stored thing with its hash; `quick`: live texts by hash, files only by being there and their size.

    The newest backup is compared as well, unless `quick`: all backups of a disk share their pictures. `lost`: pictures
    that are known to be missing, as in a backup that says so. Changes nothing but the note of when it ran. What cannot be
    asked at all (no database) is one of the sentences.
    """
    wrong: list[str] = []
    texts = Texts(0, 0, ())
    try:
        wrong += _database(quick=quick)
        texts = verify_texts(live_only=quick)
        wrong += [f"{sentence} (bring back a backup: manage.py restore)" for sentence in texts.wrong]
    except DatabaseError as error:
        wrong.append(f"The database cannot be read ({error}). Bring back a backup: manage.py restore")
    files, damaged = prerender.verify(quick=quick)
    wrong += [f"{sentence}. To make it anew: manage.py prerender" for sentence in damaged]
    pictures, broken = _pictures(quick=quick, lost=lost)
    wrong += [f"{sentence}. {MEND}" for sentence in broken]
    if not quick:
        wrong += _newest_backup()
        note(VERIFIED, "\n".join(wrong))
    return Verified(texts.texts, texts.reviews, files, pictures, tuple(wrong))


def verification_is_due(now: datetime) -> bool:
    """Whether everything has not been compared for a week."""
    last = noted(VERIFIED)
    return last is None or now - last[0] >= EVERY


def _database(*, quick: bool) -> Iterator[str]:
    """What SQLite says of its own pages. PostgreSQL checks each page it reads, if its cluster was made with checksums."""
    if quick or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(20)")
        for (sentence,) in cursor.fetchall():
            if sentence != "ok":
                yield f"The database file is damaged: {sentence} (bring back a backup: manage.py restore)"


def _pictures(*, quick: bool, lost: Collection[str]) -> tuple[int, list[str]]:
    """Pictures on this host; those it lacks are fetched from the storage that hosts share, if there is one."""
    folder = Path(settings.MEDIA_ROOT)
    with contextlib.suppress(DatabaseError):  # said already
        pictures.gather(PictureFile.objects.values_list("file", flat=True))
    there: set[str] = set()
    wrong: list[str] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = PICTURE.fullmatch(path.name)
        if found is None:
            continue
        there.add(path.name)
        try:
            if path.stat().st_size == 0 or (not quick and file_hash(path) != found[1]):
                wrong.append(f"The picture {path.name} is not what was stored")
        except OSError as error:
            wrong.append(f"The picture {path.name} cannot be read ({error.strerror})")
    try:
        names = expected() - {*there, *lost}
        wrong += [f"The picture {name} is missing" for name in sorted(names)]
    except DatabaseError:
        pass  # said already
    return len(there), wrong


def _newest_backup() -> Iterator[str]:
    newest = backups()[-1:]
    for one in newest:
        try:
            check_backup(one.path)
        except BadBackup as error:
            if one.path.is_dir():  # another may have taken its place meanwhile
                yield f"{error}. To make a new one, which takes over only what is right: manage.py backup"
