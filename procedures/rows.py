"""Values put aside in a temporary SQLite database and asked for by key, so that ten thousand need no more memory than a few.

SQLite keeps a database without a name in memory until it outgrows its cache; then it goes on in a file without a name,
in the folder of the variable SQLITE_TMPDIR or TMPDIR (https://www.sqlite.org/tempfiles.html).
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CACHE = 1024
"""KB of rows in memory; what is more goes to the disk."""


class NoRoom(OSError):
    """The folder for temporary files is full or cannot be written to. The text says what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ENOSPC, text)

    def __str__(self) -> str:
        return str(self.strerror)


class Rows:
    """JSON values by list and key. Not safe to use in two threads. Closed when nobody has it any more.

    Every method raises NoRoom when the disk takes no more.
    """

    def __init__(self, *, cache: int | None = None) -> None:
        """`cache`: how many KB may be in memory (not given: CACHE)."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._do(f"PRAGMA cache_size = -{CACHE if cache is None else cache}")
        self._do("PRAGMA journal_mode = OFF")
        self._do(
            "CREATE TABLE kept (list TEXT, key TEXT, sort TEXT, part TEXT, value TEXT, PRIMARY KEY (list, key)) "
            "WITHOUT ROWID"
        )
        self._do("CREATE INDEX sorted ON kept (list, part, sort, key)")

    def put(self, name: str, key: str, value: Any, *, sort: str = "", part: str = "") -> None:
        """Keeps `value` (dicts, lists, texts, numbers, True, None) in the list `name`, in the place of what had this key.

        The list is read in the order of `sort`, then of the keys; `part` says to which part of it the value belongs.
        """
        text = json.dumps(value, separators=(",", ":"))
        self._do("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?)", name, key, sort, part, text)

    def replace(self, name: str, key: str, value: Any) -> None:
        """Changes the value of a key that is there; of another one nothing is kept."""
        text = json.dumps(value, separators=(",", ":"))
        self._do("UPDATE kept SET value = ? WHERE list = ? AND key = ?", text, name, key)

    def get(self, name: str, key: str) -> Any:
        """A fresh copy of the value with this key; None if there is none."""
        found = next(self._do("SELECT value FROM kept WHERE list = ? AND key = ?", name, key), None)
        return None if found is None else json.loads(found[0])

    def values(self, name: str, *, part: str | None = None) -> Iterator[Any]:
        """Fresh copies of the values of a list, or of one part of it, in order. The list must not change meanwhile."""
        which, given = ("", [name]) if part is None else (" AND part = ?", [name, part])
        found = self._do(f"SELECT value FROM kept WHERE list = ?{which} ORDER BY sort, key", *given)  # noqa: S608
        return (json.loads(value) for (value,) in found)

    def keys(self, name: str) -> Iterator[str]:
        """The keys of a list in order."""
        found = self._do("SELECT key FROM kept WHERE list = ? ORDER BY sort, key", name)
        return (_text(key) for (key,) in found)

    def has(self, name: str, key: str) -> bool:
        return next(self._do("SELECT 1 FROM kept WHERE list = ? AND key = ?", name, key), None) is not None

    def count(self, name: str) -> int:
        ((number,),) = self._do("SELECT count(*) FROM kept WHERE list = ?", name)
        return int(number)

    def parts(self, name: str) -> dict[str, int]:
        """How many values each part of a list holds, in alphabetical order of the parts."""
        found = self._do("SELECT part, count(*) FROM kept WHERE list = ? GROUP BY part ORDER BY part", name)
        return {_text(part): number for part, number in found}

    def clear(self, name: str) -> None:
        """Takes back everything of a list."""
        self._do("DELETE FROM kept WHERE list = ?", name)

    def _do(self, sql: str, *values: str) -> Iterator[tuple[Any, ...]]:
        with _told():
            found = self._database.execute(sql, [value.encode("utf-8", "surrogatepass") for value in values])
        return self._each(found)

    @staticmethod
    def _each(found: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
        while True:
            with _told():
                row = next(found, None)
            if row is None:
                return
            yield row


def _text(data: bytes) -> str:
    """A text as it was given: names of files may hold halves of characters, which SQLite takes as bytes only."""
    return data.decode("utf-8", "surrogatepass")


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the disk become NoRoom: SQLite's OperationalError, and what it says of a file a failed write has left."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not isinstance(error, sqlite3.OperationalError) and type(error) is not sqlite3.DatabaseError:
            raise
        raise NoRoom(
            f"the folder for temporary files takes no more ({error}): make room there, or name another folder in the "
            "variable TMPDIR"
        ) from error
