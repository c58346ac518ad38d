"""One process at a time does what is due, however many there are."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from procedures.upkeep import only_one
from procedures.upkeep.turns import has_waited

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import django, sys
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from procedures.upkeep import only_one
settings.DATA_DIR = sys.argv[2]
with only_one(sys.argv[3]) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(job: str, folder: Path) -> Iterator[None]:
    """While it lasts another process, as of another host, is at the job; at its end it is killed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mesoinfo.settings.test"}
    if connection.vendor == "postgresql":
        environment["TEST_DATABASE_URL"] = os.environ.get("DATABASE_URL", "")
    arguments = [sys.executable, "-c", HOLD, str(connection.settings_dict["NAME"]), str(folder), job]
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "True\n"
        yield
        other.kill()


@pytest.mark.django_db(transaction=True)
def test_a_second_process_leaves_what_is_due_to_the_first_until_it_ends(settings: Any, capsys: Any) -> None:
    with held("due", settings.DATA_DIR):
        with only_one("due") as mine:
            assert not mine
        with only_one("links") as mine:
            assert mine, "another job is free"
        call_command("run_due")
    with only_one("due") as mine:
        assert mine, "a lock ends with its process"


@pytest.mark.django_db(transaction=True)
def test_two_hosts_never_make_a_backup_at_once(settings: Any, tmp_path: Path) -> None:
    with held("backup", settings.DATA_DIR), pytest.raises(CommandError, match="by another host. Wait for it"):
        call_command("backup", str(tmp_path / "mine"))
    assert not (tmp_path / "mine").exists()
    with only_one("backup") as mine:
        assert mine, "a lock ends with its process"


@pytest.mark.django_db
def test_a_job_waits_after_the_first_start_and_no_more_after_that() -> None:
    now, day = timezone.now(), datetime.timedelta(days=1)
    assert not has_waited("x", wait=day, now=now)
    assert not has_waited("x", wait=day, now=now + day / 2)
    assert has_waited("x", wait=day, now=now + day)
