"""`deploy/manage`: a command by hand works where the service works, as its user, and nowhere else."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "deploy" / "manage"
ME = pwd.getpwuid(os.getuid()).pw_name
SAYS = """\
#!/bin/sh
echo "uid $(id -u) groups $(id -G) mask $(umask)"
env
for word in "$@"; do echo "word $word"; done
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Calls the script with a settings file of these lines; `site`: the clone it belongs to."""

    def called(settings: str, *words: str, user: str = ME, site: Path = ROOT, **more: str):
        file = tmp_path / "settings.env"
        file.write_text(settings)
        environment = {"PATH": os.environ["PATH"], "MESOINFO_SETTINGS": str(file), "MESOINFO_USER": user, **more}
        command = [sys.executable, str(site / "deploy" / "manage"), *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return called


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the script and a Python that only says how it was called."""
    site = tmp_path / "clone"
    (site / "deploy").mkdir(parents=True)
    shutil.copy(MANAGE, site / "deploy")
    python = site / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(SAYS)
    python.chmod(0o755)
    return site


def test_the_script_can_be_called() -> None:
    assert os.access(MANAGE, os.X_OK)
    assert MANAGE.read_text().startswith("#!/usr/bin/env python3\n")


def test_it_reads_the_settings_as_systemd_does_and_hands_on_nothing_else(run: Run, clone: Path) -> None:
    settings = (
        "# a comment\n; another\n\nDATA_DIR=/srv/data\n"
        "DATABASE_URL='postgres://a:p$x `id`#&@b/c'\n  TIME_ZONE = \"America/New_York\"  \nSECRET_KEY=a word\nBACKUP_DIR=\n"
    )
    done = run(
        settings, "BACKUP_DIR=/else where", "restore", "X=1", site=clone, DATA_DIR="/of/the/caller", PYTHONPATH="/x"
    )
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line for line in said if line.startswith("word ")] == [
        f"word {clone}/manage.py",
        "word restore",
        "word X=1",
    ]
    assert {
        "DATA_DIR=/srv/data",
        "DATABASE_URL=postgres://a:p$x `id`#&@b/c",
        "TIME_ZONE=America/New_York",
        "SECRET_KEY=a word",
        "BACKUP_DIR=/else where",
    } <= set(said)
    assert "PYTHONPATH" not in done.stdout
    assert "mask 0027" in said[0]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else; this was not run by root")
def test_root_becomes_the_user_of_the_service_for_good(run: Run, clone: Path, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for folder in (tmp_path, *tmp_path.parents):  # of one worker of several they are one deeper
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(folder.stat().st_mode | 0o011)
    done = run("DATA_DIR=/srv/data\n", "verify", user="nobody", site=clone)
    assert done.stdout.startswith(f"uid {nobody.pw_uid} groups {nobody.pw_gid} "), done.stderr
    assert f"HOME={nobody.pw_dir}" in done.stdout


@pytest.mark.parametrize(
    ("settings", "words", "how", "said"),
    [
        ("DATA_DIR=/x\n", [], {}, "Say which command"),
        ("DATA_DIR=/x\n", ["DATA_DIR=/y"], {}, "Say which command"),
        ("DATA_DIR=/x\nSECRET_KEY=a\\nb\n", ["verify"], {}, "Line 2 of"),
        ("export DATA_DIR=/x\n", ["verify"], {}, "Line 1 of"),
        ("DATA_DIR='/x\n", ["verify"], {}, "Line 1 of"),
        ("DATA_DIR=/x\n", ["verify"], {"user": "no-such-user"}, "There is no user no-such-user"),
        (
            "DATA_DIR=/x\n",
            ["verify"],
            {"MESOINFO_SETTINGS": "/no/such/file"},
            "/no/such/file cannot be read (No such file",
        ),
    ],
)
def test_what_it_cannot_do_is_said_in_a_sentence_and_nothing_runs(
    run: Run, clone: Path, settings: str, words: list[str], how: dict[str, str], said: str
) -> None:
    done = run(settings, *words, site=clone, **how)
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_packages_and_with_those_the_user_cannot_read_it_says_what_to_do(run: Run, clone: Path) -> None:
    python = clone / ".venv" / "bin" / "python"
    python.write_bytes(b"")  # nobody can run it, not even root
    python.chmod(0o644)
    assert "must be able to read all of" in run("DATA_DIR=/x\n", "verify", site=clone).stderr
    python.unlink()
    assert f"make -C {clone} .venv/run" in run("DATA_DIR=/x\n", "verify", site=clone).stderr


def test_the_site_s_own_program_works_in_the_folders_of_the_settings_and_in_no_other(run: Run, tmp_path: Path) -> None:
    settings = f"DATA_DIR={tmp_path}/data\nBACKUP_DIR={tmp_path}/kept\nLOG_LEVEL=ERROR\n"
    asks = "from django.conf import settings as s; print(s.DATA_DIR, s.DATABASES['default']['NAME'], s.BACKUP_DIR, s.SAMPLE)"
    done = run(settings, "SAMPLE=off", "shell", "--no-imports", "-c", asks)
    assert done.stdout.split() == [f"{tmp_path}/data", f"{tmp_path}/data/db.sqlite3", f"{tmp_path}/kept", "False"]
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.torture
@pytest.mark.skipif("TORTURE" not in os.environ, reason="a backup and a restore of 12 s: make torture")
def test_a_lost_server_is_restored_where_the_service_looks(run: Run, tmp_path: Path) -> None:
    """The runbook of docs/security.md, with the site's own programs."""
    old, new, kept = (tmp_path / name for name in ("old", "new", "backups"))
    for folder in (old, new, kept):
        folder.mkdir()
    settings = f"DATA_DIR={new}\nBACKUP_DIR={kept}\nSAMPLE=off\nDJANGO_SETTINGS_MODULE=tests.prerender.site_settings\n"
    subprocess.run(
        [sys.executable, "-m", "tests.prerender.driver", "prepare"],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(old), "DJANGO_SETTINGS_MODULE": "tests.prerender.site_settings"},
        check=True, capture_output=True,
    )  # fmt: skip
    made = run(settings, f"DATA_DIR={old}", "backup")
    assert made.returncode == 0, made.stderr
    (backup,) = kept.glob("2*")

    done = run(settings, "restore", f"backups/{backup.name}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert guides(new) == guides(old) != []
    assert f"in {new}" in done.stdout


def guides(data: Path) -> list[str]:
    with sqlite3.connect(data / "db.sqlite3") as connection:
        return [title for (title,) in connection.execute("SELECT title FROM procedures_guide")]
