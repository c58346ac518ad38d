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
from ..prerender.test_nginx import in_front

RELOADS = size(1, 200)
READERS = 4 if size(0, 1) else 2
"""With one more who asks the server itself. In the sample no more than Django has places for in one worker (3 with 4 threads):
on a machine that has much else to do the others would rightly be told to come again."""
STATUSES = {"/testing/": 200, "/search/?q=risk": 200, "/testing/plan/?sessions=2": 200, "/nothing/": 404}
"""What is asked for: nginx sends the first itself, the others come from the application."""
PATHS = tuple(STATUSES)


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
    """Behind nginx, set up as `prerender --nginx` prints it. A server that stops closes connections on which it has read
    nothing yet (hyper's pull request 3808 is about that), so whoever asks granian itself may be cut off: that is told."""
    assert running.server
    ended = threading.Event()
    asked: dict[str, list[str]] = {"behind nginx": [], "direct": []}
    lost: list[tuple[str, str, str]] = []
    wrong: list[tuple[str, str, int]] = []

    def read(number: int, way: str, port: int) -> None:
        while not ended.is_set():
            path = PATHS[number % len(PATHS)]
            number += 1
            try:
                status = running.get(path, port=port).status
            except OSError as error:
                lost.append((way, path, repr(error)))
                continue
            asked[way].append(path)
            if status != STATUSES[path]:
                wrong.append((way, path, status))

    with in_front(running) as port, ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(read, number, "behind nginx", port) for number in range(READERS)]
        readers.append(pool.submit(read, 0, "direct", running.port))
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
    direct = [one for one in lost if one[0] == "direct"]
    tell(
        f"{RELOADS} reloads: {len(asked['behind nginx'])} requests behind nginx, {len(lost) - len(direct)} lost; "
        f"{len(asked['direct'])} to the server itself, {len(direct)} cut off; {len(wrong)} wrong answers"
    )
    assert min(len(paths) for paths in asked.values()) > 20
    assert wrong == []
    assert [one for one in lost if one not in direct] == []
    assert len(direct) <= max(1, len(asked["direct"]) // 100)


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
