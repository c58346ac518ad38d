"""Killed, out of space, without a database: what readers get meanwhile, and what is left afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from procedures.prerender.serving import REPAIR_AFTER
from procedures.prerender.watching import EVERY

from ..conftest import size
from ..torture.outside import Postgres
from .conftest import free_port, made, stop
from .driver import releases_in, words

KILLS = {"publish": size(3, 100), "withdraw": size(2, 30), "load_content": size(2, 30)}
SEED = int(os.environ.get("TORTURE_SEED", "20261122"))

OUTAGE = size(1, 60)
"""Seconds without a database."""

LATE = 1.0
"""Seconds after the button from which on nobody may be sent the former page."""

PICTURE = hashlib.sha256(b"\x89PNG").hexdigest()


def last(output):
    return json.loads(output.strip().splitlines()[-1])


class SQLite:
    """The database of a site that can be taken away: a folder stands in its place."""

    def __init__(self, site):
        self.site, self.path = site, site.folder / "db.sqlite3"

    def leave(self):
        self.files = [path for path in self.site.folder.glob("db.sqlite3*") if path.is_file()]
        for path in self.files:
            path.rename(self.site.folder / f"away-{path.name}")
        time.sleep(2 * EVERY)
        assert not self.path.exists()  # a worker that looked must not have made an empty one
        self.path.mkdir()

    def back(self):
        self.path.rmdir()
        for path in self.files:
            (self.site.folder / f"away-{path.name}").rename(path)

    def steps(self):
        with closing(sqlite3.connect(self.path, timeout=20)) as rows:
            assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return rows.execute("SELECT * FROM procedures_publicationevent").fetchall()


class PostgreSQL:
    """The same: the server is killed, and started again."""

    def __init__(self, server):
        self.server = server

    def leave(self):
        self.server.kill()

    def back(self):
        self.server.start()

    def steps(self):
        with psycopg.connect(self.server.url) as rows:
            return rows.execute("SELECT * FROM procedures_publicationevent ORDER BY id").fetchall()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request):
    if request.param == "postgresql" and not os.environ.get("TORTURE"):
        pytest.skip("a PostgreSQL of its own: make torture (the sample is the same test on SQLite)")
    return request.param


@pytest.fixture(scope="module")
def server(kind):
    """A PostgreSQL of these tests alone, where they want one."""
    found = Postgres() if kind == "postgresql" else None
    yield found
    if found:
        found.remove()


@pytest.fixture(scope="module")
def on_either(kind, server, request, tmp_path_factory):
    """The prepared site, its database on SQLite or on PostgreSQL."""
    if kind == "sqlite":
        return request.getfixturevalue("prepared")
    return made(tmp_path_factory.mktemp("site"), DATABASE_URL=server.url)


@pytest.mark.torture
@pytest.mark.parametrize("step", KILLS)
def test_a_killed_step_leaves_every_address_old_or_new_and_the_next_start_clean(on_either, kind, step, tell):
    found = last(on_either.drive("torture", str(KILLS[step]), str(SEED), step))
    tell(
        f"{kind}, {step}: {found['killed']} of {KILLS[step]} killed, {found['between']} of them between two releases, the database "
        f"then {found['states']}; {found['addresses']} addresses asked each time, {found['differ']} of them not the same before "
        f"and after, {len(found['wrong'])} wrong; seed {SEED}"
    )
    assert found["killed"] > 0
    assert found["addresses"] > 20
    assert found["differ"] > 15 or set(found["states"]) == {"old"}
    assert found["wrong"] == []
    if KILLS[step] >= 30:
        assert set(found["states"]) >= {"old", "new"}


def test_a_full_disk_is_said_in_a_sentence_and_every_page_answers(prepared):
    faults = 0
    for number, limit in ((901, 50), (902, 3000)):  # nothing can be written; small files can, pages cannot
        found = last(prepared.drive("full", str(limit), str(number)))
        assert "File too large" in found["sentence"]
        assert "manage.py prerender" in found["sentence"]
        assert found["wrong"] == []
        assert found["differ"] > 15
        faults += 1
    assert last(prepared.drive("mend"))["drift"] == []
    print(f"{faults} full disks")
    assert faults == 2


@pytest.mark.torture
def test_without_a_database_every_published_page_answers_under_load_and_nothing_is_lost(on_either, kind, server, tell):
    site = on_either
    running = site.start()
    try:
        _without_a_database(
            site, PostgreSQL(server) if kind == "postgresql" else SQLite(site), lambda said: tell(f"{kind}: {said}")
        )
    finally:
        stop(running)


def _without_a_database(site, database, tell):
    paths = last(site.drive("paths"))
    assert len(paths) > 20
    (site.folder / "media").mkdir(exist_ok=True)
    (site.folder / "media" / f"{PICTURE}.png").write_bytes(b"\x89PNG")
    steps = database.steps()
    count, wrong, over, away = Counter(), [], threading.Event(), threading.Event()

    def read():
        while not over.is_set():
            for path, status in paths.items():
                got = site.get(path)
                count["during" if away.is_set() else "around"] += 1
                if got.status != status:
                    wrong.append((path, got.status))

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            # A worker that is still starting lets Django answer, which makes a new file where SQLite's is missing.
            _until_found(site, within=60)
            warm = time.monotonic() + 60
            while count["around"] < 20 * len(paths):
                assert time.monotonic() < warm
                time.sleep(0.05)
            database.leave()
            away.set()
            try:
                until = time.monotonic() + OUTAGE
                _says_so(site, 0)
                second = site.start(port=(port := free_port()))
                try:
                    _says_so(site, port)
                    for path, status in paths.items():
                        assert site.get(path, port=port).status == status, path
                finally:
                    stop(second)
                while time.monotonic() < until:
                    time.sleep(0.1)
                _says_so(site, 0)
            finally:
                away.clear()
                database.back()
            _until_found(site)
        finally:
            over.set()
        for reader in readers:
            reader.result()
    tell(f"{count['during']} answers without a database, {count['around']} before and after, {len(wrong)} wrong")
    assert wrong == []
    assert min(count["during"], count["around"]) > 0
    assert database.steps() == steps
    assert last(site.drive("mend"))["drift"] == []
    site.drive("publish", "950")
    assert words(950).encode() in site.get("/testing/").body


def _says_so(site, port):
    """The control: what needs the database has none, and says so."""
    for dynamic in ("/preview/x/", "/search/?q=x", "/testing/plan/?sessions=2", "/feedback/"):
        got = site.get(dynamic, port=port)
        assert (got.status, got.header("Retry-After")) == (503, "30"), dynamic
        assert b"In an emergency call 911" in got.body
    assert site.get(f"/media/{PICTURE}.png", port=port).body == b"\x89PNG"
    assert site.get("/healthz", port=port).status == 200
    assert site.get("/readyz", port=port).status == 503


def _until_found(site, *, within=5.0):
    """Waits until both workers have found the database, which must not take longer than a few seconds when it is back."""
    end, found = time.monotonic() + within, 0
    while found < 10:
        assert time.monotonic() < end
        found = found + 1 if site.get("/search/?q=x").status == 200 else 0


@pytest.mark.torture
def test_a_folder_deleted_under_the_running_server_costs_no_answer_and_comes_back_by_itself(prepared, tell):
    """The sample tries again after a second what the site as it is shipped tries again after `REPAIR_AFTER`."""
    running = prepared.start(application="mesoinfo.wsgi" if os.environ.get("TORTURE") else "tests.prerender.soon")
    try:
        _without_a_folder(prepared, tell)
    finally:
        stop(running)


def _without_a_folder(site, tell):
    right = {path: (site.get(path).status, site.get(path).body) for path in last(site.drive("paths"))}
    assert len(right) > 20
    pages, over, wrong, asked = site.folder / "pages", threading.Event(), [], Counter()

    def is_back():
        return (pages / "live" / "manifest.json").is_file()

    def read():
        while not over.is_set():
            for path, told in right.items():
                got = site.get(path)
                asked[is_back()] += 1
                if (got.status, got.body) != told:
                    wrong.append((path, got.status))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            pages.rename(
                site.folder / "pages-gone"
            )  # at once: what a worker makes meanwhile must not be swept away too
            gone = time.monotonic()
            shutil.rmtree(site.folder / "pages-gone")
            while not is_back():  # nobody but the server makes pages
                assert time.monotonic() < gone + REPAIR_AFTER + 20, "the pages were not made again"
                time.sleep(0.05)
            began = time.monotonic() - gone
            while last(site.drive("check")):
                assert time.monotonic() < gone + REPAIR_AFTER + 40, "not all pages were made again"
                time.sleep(0.05)
        finally:
            over.set()
        for reader in readers:
            reader.result()
    tell(
        f"folder of pages deleted under a running server: there again after {began:.1f} s; {asked[False]} answers without it, "
        f"{asked[True]} with it, {len(wrong)} wrong"
    )
    assert wrong == []
    assert asked[False] > 0
    for path, told in right.items():
        got = site.get(path)
        assert (got.status, got.body) == told, path


def test_a_release_reaches_every_worker_within_a_second(site):
    times = []
    for number in range(1001, 1001 + size(1, 3)):
        late = _last_old(site, ["publish", str(number)], lambda got, number=number: words(number).encode() in got.body)
        times.append(late)
    print(f"last old answer {', '.join(f'{late:.2f} s' for late in times)} after the button")
    assert max(times) <= 1


def test_a_guide_that_is_taken_down_is_gone_within_a_second(site):
    late = _last_old(site, ["withdraw"], lambda got: got.status == 410)
    print(f"last old answer {late:.2f} s after the button")
    assert late <= 1
    site.drive("publish", "1010")
    assert site.get("/testing/").status == 200


def test_gunicorn_serves_the_same(site):
    port = free_port()
    server = site.start(port=port, server="gunicorn")
    try:
        for path in last(site.drive("paths")):
            theirs, ours = site.get(path, port=port), site.get(path)
            assert (theirs.status, theirs.body) == (ours.status, ours.body), path
            assert theirs.header("ETag") == ours.header("ETag")
            head = site.get(path, port=port, method="HEAD")
            assert (head.status, head.body) == (ours.status, b"")
            assert head.header("Content-Length") == theirs.header("Content-Length")
        mark = site.get("/testing/").header("ETag")
        assert site.get("/testing/", port=port, If_None_Match=mark).status == 304
        assert site.get("/testing/", port=port, Range="bytes=0-9").body == site.get("/testing/").body[:10]
    finally:
        stop(server)


@pytest.mark.torture
@pytest.mark.parametrize("step", ["withdraw", "publish"] if size(0, 1) else ["withdraw"])
def test_when_no_file_can_be_changed_any_more_every_worker_shows_the_step_within_a_second(site, step, tell):
    number = 3001 if step == "withdraw" else 3002
    site.drive("publish", str(number))
    asked: list[tuple[float, int, list[int]]] = []
    stop = threading.Event()

    def read():
        while not stop.is_set():
            began = time.time()
            got = site.get("/testing/")
            asked.append((began, got.status, releases_in(got.text.decode())))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        lines = site.drive("dead_disk", step, str(number + 100)).splitlines()
        time.sleep(LATE + 4 * EVERY)
    finally:
        stop.set()
        reader.join()
    pressed, faults = json.loads(lines[0])["before"], json.loads(lines[-1])["faults"]
    assert faults > 0
    # The publisher could change no file; a worker, whose disk is well, may have mended them meanwhile.
    late = [began - pressed for began, status, texts in asked if status == 200 and texts == [number]]
    new = [began for began, status, texts in asked if (status, texts) in ((410, []), (200, [number + 100]))]
    assert {status for _began, status, _texts in asked} <= {200, 410}
    tell(
        f"{step} with {faults} failing calls on files: {len(asked)} answers, {len(new)} new, the last old one asked for "
        f"{max(late):.2f} s after the button"
    )
    assert max(late) <= LATE
    assert len(new) > 10
    site.drive("publish", str(number + 200))
    assert json.loads(site.drive("mend").splitlines()[-1])["drift"] == []


def _last_old(site, command, is_new):
    """Seconds from the call of the step to the last answer of the former state, over connections of their own."""
    site.get("/testing/")
    with ThreadPoolExecutor(1) as pool:
        driving = pool.submit(site.drive, *command)
        end, old, new = time.time() + 60, 0.0, 0
        while time.time() < end and (new < 40 or not driving.done()):
            asked = time.time()
            got = site.get("/testing/")
            assert got.status in (200, 410)
            if is_new(got):
                new += 1
            else:
                old, new = asked, 0
        before = json.loads(driving.result().splitlines()[0])["before"]
    assert new >= 40
    assert site.get("/testing/").status in (200, 410)
    return max(0.0, old - before)
