"""What was set for a time happens at that time, once, and by nobody else's hand."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, PublicationEvent, Revision
from procedures.upkeep import publish_due

from ..conftest import make_document, write_rows
from ..publishing.conftest import People, people, send, sign  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scheduled(live_guide: Guide, people: People) -> Revision:  # noqa: F811
    revision = send(live_guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=1))
    return revision


def make_due(revision: Revision) -> None:
    Revision.objects.filter(pk=revision.pk).update(scheduled_for=timezone.now() - datetime.timedelta(seconds=1))


def test_nothing_happens_before_its_time(scheduled: Revision) -> None:
    assert publish_due(timezone.now()) == []
    scheduled.refresh_from_db()
    assert scheduled.state == "scheduled"


def test_a_text_goes_live_at_its_time_and_once(scheduled: Revision, capsys: Any) -> None:
    make_due(scheduled)
    call_command("run_due")
    assert "Testing: published" in capsys.readouterr().out
    scheduled.guide.refresh_from_db()
    assert scheduled.guide.live == scheduled
    call_command("run_due")
    assert capsys.readouterr().out == ""
    event = PublicationEvent.objects.get(step="publish")
    assert event.by is None


def test_one_that_cannot_be_published_is_named_and_stops_no_other(
    scheduled: Revision,
    people: People,  # noqa: F811
    capsys: Any,
) -> None:
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    stuck = send_other(other, people)
    make_due(stuck)
    make_due(scheduled)
    Guide.objects.filter(pk=other.pk).update(slug="away")
    with_same = write_rows(make_document(folder="third", slug="other", title="Third"))
    publishing.publish_unreviewed(publishing.submit(with_same, by=None, kind="wording"), by=None)
    with pytest.raises(CommandError):
        call_command("run_due")
    said = capsys.readouterr()
    assert "Other: not published. The address /other/" in said.err
    assert "Testing: published" in said.out
    stuck.refresh_from_db()
    assert stuck.state == "scheduled"


def send_other(guide: Guide, people: People) -> Revision:  # noqa: F811
    revision = publishing.submit(guide, by=people.author, kind="wording")
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=1))
    return revision


@pytest.mark.parametrize("wait", [0.1, 2])
def test_what_runs_beside_the_server_stops_with_it(wait: float, tmp_path: Path) -> None:
    """Also when the server dies before Django is loaded beside it."""
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mesoinfo.settings.test"}
    parent = (
        "import os, subprocess, sys; child = subprocess.Popen("
        "[sys.executable, 'manage.py', 'run_due', '--every', '1', '--server', str(os.getpid())]);"
        "print(child.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout
        pid = int(server.stdout.readline())
        time.sleep(wait)
        os.kill(pid, 0)
        server.kill()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.2)
    pytest.fail("it goes on without its server")
