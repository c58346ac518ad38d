"""What is due goes on: a job that fails is named, keeps no other from being done, and ends nothing."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from procedures import publishing
from procedures.models import Feedback, Guide
from procedures.upkeep.marks import ROUND, noted

from ..publishing.conftest import People, people, send, sign  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


class Broken(BaseEmailBackend):
    """A server of mail that fails as nobody has foreseen."""

    def __init__(self, *_args: Any, **_how: Any) -> None:
        raise ZeroDivisionError("no mail today")


@pytest.fixture
def without_feedback(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Takes the table of feedback away, until the test is over."""
    moved: list[str] = []

    def move() -> None:
        rename("procedures_feedback", "away")
        moved.append("away")

    yield move
    if moved:
        rename("away", "procedures_feedback")


def rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


@pytest.fixture
def due(live_guide: Guide, people: People) -> Guide:  # noqa: F811
    """A text whose time has come, old feedback, and a mail to a reviewer about another text."""
    revision = send(live_guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=1))
    live_guide.revisions.filter(pk=revision.pk).update(scheduled_for=LONG_AGO)
    Feedback.objects.create(page="/", text="Old", at=LONG_AGO)
    return live_guide


@pytest.mark.parametrize("fault", ["none", "deleting", "logs", "lock"])
def test_each_job_is_done_whatever_happens_to_the_others(
    fault: str, without_feedback: Callable[[], None], due: Guide, settings: Any, tmp_path: Path, capsys: Any
) -> None:
    settings.DATA_DIR = tmp_path
    if fault == "deleting":
        without_feedback()
    if fault == "logs":
        settings.LOG_FILE = str(tmp_path / "logs" / "site.log")
        (tmp_path / "logs" / "site-2020-01-01.log").mkdir(parents=True)  # cannot be deleted like a file
    if fault == "lock":
        (tmp_path / ".due.lock").mkdir()
        if connection.vendor == "postgresql":
            pytest.skip("no lock on a file with PostgreSQL")
    if fault in ("deleting", "lock"):
        with pytest.raises(CommandError, match="Not everything"):
            call_command("run_due")
    else:
        call_command("run_due")
    said = capsys.readouterr()
    assert ("published, as was set" in said.out) is (fault != "lock")
    assert ("1 deleted" in said.out) is (fault in ("none", "logs"))
    assert (noted(ROUND) is None) is (fault in ("deleting", "lock")), "so that the dashboard says it after a while"
    if fault == "deleting":
        assert "What is old could not be deleted (" in said.err
    if fault == "lock":
        assert "What is due could not be looked through (" in said.err


def test_an_error_nobody_has_foreseen_is_named_too(due: Guide, settings: Any, tmp_path: Path, capsys: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    with pytest.raises(CommandError):
        call_command("run_due")
    said = capsys.readouterr()
    assert "no mail today" in said.err
    assert "1 deleted" in said.out


def test_the_first_page_says_so_when_nothing_looks_through_what_is_due(
    db: None, settings: Any, tmp_path: Path, admin_client: Any
) -> None:
    settings.DATA_DIR = tmp_path
    assert "What is due" in admin_client.get("/admin/").content.decode()
    call_command("run_due")
    assert "What is due" not in admin_client.get("/admin/").content.decode()
    os.utime(tmp_path / "upkeep" / ROUND, (1, 1))
    assert "What is due" in admin_client.get("/admin/").content.decode()


def test_the_loop_goes_on_and_does_it_when_the_fault_is_gone(tmp_path: Path) -> None:
    (tmp_path / ".due.lock").mkdir()
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.prerender.site_settings"}
    environment.pop("DATABASE_URL", None)
    log = tmp_path / "said"
    command = [sys.executable, "manage.py", "run_due", "--every", "1", "--server", str(os.getpid())]
    with (
        log.open("w") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said) as running,
    ):
        try:
            until(lambda: log.read_text().count("What is due could not be looked through (") >= 2)
            assert running.poll() is None
            (tmp_path / ".due.lock").rmdir()
            until(lambda: "Texts whose time has come could not be published (no such table" in log.read_text())
            assert running.poll() is None, "a database without tables ends nothing either"
        finally:
            running.kill()


def until(happens: Any) -> None:
    end = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)
