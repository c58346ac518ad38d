"""Where the bytes of a picture are: in a folder of this host and, if one is set, in storage that all hosts share.

A file's name is the SHA-256 of its bytes, so a copy is either right or no copy, and a file never changes. The folder
of each host fills itself as pictures are asked for; what is in it is sent without asking anybody.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

logger = logging.getLogger(__name__)
ALIAS = "pictures"
"""Name of the shared storage in STORAGES; `MEDIA_S3` sets it."""
REST = 5.0
"""Seconds in which readers do not wait for a shared storage that did not answer: each of them would hold a thread."""
_rests_until = 0.0


class Unavailable(Exception):
    """The shared storage did not answer; nothing was kept. The text is what it said."""


def here(file: str) -> Path:
    """Where this host keeps `file`, whether or not it is there."""
    return Path(settings.MEDIA_ROOT) / file


def path_of(file: str) -> Path | None:
    """The file on this host, fetched from the shared storage if it is only there; None when it is nowhere.

    `file` must have the form of a picture's name. A shared storage that does not answer is logged: None.
    """
    try:
        return find(file)
    except Unavailable as error:
        logger.warning("The shared storage of pictures did not answer: %s", error)
        return None


def find_for_reader(file: str) -> Path | None:
    """As `find`; but where the shared storage did not answer a moment ago, it is not waited for again."""
    global _rests_until
    if time.monotonic() < _rests_until and not here(file).is_file():
        raise Unavailable("the shared storage of pictures did not answer a moment ago")
    try:
        return find(file)
    except Unavailable as error:
        _rests_until = time.monotonic() + REST
        logger.warning("The shared storage of pictures did not answer: %s", error)
        raise


def find(file: str) -> Path | None:
    """The file on this host, fetched if it is only in the shared storage; None when it is nowhere. Raises Unavailable."""
    path = here(file)
    if path.is_file() and not path.is_symlink():
        return path
    shared = _shared()
    if shared is None:
        return None
    try:
        with shared.open(file) as stored:
            data = stored.read()
    except FileNotFoundError:
        return None
    except Exception as error:  # what S3 clients raise has no common ancestor
        raise Unavailable(str(error)) from error
    if hashlib.sha256(data).hexdigest() != Path(file).stem:
        logger.error("The shared storage holds other bytes under the name %s; they are not used", file)
        return None
    return write(file, data)


def write(file: str, data: bytes) -> Path:
    """Writes the file on this host, whole or not at all. Raises OSError."""
    path = here(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".picture-", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return path


def share(file: str, data: bytes) -> None:
    """Puts the file into the shared storage, if there is one and it has no such file. Raises Unavailable."""
    shared = _shared()
    if shared is None:
        return
    try:
        if not shared.exists(file):
            shared.save(file, ContentFile(data))
    except Exception as error:  # as above
        raise Unavailable(str(error)) from error


def gather(files: Iterable[str]) -> list[str]:
    """Fetches what this host lacks of `files`, as before a backup; gives the names that are nowhere."""
    return [file for file in files if path_of(file) is None]


def _shared() -> Storage | None:
    return storages[ALIAS] if ALIAS in settings.STORAGES else None
