"""Values put aside in a temporary file, so that ten thousand guides need no more memory than a few."""

from __future__ import annotations

import json
import tempfile
import weakref
import zlib
from collections.abc import Iterable
from typing import IO, Any

from ..rows import NoRoom, Rows
from .problems import ContentError, Problem

IN_MEMORY = 256 * 1024
"""Bytes up to which nothing is written to the disk: a folder of a few guides needs no file."""


def no_room(error: OSError) -> ContentError:
    """What to tell people when something could not be put aside."""
    hint = "give it about 50 KB for each guide, or name another folder in the variable TMPDIR"
    message = f"the folder for temporary files cannot be written to: {error.strerror} ({hint})"
    return ContentError([Problem(tempfile.gettempdir(), 1, str(error) if isinstance(error, NoRoom) else message)])


def put_aside(lines: Iterable[str]) -> IO[bytes]:
    """A file without a name that holds `lines` as UTF-8, at its start. Raises ContentError when there is no room."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by who asked for it
    for line in lines:
        try:
            file.write(line.encode())
        except OSError as error:
            file.close()
            raise no_room(error) from error
    file.seek(0)
    return file


class Kept(Rows):
    """Small values by list and key, in a temporary database. A load has several of them."""

    def __init__(self) -> None:
        super().__init__(cache=IN_MEMORY // 1024)
        self._length: dict[str, int] = {}

    def put(self, name: str, key: str, value: Any, *, sort: str = "", part: str = "") -> None:
        """As in Rows, but raises ContentError when there is no room."""
        try:
            super().put(name, key, value, sort=sort, part=part)
        except NoRoom as error:
            raise no_room(error) from error

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


class Spool:
    """Keeps JSON values, packed, in the order they come; each is read back by the number `put` gave.

    The file has no name (where the system can do that) and is closed with the spool, at the latest when the process
    ends. It is not safe to use one spool in two threads.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by the line below
        self._end = 0
        weakref.finalize(self, self._file.close)

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
        """What `put_bytes` gave `number` for."""
        self._file.seek(number)
        return self._file.read(int.from_bytes(self._file.read(4)))
