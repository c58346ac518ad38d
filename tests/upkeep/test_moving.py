"""Moving the site from SQLite into PostgreSQL: every row arrives, or nothing is kept."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = """
import hashlib, json
from procedures.models import Revision, Edit, Guide
texts = Revision.objects.order_by("pk").values_list("document", flat=True)
print(json.dumps([hashlib.sha256(text.encode()).hexdigest() for text in texts]))
print(Edit.objects.count(), Guide.objects.live().count())
"""


@dataclass
class Move:
    folder: Path
    environment: dict[str, str]
    url: str

    def manage(self, *arguments: str, here: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs manage.py on the SQLite database, or on the new one."""
        environment = self.environment if here else {**self.environment, "DATABASE_URL": self.url}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def drive(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "tests.prerender.driver", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, timeout=120, check=True,
        )  # fmt: skip


@pytest.fixture
def moving(tmp_path: Path, django_db_blocker, db) -> Iterator[Move]:
    """A site on SQLite with two releases and an account, and an empty PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("moving to PostgreSQL needs one: this runs under `make test-postgres`")
    (tmp_path / "static").mkdir()
    host, user = connection.settings_dict["HOST"], connection.settings_dict["USER"]
    name = f"moved_{os.getpid()}"
    import psycopg

    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        dropped = ("DATABASE_URL", "TEST_DATABASE_URL", "SITE_URL", "SECRET_KEY")
        environment = {
            **{key: value for key, value in os.environ.items() if key not in dropped},
            "DATA_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "tests.prerender.site_settings",
            "DJANGO_SUPERUSER_PASSWORD": "a-long-pass-word",
        }
        made = Move(tmp_path, environment, f"postgres://{user}@/{host}/{name}")
        made.drive("prepare")
        made.drive("publish", "1")
        assert not made.manage(
            "createsuperuser", "--noinput", "--username", "ana", "--email", "a@example.org"
        ).returncode
        yield made
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_every_row_arrives_and_the_texts_have_the_hashes_they_had(moving: Move) -> None:
    before = moving.manage("shell", "--no-imports", "-c", DOCUMENTS).stdout
    assert len(json.loads(before.splitlines()[0])) == 2, before
    done = moving.manage("move_to_postgres", moving.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "are the same on both sides, compared by SHA-256" in done.stdout
    assert moving.manage("shell", "--no-imports", "-c", DOCUMENTS, here=False).stdout == before
    export = [moving.folder / "from-sqlite", moving.folder / "from-postgres"]
    for folder, here in zip(export, (True, False), strict=True):
        folder.mkdir()
        written = moving.manage("export_content", str(folder), here=here)
        assert written.returncode == 0, written.stderr
    assert _bytes(export[0]) == _bytes(export[1])
    moving.environment["DATABASE_URL"] = moving.url
    moving.drive("publish", "2")  # numbers go on after the highest that was copied
    assert moving.manage("verify_review").returncode == 0


def test_a_database_of_an_older_program_is_refused_with_the_next_step(moving: Move) -> None:
    assert moving.manage("migrate", "procedures", "0012").returncode == 0
    done = moving.manage("move_to_postgres", moving.url)
    assert done.returncode == 1
    assert "Run migrate first" in done.stderr


def test_a_database_that_holds_guides_is_refused_and_left_as_it_is(moving: Move) -> None:
    assert moving.manage("move_to_postgres", moving.url).returncode == 0
    again = moving.manage("move_to_postgres", moving.url)
    assert again.returncode == 1
    assert "holds guides already" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("url", ["sqlite:///x.sqlite3", "postgres://nobody@127.0.0.1:9/nowhere", "oracle://a@b/c"])
def test_an_address_that_is_no_postgresql_is_a_sentence(url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mesoinfo.settings.test"}
    done = subprocess.run(
        [sys.executable, "manage.py", "move_to_postgres", url],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "must be given as postgres://" in done.stderr or "Nothing was moved" in done.stderr
    assert "Traceback" not in done.stderr


def _bytes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
