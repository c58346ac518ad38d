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
    """The file on this host, fetched from the shared storage if no right copy is here; None when none is anywhere.

    `file` must have the form of a picture's name. A shared storage that does not answer is logged: None. Raises OSError.
    """
    try:
        return find(file)
    except Unavailable as error:
        logger.warning("The shared storage of pictures did not answer: %s", error)
        return None


def read_for_reader(file: str) -> bytes | None:
    """The bytes of the file, which are what its name says; None when no right copy is anywhere.

    A copy on this host that is damaged is fetched anew, like one that is missing. Raises Unavailable where the shared
    storage would have to be asked and does not answer, or did not a moment ago: then it is not waited for again.
    """
    global _rests_until
    data = _local(file)
    if data is not None:
        return data
    if time.monotonic() < _rests_until:
        raise Unavailable("the shared storage of pictures did not answer a moment ago")
    try:
        data = _fetched(file)
    except Unavailable as error:
        _rests_until = time.monotonic() + REST
        logger.warning("The shared storage of pictures did not answer: %s", error)
        raise
    if data is not None:
        try:
            write(file, data)
        except OSError as error:
            logger.warning("The picture %s was fetched and could not be kept on this host: %s", file, error)
    return data


def find(file: str) -> Path | None:
    """The file on this host, fetched if it is missing or damaged here; None when no right copy is anywhere.

    Raises Unavailable, and OSError when it was fetched and cannot be written.
    """
    if is_whole(file):
        return here(file)
    data = _fetched(file)
    return None if data is None else write(file, data)


def is_whole(file: str) -> bool:
    """Whether this host has the file and its bytes are what its name says."""
    return _local(file) is not None


def _local(file: str) -> bytes | None:
    """The bytes on this host if they are right. What cannot be read is no copy."""
    path = here(file)
    if path.is_symlink() or not path.is_file():
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        logger.error("The picture %s cannot be read: %s", file, error)
        return None
    if hashlib.sha256(data).hexdigest() == Path(file).stem:
        return data
    logger.error("The picture %s is damaged and is not used; manage.py verify names all that are", file)
    return None


def _fetched(file: str) -> bytes | None:
    """The bytes in the shared storage; None when there is none or it has no right copy. Raises Unavailable."""
    shared = _shared()
    if shared is None:
        return None
    try:
        with shared.open(file) as stored:
            data: bytes = stored.read()
    except FileNotFoundError:
        return None
    except Exception as error:  # what S3 clients raise has no common ancestor
        raise Unavailable(str(error)) from error
    if hashlib.sha256(data).hexdigest() == Path(file).stem:
        return data
    logger.error("The shared storage holds other bytes under the name %s; they are not used", file)
    return None


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
    """Puts the file into the shared storage, if there is one and it has no right copy. Raises Unavailable."""
    shared = _shared()
    if shared is None or _fetched(file) is not None:
        return
    try:
        shared.save(file, ContentFile(data))
    except Exception as error:  # as above
        raise Unavailable(str(error)) from error


def gather(files: Iterable[str]) -> list[str]:
    """Fetches what this host lacks of `files`, as before a backup; gives the names that are nowhere.

    Files that are here are not read: whoever needs their bytes to be right compares them (`is_whole`).
    """
    return [file for file in files if not here(file).is_file() and path_of(file) is None]


def _shared() -> Storage | None:
    return storages[ALIAS] if ALIAS in settings.STORAGES else None
