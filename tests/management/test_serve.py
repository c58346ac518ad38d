"""`manage.py serve`: what `make run` does once packages are installed."""

from __future__ import annotations

import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from procedures.management.commands.serve import Command
from procedures.models import Guide

ROOT = Path(__file__).resolve().parents[2]


def serve(folder: Path, *arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DJANGO_") and name not in ("DATABASE_URL", "SITE_URL", "SECRET_KEY", "HOST", "PORT")
    }
    return subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=cwd,
        env={**clean, "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the site has been prepared once."""
    folder = tmp_path_factory.mktemp("data")
    done = serve(folder, "--prepare-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Loading the guides" in done.stdout
    return folder


def counts(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "db.sqlite3") as database:
        tables = ("guide", "revision", "publicationevent", "edit", "agreed", "source")
        return {table: database.execute(f"select count(*) from procedures_{table}").fetchone()[0] for table in tables}


def test_the_first_start_releases_the_shipped_content(started):
    found = counts(started)
    assert found["guide"] >= 2
    assert found["revision"] == found["guide"]
    assert found["source"] > 100


def test_a_second_start_says_in_one_line_how_files_and_database_differ_and_changes_nothing(started):
    before = counts(started)
    began = time.monotonic()
    done = serve(started, "--prepare-only")
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip().splitlines()) == 1, done.stdout
    assert counts(started) == before
    print(f"second start took {took:.1f} s")


@pytest.mark.django_db
def test_a_start_with_sample_off_leaves_an_empty_database_empty_and_says_what_to_do(settings):
    settings.SAMPLE = False
    said = io.StringIO()
    Command(stdout=said)._content()
    assert not Guide.objects.exists()
    assert "SAMPLE is off" in said.getvalue()
    assert "manage.py restore" in said.getvalue()


def test_a_port_in_use_is_said_in_one_sentence_before_anything_is_touched(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(tmp_path, PORT=str(port))
    assert done.returncode != 0
    assert f"127.0.0.1:{port}" in done.stderr
    assert "PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def test_a_migration_is_preceded_by_a_copy_and_content_is_kept(started, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(started, folder, ignore=shutil.ignore_patterns("db.sqlite3*"), symlinks=True)
    with sqlite3.connect(started / "db.sqlite3") as source, sqlite3.connect(folder / "db.sqlite3") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("delete from django_migrations where app = 'sessions'")
        database.execute("drop table django_session")
    database.close()
    done = serve(folder, "--prepare-only")
    assert done.returncode == 0, done.stderr
    assert "Kept a copy" in done.stdout
    assert len(list((folder / "copies").iterdir())) == 1
    assert counts(folder) == counts(started)


def test_content_that_is_wrong_stops_the_first_start_with_its_line(tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(
        ROOT, clone, ignore=shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".mypy_cache", ".ruff_cache")
    )
    guide = clone / "content" / "mesotherapy" / "risks.md"
    guide.write_text(guide.read_text() + "\n# Not allowed\n")
    done = serve(tmp_path / "data", "--prepare-only", cwd=clone)
    assert done.returncode == 1
    assert "content/mesotherapy/risks.md:" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_that_is_too_old_is_named_in_one_sentence(tmp_path):
    old = tmp_path / "oldpython"
    old.write_text('#!/bin/sh\ncase "$1" in -c) exit 1;; *) echo "Python 3.8.1";; esac\n')
    old.chmod(0o755)
    make = shutil.which("make")
    assert make, "make is one of the three things the project needs"
    done = subprocess.run(
        [make, "run", f"PYTHON={old}", f"VENV={tmp_path}/venv"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "3.8.1" in done.stderr
