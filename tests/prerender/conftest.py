"""A site whose pages are files, in this process (`served`) and as a server with two workers (`site`)."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections

from procedures import prerender
from procedures.models import Guide
from procedures.prerender.refreshing import folder
from procedures.prerender.serving import Pages

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Got:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, f"{name} is sent twice"
        return found[0] if found else None

    @property
    def text(self) -> bytes:
        """The body without its encoding."""
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
        return unpack.get(self.header("Content-Encoding") or "", bytes)(self.body)


def ask(app: Any, path: str, *, method: str = "GET", query: str = "", **headers: str) -> Got:
    """One request to a WSGI application; headers as HTTP_NAME without the HTTP_."""
    got: dict[str, Any] = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": headers.pop("scheme", "http"),
        "wsgi.input": __import__("io").BytesIO(),
        "wsgi.errors": sys.stderr,
        **{f"HTTP_{name}": value for name, value in headers.items()},
    }

    def start(status: str, found: list[tuple[str, str]], *_: Any) -> None:
        got.update(status=int(status.split()[0]), headers=tuple(found))

    body = b"".join(app(environ, start))
    return Got(got["status"], got["headers"], body)


class NotAsked:
    """Stands behind the published pages and counts what reaches Django."""

    def __init__(self) -> None:
        self.django = WSGIHandler()
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.paths.append(environ["PATH_INFO"])
        return self.django(environ, start)


@dataclass
class Served:
    """The published pages in front of Django: what it answers, and what Django was asked."""

    app: Pages
    behind: NotAsked
    folder: Path
    repairs: list[float]

    def get(self, path: str, **how: str) -> Got:
        return ask(self.app, path, **how)

    def from_django(self, path: str, **how: str) -> Got:
        return ask(self.behind.django, path, **how)

    def addresses(self) -> dict[str, int]:
        """Every stored address and its status."""
        self.get("/")
        return {path: entry.status for path, entry in self.app.table.entries.items()}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Django's start of a request closes old connections, and with one the transaction a test lives in."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.fixture
def in_front(settings: Any, tmp_path: Path, db: None) -> Callable[[], Served]:
    """Makes the files of what is live now, and a worker that serves them."""
    settings.DATA_DIR = tmp_path

    def make() -> Served:
        prerender.refresh()
        behind, repairs = NotAsked(), []
        return Served(
            Pages(behind, folder(), repair=lambda: repairs.append(time.monotonic())), behind, tmp_path, repairs
        )

    return make


@pytest.fixture
def served(live_guide: Guide, in_front: Callable[[], Served]) -> Served:
    return in_front()


@dataclass
class Site:
    """A site in processes of its own: granian with two workers, and a driver that publishes."""

    folder: Path
    environment: dict[str, str]
    port: int
    server: subprocess.Popen[bytes] | None = None

    def drive(self, *arguments: str, ok: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tests.prerender.driver", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=1800, check=False,
        )  # fmt: skip
        assert not ok or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(
        self, *, port: int = 0, server: str = "granian", application: str = "mesoinfo.wsgi"
    ) -> subprocess.Popen[bytes]:
        """Another server of this site: granian as `make run` starts it, or gunicorn. Returns when it answers."""
        program, address = str(Path(sys.executable).parent / server), str(port or self.port)
        options = {
            "granian": ["--interface", "wsgi", "--host", "127.0.0.1", "--port", address, "--blocking-threads", "4",
                        "--respawn-failed-workers", "--workers-kill-timeout", "15", "--http1-header-read-timeout", "10000",
                        "--no-ws", "--log-level", "warning"],
            "gunicorn": ["--bind", f"127.0.0.1:{address}", "--threads", "4", "--log-level", "warning"],
        }[server]  # fmt: skip
        running = subprocess.Popen(
            [program, *options, "--workers", "2", f"{application}:application"],
            cwd=ROOT, env=self.environment, stdout=(self.folder / "server.log").open("ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.get("/robots.txt", port=port)
                return running
            except OSError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "server.log").read_text())

    def get(self, path: str, *, port: int = 0, method: str = "GET", **headers: str) -> Got:
        """One request over a connection of its own, so that every worker is met."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Got(answer.status, tuple(answer.getheaders()), answer.read())
        finally:
            connection.close()


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ends a server of ours; one that does not listen (granian, while a worker starts) with all its workers."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with a small live guide whose pages are files; nothing serves it yet."""
    return made(tmp_path_factory.mktemp("site"))


def made(here: Path, **extra: str) -> Site:
    """The site of `prepared` in the folder `here`; `extra` are settings of its environment."""
    (here / "static").mkdir()
    dropped = ("SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "TEST_DATABASE_URL", "PROXIES")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in dropped},
        "DATA_DIR": str(here),
        "DJANGO_SETTINGS_MODULE": "tests.prerender.site_settings",
        "PORT": str(port := free_port()),
        "THREADS": "4",
        **extra,
    }
    site = Site(here, environment, port)
    site.drive("prepare")
    return site


@pytest.fixture(scope="module")
def site(prepared: Site) -> Iterator[Site]:
    server = prepared.start()
    try:
        yield prepared
    finally:
        stop(server)
