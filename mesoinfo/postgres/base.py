"""Django's backend for PostgreSQL, in which no request waits for ever.

A server that was stopped (SIGSTOP, a hanging disk, a host that pauses) keeps its connections open and says nothing, and no
setting of libpq ends a wait for an answer: TCP is acknowledged by the kernel, and `statement_timeout` is kept by the server
itself. So whoever answers requests waits SECONDS for an answer, then gives the connection up with OperationalError; readers
are told to come again. After that, one request at a time finds out whether the server answers again, and all others
are told no at once, so that they hold no thread (a circuit breaker). Commands and threads in the background wait as long as
they need: building an index takes minutes.
"""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import psycopg
from django.core.signals import request_started
from django.db.backends.postgresql import base

SECONDS = 8.0
"""Longer than `lock_timeout`, so that a row somebody else holds is not taken for a server that is gone."""
REST = 1.0
"""Seconds between two requests that try whether the server answers again."""

_thread = threading.local()


def _answers_requests(**_: Any) -> None:
    """From its first request on, a thread is one that answers requests."""
    _thread.answers = True


request_started.connect(_answers_requests, dispatch_uid="mesoinfo.postgres")


class Breaker:
    """Whether this process may ask the server. Opened by a wait that took too long, closed by an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: float | None = None
        self._tries = 0

    def enter(self) -> None:
        """Raises OperationalError while the server is taken for gone, except to the one who tries."""
        if self._until is None:
            return
        me = threading.get_ident()
        with self._lock:
            if self._until is None or self._tries == me:
                return
            if time.monotonic() < self._until:
                raise psycopg.OperationalError("the database did not answer a moment ago")
            self._until, self._tries = time.monotonic() + SECONDS, me

    def answered(self) -> None:
        if self._until is not None:
            with self._lock:
                self._until, self._tries = None, 0

    def failed(self) -> None:
        with self._lock:
            self._until, self._tries = time.monotonic() + REST, 0


breaker = Breaker()


class Connection(psycopg.Connection[Any]):
    """A connection whose waits have an end in threads that answer requests."""

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        if not getattr(_thread, "answers", False):
            return super().wait(gen, *args, **kwargs)
        breaker.enter()
        began = time.monotonic()
        try:
            found = super().wait(gen, *args, **{"timeout": SECONDS, **kwargs})
        except psycopg.OperationalError as error:
            if time.monotonic() - began < SECONDS:
                raise
            self.pgconn.finish()  # an answer that comes later must not be taken for that to another question
            breaker.failed()
            raise psycopg.OperationalError(f"the database did not answer within {SECONDS:.0f} seconds") from error
        breaker.answered()
        return found


class DatabaseWrapper(base.DatabaseWrapper):
    """`mesoinfo.postgres` in DATABASES; OPTIONS need `connect_timeout`, which ends the wait for a new connection."""

    Database = SimpleNamespace(**{**vars(psycopg), "connect": Connection.connect})

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not getattr(_thread, "answers", False):
            return super().get_new_connection(conn_params)
        breaker.enter()
        began = time.monotonic()
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            if time.monotonic() - began >= 1:  # a server that is not there says so at once
                breaker.failed()
            raise
