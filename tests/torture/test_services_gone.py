"""PostgreSQL and S3 killed, frozen and back while people read: pages go on, the rest says so, nobody restarts anything."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from mesoinfo import health
from mesoinfo.postgres import base
from mesoinfo.settings.environment import database
from procedures.prerender.storing import Folder

from ..conftest import size
from ..prerender.conftest import free_port
from .conftest import ROOT, Site
from .outside import S3, Postgres, Service
from .readers import Asked, Readers

AWAY = size(20, 60)
"""Seconds a service is away."""
BACK = 10
"""Seconds after it is back in which everything must be as before."""
LONGEST = 12.0
"""Seconds within which everybody is answered: 8 for a question to PostgreSQL, or two tries of S3, and some for a busy machine."""
PICTURE = 2.0
"""Seconds within which a picture is answered that this host has."""
KNOWN = 1 + health.SECONDS
"""Seconds after which everybody is told that something is away: `/readyz` gives an answer again for a moment."""

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    try:
        yield server
    finally:
        server.remove()


def asked(connections: ConnectionHandler) -> float | str:
    """Seconds until the answer, or what was said instead."""
    began = time.monotonic()
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError as error:
        connections["default"].close()
        return str(error)
    return time.monotonic() - began


def test_a_frozen_server_is_waited_for_once_and_asked_again_when_it_is_back(
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tell: Callable[[str], None],
    django_db_blocker: Any,
) -> None:
    django_db_blocker.unblock()  # until the end: the connections are ours
    monkeypatch.setattr(base, "SECONDS", 1.0)
    monkeypatch.setattr(base, "REST", 0.3)
    monkeypatch.setattr(base, "breaker", base.Breaker())
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    connections = ConnectionHandler({"default": database(tmp_path)})
    told: dict[str, list[Any]] = {"reader": [], "command": []}

    def reader() -> None:
        base._answers_requests()
        told["reader"].append(asked(connections))
        frozen.wait(20)
        for _ in range(50):
            told["reader"].append(asked(connections))
        thawed.wait(20)
        end = time.monotonic() + 10
        while time.monotonic() < end and isinstance(told["reader"][-1], str):
            time.sleep(0.05)
            told["reader"].append(asked(connections))
        connections["default"].close()

    def command() -> None:
        told["command"].append(asked(connections))
        frozen.wait(20)
        told["command"].append(asked(connections))
        connections["default"].close()

    frozen, thawed = threading.Event(), threading.Event()
    threads = [threading.Thread(target=one, daemon=True) for one in (reader, command)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    while not (told["reader"] and told["command"]):
        assert time.monotonic() < began + 20
        time.sleep(0.01)
    postgres.freeze()
    began = time.monotonic()
    frozen.set()
    try:
        while len(told["reader"]) < 51 and time.monotonic() < began + 20:
            time.sleep(0.01)
        took = time.monotonic() - began
    finally:
        postgres.thaw()
        thawed.set()
    for thread in threads:
        thread.join(timeout=20)
    django_db_blocker.restore()
    said = Counter(one for one in told["reader"] if isinstance(one, str))
    tell(f"A frozen PostgreSQL: 50 questions of one thread had their end after {took:.1f} s: {dict(said)}")
    assert 1.0 <= took < 4.0
    assert said["the database did not answer within 1 seconds"] == 1
    assert said["the database did not answer a moment ago"] >= 48
    assert isinstance(told["reader"][-1], float), "it is asked again once it is back"
    assert [type(one) for one in told["command"]] == [float, float], "a command waits as long as it takes"
    assert told["command"][1] >= 1.0


@pytest.fixture(scope="module")
def storage() -> Iterator[S3]:
    server = S3()
    server.start()
    try:
        yield server
    finally:
        server.kill()


PICTURES = {f"{hashlib.sha256(data).hexdigest()}.png": data for data in (b"picture %d" % n * 50 for n in range(1000))}
ELSEWHERE = iter(list(PICTURES)[1:])
"""Each is only once not on this host."""


@pytest.fixture(scope="module")
def hosted(postgres: Postgres, storage: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hosted")
    site = Site(folder, free_port(), extra={"DATABASE_URL": postgres.url, **storage.environment})
    site.run("-m", "tests.torture.prepare")
    site.run("manage.py", "serve", "--prepare-only")
    (folder / "media").mkdir(exist_ok=True)
    name = next(iter(PICTURES))
    (folder / "media" / name).write_bytes(PICTURES[name])
    storage.fill(PICTURES)
    site.start()
    try:
        yield site
    finally:
        site.stop()


@dataclass
class Asking:
    """People who ask what is not a file, all the time; each answer with when it was asked for."""

    site: Site
    stop: threading.Event = field(default_factory=threading.Event)
    seen: dict[str, list[tuple[float, float, int, str]]] = field(default_factory=dict)

    def start(self) -> list[threading.Thread]:
        kinds = {
            "search": lambda: "/search/?q=risk",
            "login": lambda: "/admin/login/",
            "plan": lambda: "/testing/plan/?sessions=3&gap=2",
            "picture here": lambda: f"/media/{next(iter(PICTURES))}",
            "picture elsewhere": lambda: f"/media/{next(ELSEWHERE)}",
            "health": lambda: "/healthz",
            "ready": lambda: "/readyz",
        }
        threads = [
            threading.Thread(target=self._ask, args=item, daemon=True)
            for item in kinds.items()
            for _ in range(1 if item[0] == "picture elsewhere" else 2)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _ask(self, kind: str, path: Callable[[], str]) -> None:
        seen = self.seen.setdefault(kind, [])
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                got = requests.get(self.site.url + path(), timeout=60, allow_redirects=False)
                answer = got.status_code, got.headers.get("Retry-After", "")
            except requests.RequestException as error:
                answer = 0, str(error)
            seen.append((began, time.monotonic() - began, *answer))
            self.stop.wait(0.4 if kind == "picture elsewhere" else 0.1)

    def statuses(self, kind: str, begin: float, end: float) -> Counter[int]:
        return Counter(status for at, _took, status, _retry in self.seen[kind] if begin <= at < end)


@pytest.mark.skipif(
    not os.environ.get("TORTURE"), reason="two servers and a minute: make torture (the sample is the test above)"
)
@pytest.mark.parametrize("how", ["killed", "frozen"])
@pytest.mark.parametrize("which", ["postgres", "storage"])
def test_pages_go_on_the_rest_says_so_and_all_is_well_again_by_itself(
    hosted: Site, which: str, how: str, request: pytest.FixtureRequest, tell: Callable[[str], None]
) -> None:
    service: Service = request.getfixturevalue(which)
    store = Folder(hosted.folder / "pages")
    parts = [store.manifest(made.id)["addresses"] for made in store.release().parts.values()]
    pages = [Asked(1, path) for part in parts for path, entry in part.items() if entry["status"] == 200]
    assert len(pages) >= 20
    asking = Asking(hosted)
    began = time.monotonic()
    readers = Readers(hosted.url, pages, connections=40, seconds=5 + AWAY + BACK + 5, pause=0.2)
    threads = asking.start()
    try:
        time.sleep(5)
        away = time.monotonic()
        if how == "killed":
            service.kill()
        else:
            service.freeze()
        time.sleep(AWAY)
        over = time.monotonic()
        if how == "killed":
            service.start()
            if isinstance(service, S3):
                service.fill(PICTURES)
        else:
            service.thaw()
        back = time.monotonic()
        seen = readers.seen()
        time.sleep(max(0, back + BACK + 5 - time.monotonic()))
    finally:
        asking.stop.set()
    for thread in threads:
        thread.join(timeout=70)
    end = time.monotonic()
    told = {
        kind: {
            "before": dict(asking.statuses(kind, began, away)),
            "away": dict(asking.statuses(kind, away, back)),
            "back": dict(asking.statuses(kind, back + BACK, end)),
            "longest": round(max(took for _at, took, _status, _retry in found), 1),
        }
        for kind, found in asking.seen.items()
    }
    tell(f"{which} {how} for {AWAY} s; published pages: {seen.sentence()}")
    tell(f"  the others, by status: {json.dumps(told)}")
    if float(os.environ["TORTURE"]) >= 1:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        raw = {"seen": vars(seen), "told": told, "away": away - began, "back": back - began, "asked": asking.seen}
        (ROOT / "benchmarks" / "raw" / f"gone-{which}-{how}-{stamp}.json").write_text(json.dumps(raw) + "\n")

    assert set(seen.statuses) == {200}, "published pages need neither"
    assert sum(seen.socket_errors.values()) == 0
    assert set(asking.statuses("health", began, end)) == {200}
    answers = [(kind, *one) for kind, found in asking.seen.items() for one in found]
    empty = [one for one in answers if one[3] == 404 and over <= one[1] + one[2] and one[1] <= back]
    assert not empty or (which, how) == ("storage", "killed"), "moto forgets what it held, and is filled again"
    assert [one for one in answers if one[3] not in (200, 503) and one not in empty] == []
    assert [one for one in answers if one[3] == 503 and not one[4] and one[0] != "ready"] == [], (
        "503 says when to come again"
    )
    assert max(one[2] for one in answers) < LONGEST, "nobody waits for ever"
    needs = {"postgres": ["search", "ready"], "storage": ["picture elsewhere"]}[which]
    for kind in needs:
        given = [status for at, took, status, _retry in asking.seen[kind] if at > away + KNOWN and at + took < over]
        assert set(given) == {503}, kind
    pictures = ["picture here"] if which == "storage" else ["picture here", "picture elsewhere"]
    for kind in pictures:
        assert asking.statuses(kind, away, back).total() > 20, kind
        assert set(asking.statuses(kind, began, end)) == {200}, (
            f"{kind}: pictures need no database, from the first moment on"
        )
    assert max(took for _at, took, _status, _retry in asking.seen["picture here"]) < PICTURE
    for kind in ["search", "login", "plan"] if which == "storage" else []:
        got = asking.statuses(kind, away, back)
        assert set(got) == {200}, f"{kind} needs no storage of pictures"
        assert got.total() > 20, kind
    for kind in asking.seen:
        assert set(asking.statuses(kind, back + BACK, end)) == {200}, (kind, told)
