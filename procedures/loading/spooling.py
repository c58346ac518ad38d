"""Values put aside in a temporary file, so that ten thousand guides need no more memory than a few."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import weakref
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..rows import NoRoom, Rows
from .problems import ContentError, Problem

IN_MEMORY = 256 * 1024
"""Bytes up to which nothing is written to the disk: a folder of a few guides needs no file."""


def no_room(error: OSError) -> ContentError:
    """What to tell people when something could not be put aside."""
    if isinstance(error, NoRoom):
        return ContentError([Problem(_folder_of_databases(), 1, str(error))])
    hint = "give it about 35 KB for each guide, or name another folder in the variable TMPDIR"
    message = f"the folder for temporary files cannot be written to: {error.strerror} ({hint})"
    return ContentError([Problem(tempfile.gettempdir(), 1, message)])


def _folder_of_databases() -> str:
    """Where SQLite puts a database without a name, which is not always where Python puts a file without one.

    Source: https://www.sqlite.org/tempfiles.html, section 5. SQLite looks at the variables once, when it is imported,
    so that naming Python's folder in one of them would come too late.
    """
    named = (os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR"))
    folders = (folder for folder in (*named, "/var/tmp", "/usr/tmp", "/tmp") if folder)  # noqa: S108  # nosec B108  as SQLite does
    return next((folder for folder in folders if Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)), ".")


def put_aside(lines: Iterable[str]) -> IO[bytes]:
    """A file without a name that holds `lines` as UTF-8, at its start. Raises ContentError when there is no room."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by who asked for it
    try:
        for line in lines:
            file.write(line.encode())
        file.seek(0)  # writes what is left
    except OSError as error:
        _close(file)
        raise no_room(error) from error
    return file


def _close(file: IO[bytes]) -> None:
    """Closes a file nobody reads any more: what it could not write is no matter then."""
    with contextlib.suppress(OSError):
        file.close()


class Kept(Rows):
    """Small values by list and key, in a temporary database. A load has several of them.

    As Rows, but what raises NoRoom there raises ContentError.
    """

    def __init__(self) -> None:
        super().__init__(cache=IN_MEMORY // 1024)
        self._length: dict[str, int] = {}

    def append(self, name: str, value: Any) -> int:
        """Keeps `value` at the end of a list of which nothing is taken away; gives its place in it, counted from 0."""
        number = self._length.get(name, 0)
        self._length[name] = number + 1
        self.put(name, f"{number:012}", value)
        return number

    def at(self, name: str, number: int) -> Any:
        """What `append` gave `number` for."""
        return self.get(name, f"{number:012}")

    def length(self, name: str) -> int:
        """How many values `append` has kept in a list."""
        return self._length.get(name, 0)

    def _do(self, sql: str, *values: str) -> Iterator[tuple[Any, ...]]:
        try:
            found = super()._do(sql, *values)
        except NoRoom as error:
            raise no_room(error) from error
        return self._told(found)

    @staticmethod
    def _told(found: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from found
        except NoRoom as error:
            raise no_room(error) from error


class Spool:
    """Keeps JSON values, packed, in the order they come; each is read back by the number `put` gave.

    The file has no name (where the system can do that) and is closed with the spool, at the latest when the process
    ends. It is not safe to use one spool in two threads.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by the line below
        self._end = 0
        weakref.finalize(self, _close, self._file)

    def put(self, value: Any) -> int:
        """Keeps `value` (dicts, lists, texts, numbers, True, None). Raises ContentError when there is no room."""
        return self.put_bytes(zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1))

    def get(self, number: int) -> Any:
        """A fresh copy of the value that `put` gave `number` for."""
        return json.loads(zlib.decompress(self.get_bytes(number)))

    def put_bytes(self, data: bytes) -> int:
        """Keeps `data` as it is. Raises ContentError when there is no room."""
        number = self._end
        try:
            self._file.seek(number)
            self._file.write(len(data).to_bytes(4) + data)
        except OSError as error:
            raise no_room(error) from error
        self._end = number + 4 + len(data)
        return number

    def get_bytes(self, number: int) -> bytes:
        """What `put_bytes` gave `number` for. Raises ContentError when there was no room for it."""
        try:
            self._file.seek(number)  # writes what is left
            return self._file.read(int.from_bytes(self._file.read(4)))
        except OSError as error:
            raise no_room(error) from error
