"""`/healthz` and `/readyz`: what a probe learns, what a stranger does not, and that each check can fail."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.test import Client

from mesoinfo import health
from procedures import prerender
from procedures.upkeep import VERIFIED, checks, forget_old, note
from procedures.upkeep import health as room
from procedures.upkeep.marks import BACKED_UP, ROUND

from ..upkeep.standing import stand

NAMES = ["database", "migrations", "disk", "pages", "backup", "stored", "due", "sqlite"]
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _each_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.0)


@pytest.fixture
def well(live_guide, settings, tmp_path: Path) -> Path:
    """A site where everything is in order; its data folder."""
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "backups"
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    prerender.refresh()
    stand(tmp_path / "backups", datetime.datetime.now(datetime.UTC))
    note(ROUND)
    note(VERIFIED)
    return tmp_path


def ready(query: str = "", **extra: str) -> tuple[int, dict]:
    answer = Client().get(f"/readyz{query}", **extra)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    return answer.status_code, json.loads(answer.content)


def test_a_site_in_order_says_so_check_by_check(well: Path) -> None:
    assert ready(**STRANGER) == (200, {"status": "ok", "checks": dict.fromkeys(NAMES, "ok")})


def test_why_is_told_to_this_machine_only(well: Path, settings) -> None:
    near = ready()[1]
    assert "hours old" in near["details"]["backup"]
    assert "details" not in ready(**STRANGER)[1]
    assert "details" not in ready(HTTP_X_FORWARDED_FOR="127.0.0.1")[1], "a proxy nobody told us of stands in front"
    settings.TRUSTED_PROXIES = 1
    assert "details" not in ready(HTTP_X_FORWARDED_FOR="203.0.113.9")[1]
    assert "details" not in ready(HTTP_X_FORWARDED_FOR="127.0.0.1, 203.0.113.9")[1]


def test_staff_read_the_details_in_the_desk(well: Path, person, client) -> None:
    assert client.get("/admin/health/").status_code == 302
    client.force_login(person("ana", "Author"))
    answer = client.get("/admin/health/")
    assert sorted(answer.json()["details"]) == sorted(NAMES)
    assert "no-store" in answer.headers["Cache-Control"]


def break_pages(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (well / "pages/live").unlink()


def break_disk(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _place: SimpleNamespace(free=room.FREE - 1))


def break_migrations(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")


def break_backup(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made,) = (well / "backups").iterdir()
    made.rename(well / "backups" / "20260101T000000.000000Z")


def break_due(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(well / "upkeep" / ROUND, (1, 1))


def break_stored(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(VERIFIED, "a picture is missing")


@pytest.mark.parametrize("name", ["pages", "disk", "migrations"])
def test_without_what_is_needed_the_host_gets_no_requests(
    well: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    globals()[f"break_{name}"](well, monkeypatch)
    status, said = ready(**STRANGER)
    assert (status, said["status"]) == (503, "unavailable")
    assert [check for check, ok in said["checks"].items() if ok != "ok"] == [name]


def break_whole_backup(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(BACKED_UP, "a picture is in no backup")


@pytest.mark.parametrize("name", ["backup", "whole_backup", "due", "stored"])
def test_what_can_wait_is_said_and_with_all_is_an_error(well: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    globals()[f"break_{name}"](well, monkeypatch)
    status, said = ready(**STRANGER)
    assert (status, said["status"], said["checks"][name.removeprefix("whole_")]) == (200, "attention", "not ok")
    assert ready("?all", **STRANGER)[0] == 503


def test_without_a_database_only_readyz_is_an_error(well: Path) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError("unable to open database file /secret/place")

    with connection.execute_wrapper(refuse):
        status, said = ready(**STRANGER)
        assert (status, said["checks"]["database"], said["checks"]["pages"]) == (503, "not ok", "ok")
        assert "secret" not in json.dumps(said)
        assert Client().get("/healthz").json() == {"status": "ok"}


def test_a_probe_needs_no_host_name_and_no_https(settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["example.org"], True

    def refuse(*_args: object) -> None:
        raise AssertionError("/healthz asked the database")

    with connection.execute_wrapper(refuse):
        assert Client().get("/healthz", HTTP_HOST="10.0.0.7:8000").status_code == 200
    assert Client().post("/healthz").status_code == 405


def test_the_database_is_asked_a_few_questions_however_often_strangers_come(
    well: Path, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SECONDS", 60.0)
    client = Client()
    with django_assert_max_num_queries(6):
        for _time in range(20):
            client.get("/readyz")


@pytest.fixture
def logs(settings, tmp_path: Path) -> Path:
    settings.LOG_FILE = str(tmp_path / "site.log")
    return tmp_path


@pytest.mark.django_db
def test_files_of_the_log_go_after_thirty_days_and_nothing_else_does(logs: Path) -> None:
    kept = ["site-2026-10-23.log", "site-2026-11-22.log", "other-2020-01-01.log", "site-2020-01-01.txt", "site.log"]
    for name in [*kept, "site-2026-10-22.log", "site-2025-01-01.log"]:
        (logs / name).write_text("line")
    forget_old(datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC))
    assert sorted(path.name for path in logs.iterdir()) == sorted(kept)


@pytest.mark.django_db
def test_what_a_restore_put_aside_goes_after_a_year_and_nothing_else_does(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    kept = ["replaced-20251123T120000.1Z", "replaced-by-hand", "backups", "replaced-20251122T120001.000001Z"]
    for name in [*kept, "replaced-20251122T115959.999999Z", "replaced-20240101T000000.0Z"]:
        (tmp_path / name / "media").mkdir(parents=True)
    forget_old(datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_no_check_raises(well: Path, settings) -> None:
    settings.DATA_DIR = settings.BACKUP_DIR = Path("/nonexistent\0")
    assert len(checks()) == len(NAMES)
