"""Readers for ten minutes, twice as many as the machine can serve, and a thousand slow ones.

Readers pause one second on average between two requests, as somebody does who clicks quickly; 200 of them ask some 200
times a second. Overload is open-ended in the same way: with a capacity of R requests a second (measured first, without
pauses), 2 R readers who pause one second want twice what can be served. Server and readers share the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from procedures.prerender.storing import Folder

from ..conftest import size
from ..prerender.conftest import free_port
from .conftest import ROOT, SEED, Site
from .readers import Asked, Readers, Seen

SHARE = float(os.environ.get("TORTURE") or 0)
FULL = SHARE >= 1
"""Only then times are judged: on the quiet machine `make torture` is for. A share of it shortens the time, not the crowd."""
CLIENTS = 200 if SHARE else 20
SOAK = size(1, 600)
WARM = size(1, 60)
CAPACITY = size(1, 20)
OVERLOAD = size(1, 300)
AGAIN = 5
"""Seconds after an overload in which the site may still be slow."""
SLOW = 1000 if SHARE else 60
SLOW_FOR = size(2, 60)
PAUSE = 1.0
P99, P99_SLOW = 150.0, 500.0
"""Milliseconds."""
MEMORY = 0.05
EVERY = size(1, 5)
WORDS = ("risk", "bruise", "cost", "pregnant", "infection", "tetsing", "nothing-of-the-kind", "how long")

KINDS = {
    "page": "/",
    "search": "/search/?q=",
    "plan with numbers": "?sessions=",
    "style or script": "/static/",
    "health": "/healthz",
}

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def busy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running site behind one proxy, with the limits it has in production; in the long form with the shipped guide."""
    folder = tmp_path_factory.mktemp("busy") / "data"
    if SHARE:
        folder.mkdir()
    else:
        prepared: Path = request.getfixturevalue("prepared")
        shutil.copytree(prepared, folder, symlinks=True)
    extra = {"PROXIES": "1", "LIMIT_SEARCH": "60", "LIMIT_FEEDBACK": "10"}
    site = Site(folder, free_port(), extra=extra)
    if SHARE:
        site.run("manage.py", "serve", "--prepare-only")
    site.start()
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def mix(busy: Site) -> list[Asked]:
    """Of 100 requests some 75 are for pages (each address alike, one in five with the ETag a browser has kept), 12 for
    styles, scripts and the like, 5 searches, 3 plans with numbers, 2 unknown addresses, 2 health, 1 an answer of a reader.
    """
    store = Folder(busy.folder / "pages")
    stored = [store.manifest(made.id)["addresses"] for made in store.release().parts.values()]
    pages = [path for part in stored for path, entry in part.items() if entry["status"] == 200]
    assert len(pages) >= 20
    found: list[Asked] = []
    for path in pages:
        etag = requests.get(busy.url + path, headers={"Accept-Encoding": "gzip"}, timeout=20).headers.get("ETag", "")
        found += [Asked(60 / len(pages), path), Asked(15 / len(pages), path, etag=etag)]
    static = sorted(
        path for path in (busy.folder / "static").rglob("*") if path.suffix in (".css", ".js", ".svg", ".png")
    )
    static = [path for path in static if "admin" not in path.parts][:40]
    found += [Asked(12 / len(static), f"/static/{path.relative_to(busy.folder / 'static')}") for path in static]
    found += [Asked(5 / len(WORDS), f"/search/?q={word.replace(' ', '+')}") for word in WORDS]
    guide = max(
        (path for path in pages if path.count("/") == 2), key=lambda path: sum(one.startswith(path) for one in pages)
    )
    found += [Asked(1, f"{guide}plan/?sessions={count}&gap=2") for count in (3, 5, 8)]
    found += [Asked(1, "/no-such-guide/"), Asked(1, "/no/such/page/"), Asked(2, "/healthz")]
    found += [Asked(1, f"/feedback/?page={guide}", "POST", body="useful=yes&text=")]
    return found


