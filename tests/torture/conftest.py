"""The real site, started as `make run` starts it, in a folder of its own, and editors who use it over HTTP."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from ..admin.paper import Selected
from ..prerender.conftest import free_port
from .prepare import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
DROPPED = (
    "SITE_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "TEST_DATABASE_URL",
    "PROXIES",
    "PYTEST_CURRENT_TEST",
)
SEED = int(os.environ.get("TORTURE_SEED", "20261122"))


@dataclass
class Site:
    """A data folder and the server on it, which leads a process group of its own."""

    folder: Path
    port: int
    settings: str = "tests.prerender.site_settings"
    server: subprocess.Popen[bytes] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in DROPPED},
            "DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PORT": str(self.port),
            **self.extra,
        }

    def run(self, *arguments: str, ok: bool = True, hours: float = 0.2) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=hours * 3600, check=False,
        )  # fmt: skip
        assert not ok or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self) -> float:
        """Starts the server and returns the seconds until its first answer."""
        began = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        while time.monotonic() < began + 120 and self.server.poll() is None:
            try:
                requests.get(f"{self.url}/admin/login/", timeout=10)
                return time.monotonic() - began
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(self.log())

    def kill(self) -> None:
        """SIGKILL to the server, all its workers and whatever it started."""
        assert self.server is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.server = None

    def stop(self) -> None:
        if self.server is not None:
            self.kill()

    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self.folder / "db.sqlite3", timeout=60)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()


class Editor:
    """Somebody who is logged in and uses forms as a browser without scripts does."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.http = requests.Session()
        opened = self.get("/admin/login/")
        form = read(opened).forms["login-form"]
        answer = self.post("/admin/login/", {**form, "username": name, "password": PASSWORD, "next": "/admin/"})
        assert answer.status_code == 302, answer.text[:2000]

    def get(self, path: str) -> requests.Response:
        return self.http.get(f"{self.site.url}{path}", timeout=90, allow_redirects=False)

    def post(self, path: str, fields: dict[str, Any], **more: Any) -> requests.Response:
        return self.http.post(f"{self.site.url}{path}", fields, timeout=90, allow_redirects=False, **more)

    def open(self, path: str, form: str) -> dict[str, Any]:
        """What the form with this id would send if nothing was changed."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return form_of(answer, form)


def read(answer: requests.Response) -> Selected:
    reader = Selected()
    reader.feed(answer.text)
    return reader


def form_of(answer: requests.Response, form: str) -> dict[str, Any]:
    return {name: value for name, value in read(answer).forms[form].items() if "__prefix__" not in name}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been prepared once: database, pages, styles. Copy it before you use it."""
    folder = tmp_path_factory.mktemp("prepared")
    site = Site(folder, free_port())
    site.run("-m", "tests.torture.prepare")
    site.run("manage.py", "serve", "--prepare-only")
    return folder


@pytest.fixture
def fresh(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the prepared data folder; nothing has it open."""
    shutil.copytree(prepared, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


@pytest.fixture
def site(fresh: Path) -> Iterator[Site]:
    """The running site."""
    made = Site(fresh, free_port())
    made.start()
    try:
        yield made
    finally:
        made.stop()
