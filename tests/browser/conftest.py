"""A real Chromium against the real server: `manage.py serve` with the shipped content, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(frozen=True)
class Site:
    """A running site: where it answers, and manage.py with its database."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database() -> str:
    """DATABASE_URL of a fresh PostgreSQL database beside the one under test; empty: SQLite in the site's folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return ""
    import psycopg
    from django.conf import settings

    name = f"browser_{uuid.uuid4().hex[:10]}"
    server = settings.DATABASES["default"]
    known = {"host": server["HOST"], "port": server["PORT"], "user": server["USER"], "password": server["PASSWORD"]}
    with psycopg.connect(
        dbname="postgres", autocommit=True, **{key: value for key, value in known.items() if value}
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url.rsplit('/', 1)[0]}/{name}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """A site of its own in this folder, for a test that must find the guide as it was shipped."""
    port = _free_port()
    dropped = ("SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in dropped},
        **dict.fromkeys(
            ("LIMIT_SEARCH", "LIMIT_SUGGEST", "LIMIT_PREVIEW", "LIMIT_FEEDBACK"), "0"
        ),  # one machine plays all readers
        "BACKUP_DIR": "off",
        "DATA_DIR": str(folder),
        "DATABASE_URL": _database(),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server, log)
        yield Site(url, environment)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the site did not start:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def site_url(site: Site) -> str:
    return site.url


@pytest.fixture(scope="session")
def staff(site: Site) -> dict[str, str]:
    """A superuser of the running site: {"username", "password"}."""
    return superuser(site)


def superuser(site: Site) -> dict[str, str]:
    person = {"username": "founder", "password": "a-long-pass-word"}
    site.manage(
        "createsuperuser", "--noinput", DJANGO_SUPERUSER_USERNAME=person["username"],
        DJANGO_SUPERUSER_PASSWORD=person["password"], DJANGO_SUPERUSER_EMAIL="founder@example.org",
    )  # fmt: skip
    return person


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """The system's Chromium, without a network."""
    found = next((path for name in BROWSERS if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: run `make test`, or set CHROMIUM to its program.", pytrace=False)
    return {"executable_path": found, "args": FLAGS}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)