@pytest.fixture(scope="module")
def reading(mix: list[Asked]) -> list[Asked]:
    return [one for one in mix if one.method == "GET"]


def test_readers_for_a_long_time_get_no_error_and_memory_stays(
    busy: Site, mix: list[Asked], tell: Callable[[str], None]
) -> None:
    """Every address is asked for before memory counts: a worker keeps pages it has sent once, up to a limit."""
    _run(busy, mix, connections=CLIENTS, seconds=WARM, pause=0.2 if SHARE else 0)
    readers = Readers(busy.url, mix, connections=CLIENTS, seconds=SOAK, pause=PAUSE, seed=SEED)
    memory = []
    end = time.monotonic() + SOAK
    while time.monotonic() < end:
        memory.append(pss(busy))
        time.sleep(EVERY)
    seen = readers.seen()
    middle = statistics.median(memory)
    off = max(abs(one - middle) for one in memory) / middle
    tell(
        f"{CLIENTS} readers: {seen.sentence()}; memory {middle / 2**20:.0f} MB (PSS of the server and its workers), "
        f"at most {off:.1%} away from it in {len(memory)} looks"
    )
    _keep("soak", seen, memory=memory)
    assert seen.requests >= CLIENTS * SOAK / 4
    _no_error(seen)
    assert seen.statuses.get(200, 0) > seen.requests / 2
    assert {200, 303, 304, 404} <= set(seen.statuses) or not FULL
    assert middle < 600 * 2**20
    if FULL:
        assert seen.p99 < P99
        assert off < MEMORY


def test_after_twice_what_it_can_serve_the_site_is_well_again(
    busy: Site, reading: list[Asked], tell: Callable[[str], None]
) -> None:
    most = _run(busy, reading, connections=64, seconds=CAPACITY, pause=0)
    readers = round(min(2 * most.rate * PAUSE, 15_000 if SHARE else 300))
    before = _run(busy, reading, connections=CLIENTS, seconds=CAPACITY, pause=PAUSE) if SHARE else most
    crowd = _run(busy, reading, connections=readers, seconds=OVERLOAD, pause=PAUSE)
    ended = time.monotonic()
    again = _run(busy, reading, connections=CLIENTS, seconds=AGAIN, pause=PAUSE) if SHARE else crowd
    after = _run(busy, reading, connections=CLIENTS, seconds=CAPACITY, pause=PAUSE)
    tell(f"Capacity: {most.sentence()}")
    tell(f"{CLIENTS} readers before: {before.sentence()}")
    tell(f"Twice that, {readers:,} readers: {crowd.sentence()}")
    tell(
        f"{CLIENTS} readers at once afterwards: {again.sentence()}; from then on ({time.monotonic() - ended:.0f} s): {after.sentence()}"
    )
    costs = {kind: _cost(busy, kind, reading) for kind in KINDS} if SHARE else {}
    if costs:
        tell(f"Milliseconds of the server's processor for one request: {json.dumps(costs)}")
    _keep("overload", most, before, crowd, again, after, costs=costs)
    assert crowd.requests > 100
    assert set(crowd.errors_of_ours) <= {503}, "too busy is 503 and says when to come again"
    for seen in (most, before, after):
        _no_error(seen)
    if FULL:
        assert after.p99 < P99


def test_slow_clients_do_not_hold_up_others(busy: Site, reading: list[Asked], tell: Callable[[str], None]) -> None:
    """Half of them send a header byte by byte, half a form; who is hung up on comes again."""
    crowd = Slow(busy.port, SLOW)
    try:
        crowd.wait_until_there()
        seen = _run(busy, reading, connections=CLIENTS, seconds=SLOW_FOR, pause=PAUSE)
        there = statistics.median(crowd.there)
    finally:
        crowd.stop()
    after = _run(busy, reading, connections=CLIENTS, seconds=1, pause=PAUSE)
    tell(
        f"{SLOW} slow clients ({there:.0f} there in a middling second, {crowd.opened:,} connections in all, {crowd.sent:,} bytes "
        f"one by one); {CLIENTS} others: {seen.sentence()}"
    )
    _keep("slow", seen, after, opened=crowd.opened, there=crowd.there)
    assert there > SLOW / 2
    assert crowd.sent > SLOW
    assert seen.requests > CLIENTS * SLOW_FOR / 4, "the others were not answered"
    _no_error(seen)
    _no_error(after)
    if FULL:
        assert seen.p99 < P99_SLOW


