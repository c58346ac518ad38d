"""The server is told to reload or to stop while readers ask: nobody's request is lost."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..conftest import size
from ..prerender.conftest import Site, prepared, stop  # noqa: F401

RELOADS = size(1, 200)
PATHS = ("/testing/", "/testing/risks/", "/search/?q=risk", "/nothing/")


@pytest.fixture
def running(prepared: Site) -> Iterator[Site]:  # noqa: F811
    prepared.server = prepared.start()
    try:
        yield prepared
    finally:
        stop(prepared.server)


def workers(site: Site) -> set[int]:
    """The processes the server has started itself."""
    assert site.server
    with open(f"/proc/{site.server.pid}/task/{site.server.pid}/children") as file:  # noqa: PTH123
        found = {int(number) for number in file.read().split()}
    return {number for number in found if (said := _command(number)) and b"resource_tracker" not in said}


def _command(number: int) -> bytes:
    """How a process was called; nothing if it has ended since it was listed."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.torture
def test_reloads_under_load_lose_no_request(tell, running: Site) -> None:
    assert running.server
    ended, asked, failed = threading.Event(), [], []

    def read(number: int) -> None:
        while not ended.is_set():
            path = PATHS[number % len(PATHS)]
            number += 1
            try:
                status = running.get(path).status
            except OSError as error:
                failed.append((path, repr(error)))
                continue
            asked.append(path)
            if status not in (200, 404):
                failed.append((path, status))

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, number) for number in range(4)]
        try:
            for _number in range(RELOADS):
                before, end = workers(running), time.monotonic() + 60
                running.server.send_signal(signal.SIGHUP)
                while workers(running) & before:
                    assert time.monotonic() < end, "the former workers are still there after a minute"
                    time.sleep(0.05)
        finally:
            ended.set()
        for reader in readers:
            reader.result()
    tell(f"{RELOADS} reloads, {len(asked)} requests meanwhile, {len(failed)} failed")
    assert len(asked) > 20
    assert failed == []


def test_a_stop_finishes_what_was_begun(running: Site) -> None:
    """A form that is half sent when the server is told to stop still gets its answer."""
    assert running.server
    body = b"useful=yes&text=" + b"a" * 400
    head = b"POST /feedback/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=15) as connection:
        connection.sendall(head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:100])
        time.sleep(0.5)
        running.server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(body[100:])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 303"), answer[:200]
    assert running.server.wait(timeout=20) == 0
