"""Telling an error of ours from a database or disk that cannot be used for the moment."""

from __future__ import annotations

import errno

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError

RETRY_AFTER = 30
"""Seconds after which whoever asked is told to ask again: three times as long as a writer waits for a lock."""
_DATABASE = (OperationalError, InterfaceError, InternalError)
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def is_outage(error: BaseException | None) -> bool:
    """Whether an error means that the database or the disk cannot be used now, so that a later try may well succeed.

    A plain DatabaseError is what SQLite raises for a damaged file; its subclasses for wrong data or wrong SQL are ours.
    """
    if isinstance(error, OSError):
        return error.errno in _DISK
    return isinstance(error, _DATABASE) or type(error) is DatabaseError
