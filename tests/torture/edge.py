"""Where our code ends: every SQL statement, commit, write, fsync, rename and the like, counted, and failing on demand."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

CALLS = ("fsync", "replace", "rename", "link", "symlink", "unlink", "mkdir", "rmdir", "utime", "truncate")
SAID = ("disk I/O error", "database or disk is full", "database is locked")
CODES = (errno.ENOSPC, errno.EIO)


class Edge:
    """Counts the steps while it is `armed`, and makes the step number `at` fail: once, or it and all after it.

    `disk_only`: the database goes on answering, and `at` and what follows fail only where files are concerned.
    """

    def __init__(self, *, at: int = 0, lasting: bool = False, disk_only: bool = False) -> None:
        self.at, self.lasting, self.disk_only = at, lasting, disk_only
        self.steps: list[str] = []
        self.fired = 0

    def fails(self, step: str) -> bool:
        self.steps.append(step)
        fires = bool(self.at) and (len(self.steps) == self.at or (self.lasting and len(self.steps) > self.at))
        fires = fires and not (self.disk_only and of_the_database(step))
        self.fired += fires
        return fires

    def disk(self) -> OSError:
        code = CODES[self.at % len(CODES)]
        return OSError(code, os.strerror(code))

    def database(self) -> OperationalError:
        return OperationalError(SAID[self.at % len(SAID)])

    @contextmanager
    def armed(self) -> Iterator[Edge]:
        plain_commit, plain_open = BaseDatabaseWrapper._commit, io.open  # type: ignore[attr-defined]

        def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            if self.fails(f"sql {sql[:40]}"):
                raise self.database()
            return run(sql, params, many, context)

        def commit(wrapper: Any) -> None:
            if self.fails("commit"):
                raise self.database()
            plain_commit(wrapper)
            if self.fails("after commit"):  # it has happened, and nobody is told so
                raise self.database()

        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            writes = any(letter in mode for letter in "wax+")
            if writes and not isinstance(file, int) and self.fails(f"open {mode}"):
                raise self.disk()
            made = plain_open(file, mode, *args, **kwargs)
            return Writing(made, self) if writes else made

        def failing(name: str) -> Callable[..., Any]:
            plain = getattr(os, name)

            def call(*args: Any, **kwargs: Any) -> Any:
                if self.fails(name):
                    raise self.disk()
                return plain(*args, **kwargs)

            return call

        patches = [mock.patch.object(os, name, failing(name)) for name in CALLS]
        patches += [mock.patch.object(io, "open", opened), mock.patch.object(builtins, "open", opened)]
        patches += [mock.patch.object(BaseDatabaseWrapper, "_commit", commit)]
        for patch in patches:
            patch.start()
        try:
            with connection.execute_wrapper(execute):
                yield self
        finally:
            for patch in reversed(patches):
                patch.stop()


def of_the_database(step: str) -> bool:
    return step.startswith("sql ") or step in ("commit", "after commit")


class Writing:
    """A file open for writing. A write that fails has written half of what it was given, as a full disk does."""

    def __init__(self, file: Any, edge: Edge) -> None:
        self._file, self._edge = file, edge

    def write(self, data: Any) -> int:
        if self._edge.fails("write"):
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise self._edge.disk()
        return int(self._file.write(data))

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)
