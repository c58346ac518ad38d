"""SIGKILL to everything, then the same command again: how long until readers have pages. Judged in the full form."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ..conftest import size
from ..restarts import Readers, Server, percentile
from .conftest import ROOT, Site

pytestmark = pytest.mark.torture
PAGE = "/testing/risks/"
LONGEST = 1.0
"""Seconds within which 99 of 100 starts after SIGKILL have answered a reader."""


@pytest.fixture
def server(fresh: Path) -> Iterator[Server]:
    from ..prerender.conftest import free_port

    site = Site(fresh, free_port())
    site.run("manage.py", "serve", "--prepare-only")
    made = Server(site.port, site.environment, fresh / "server.log")
    try:
        yield made
    finally:
        made.kill()


def test_pages_are_there_before_django_after_each_kill(
    server: Server, fresh: Path, tell: Callable[[str], None]
) -> None:
    kills, seconds = size(2, 100), []
    server.first(PAGE, server.start())
    for _number in range(kills):
        server.until_watched(fresh / "pages")
        server.kill()
        seconds.append(server.first(PAGE, server.start()))
        assert server.ask("/nothing/") == 404
        if kills > 2:
            time.sleep(4)  # what runs beside the server comes to its end
    said = server.log.read_text()
    assert "Traceback" not in said
    tell(
        f"{kills} kills of the whole server: first page after p50 {percentile(seconds, 0.5):.2f} s, "
        f"p99 {percentile(seconds, 0.99):.2f} s; load {os.getloadavg()[0]:.1f}"
    )
    if kills >= 50:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        path = ROOT / "benchmarks" / "raw" / f"first-answer-torture-{stamp}.json"
        path.write_text(json.dumps({"at": stamp, "load": os.getloadavg()[0], "page_seconds": seconds}) + "\n")
    if kills >= 100:  # the sample has too few, on machines that do other things beside it
        assert percentile(seconds, 0.99) < LONGEST


def test_a_worker_that_is_killed_under_load_takes_only_what_it_was_answering(
    server: Server, tell: Callable[[str], None]
) -> None:
    import signal

    server.first("/nothing/", server.start(), wanted=404)
    with Readers(server, PAGE) as readers:
        time.sleep(0.5)
        before = server.workers()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        end = time.monotonic() + 60
        while len(server.workers()) < 2 or before[0] in server.workers():
            assert time.monotonic() < end, "no other worker was started"
            time.sleep(0.05)
        time.sleep(1)
    tell(
        f"1 worker of 2 killed: {readers.failed} of {readers.asked} requests cut off, longest wait {readers.longest:.2f} s"
    )
    assert readers.asked > 20
    assert readers.failed <= readers.number * 2
