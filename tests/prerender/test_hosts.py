"""Two hosts, one PostgreSQL, a folder of pages each: what one releases the other shows within two seconds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from procedures import prerender
from procedures.models import Guide, PublicationEvent

from .conftest import ROOT, Site, free_port, stop
from .driver import releases_in

SECONDS = 2.0
"""What the plan allows from the button on one host to the page on all."""


def test_a_follower_compares_files_and_database_once_per_event(live_guide: Guide, settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    follower = prerender.Follower()
    assert follower.look()
    assert prerender.current()
    assert not follower.look()
    PublicationEvent.objects.create(step="clinic", at=live_guide.live.at, why="a new telephone number")
    assert follower.look()
    assert not follower.look()


@dataclass
class Host:
    site: Site
    server: subprocess.Popen[bytes]
    due: subprocess.Popen[bytes]


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[Host]]:
    """Two running sites with one database of their own."""
    if connection.vendor != "postgresql":
        pytest.skip("two hosts need PostgreSQL between them: this runs under `make test-postgres`")
    name = "two_hosts"
    socket = connection.settings_dict["HOST"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    dropped = ("SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "TEST_DATABASE_URL", "PROXIES")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    sites, running = [], []
    for number in (1, 2):
        folder = tmp_path / f"host-{number}"
        (folder / "static").mkdir(parents=True)
        environment = {
            **kept,
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"postgres://{connection.settings_dict['USER']}@/{socket}/{name}",
            "SECRET_KEY": "the same on all hosts",
            "SITE_URL": "http://127.0.0.1:8000",
            "DJANGO_SETTINGS_MODULE": "tests.prerender.site_settings",
        }
        sites.append(Site(folder, environment, free_port()))
    try:
        sites[0].drive("prepare")
        for site in sites:
            server = site.start()
            due = subprocess.Popen(
                [sys.executable, "manage.py", "run_due", "--every", "600"], cwd=ROOT, env=site.environment,
                stdout=(site.folder / "due.log").open("ab"), stderr=subprocess.STDOUT,
            )  # fmt: skip
            running.append(Host(site, server, due))
        yield running
    finally:
        for host in running:
            host.due.send_signal(signal.SIGKILL)
            host.due.wait()
            stop(host.server)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
def test_what_one_host_releases_the_other_shows_within_two_seconds(hosts: list[Host], tell: Callable) -> None:
    one, two = hosts
    _until(lambda: _files(two.site) and _shown(two.site) == [0], seconds=30)
    waited = []
    for number in (1, 2, 3):
        shows = partial(_is_release, number)
        waited.append(_waited(one.site, ("publish", str(number)), two.site, shows))
    waited.append(_waited(one.site, ("withdraw",), two.site, lambda got: got.startswith("410")))
    tell(f"Two hosts: {len(waited)} steps on one, shown by the other after at most {max(waited):.2f} s.")
    assert max(waited) <= SECONDS, waited


def _waited(acting: Site, step: tuple[str, ...], watched: Site, there: Callable[[str], bool]) -> float:
    """Seconds from the button on one host to the first answer of the other that shows it."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(acting.drive, *step)
        while not there(_page(watched)):
            assert not done.done() or done.exception() is None, done.exception()
            time.sleep(0.02)
        seen = time.time()
        return seen - json.loads(done.result().splitlines()[0])["before"]


def _is_release(number: int, got: str) -> bool:
    return releases_in(got) == [number]


def _page(site: Site) -> str:
    got = site.get("/testing/")
    return f"{got.status} {got.body.decode()}"


def _shown(site: Site) -> list[int]:
    return releases_in(_page(site))


def _files(site: Site) -> bool:
    return (site.folder / "pages" / "live").exists()


def _until(true: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