class Slow:
    """Clients that send one byte a second each, half of them inside a header and half inside a form."""

    HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    FORM = (
        b"POST /feedback/?page=/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.9.%d.%d\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\ntext="
    )

    def __init__(self, port: int, count: int) -> None:
        self.port, self.count = port, count
        self.opened = self.sent = 0
        self.there: list[int] = []
        """How many were connected after each round of bytes. At one moment it may be few: all are hung up on together."""
        self._lines: list[socket.socket | None] = [None] * count
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        while not self._end.is_set():
            for place, line in enumerate(self._lines):
                try:
                    if line is None:
                        self._lines[place] = self._open(place)
                        continue
                    line.send(b"a")
                    self.sent += 1
                except BlockingIOError:
                    pass
                except OSError:
                    if line is not None:
                        line.close()
                    self._lines[place] = None
            self.there.append(sum(line is not None for line in self._lines))
            self._end.wait(1)

    def _open(self, place: int) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.opened += 1
        line.sendall(self.HEADER if place % 2 else self.FORM % (place // 250, place % 250))
        line.setblocking(False)
        return line

    def wait_until_there(self) -> None:
        end = time.monotonic() + 60
        while self.opened < self.count or self.sent < self.count:
            assert time.monotonic() < end, f"only {self.opened} slow clients were let in"
            time.sleep(0.1)

    def stop(self) -> None:
        self._end.set()
        self._thread.join(timeout=30)
        for line in self._lines:
            if line is not None:
                line.close()


def pss(site: Site) -> int:
    """Bytes of the server and its workers, shared pages counted once."""
    rollups = [(process / "smaps_rollup").read_text() for process in serving(site)]
    return sum(int(line.split()[1]) * 1024 for text in rollups for line in text.splitlines() if line.startswith("Pss:"))


def processor(site: Site) -> float:
    """Seconds of processor the server and its workers have used."""
    stats = [(process / "stat").read_text().rpartition(")")[2].split() for process in serving(site)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def serving(site: Site) -> list[Path]:
    """The processes that answer, as folders of /proc. Not what `serve` has running beside them, which comes and goes."""
    assert site.server is not None
    found, todo = [], [site.server.pid]
    while todo:
        process = Path(f"/proc/{todo.pop()}")
        try:
            if b"manage.py" in (process / "cmdline").read_bytes():
                continue
            for task in (process / "task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found.append(process)
    return found


def _run(site: Site, mix: list[Asked], *, connections: int, seconds: float, pause: float) -> Seen:
    return Readers(site.url, mix, connections=connections, seconds=seconds, pause=pause, seed=SEED).seen()


def _cost(site: Site, kind: str, reading: list[Asked]) -> float:
    """Milliseconds of processor for one request of a kind, eight readers without pauses."""
    named = [one for one in reading if KINDS[kind] in one.path and not one.etag]
    if kind == "page":
        named = [one for one in named if one.path.endswith("/") and "/no" not in one.path]
    before = processor(site)
    seen = _run(site, named, connections=8, seconds=size(1, 10), pause=0)
    return round(1000 * (processor(site) - before) / seen.requests, 3)


def _no_error(seen: Seen) -> None:
    assert seen.errors_of_ours == {}, seen.sentence()
    assert sum(seen.socket_errors.values()) == 0, seen.socket_errors


def _keep(name: str, *found: Seen, **more: object) -> None:
    """Raw figures of a long form, beside those of the benchmarks."""
    if FULL:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        said = {"load": os.getloadavg(), "seen": [vars(one) for one in found], **more}
        (ROOT / "benchmarks" / "raw" / f"{name}-{stamp}.json").write_text(json.dumps(said, indent=1) + "\n")
