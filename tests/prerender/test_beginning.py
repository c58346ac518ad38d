"""A worker's first second: files before Django where they are known to be true, and never what was taken down."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.http.request import split_domain_port, validate_host

from procedures import prerender, publishing
from procedures.models import PublicationEvent
from procedures.prerender import beginning, following
from procedures.prerender.beginning import BOOT_ERROR, Later, are_true, in_front_of
from procedures.prerender.refreshing import folder
from procedures.prerender.serving import Pages, is_allowed
from procedures.prerender.watching import Watch

from .conftest import ROOT, Served, ask

HOSTS = [
    "", "example.org", "EXAMPLE.org", "example.org.", "example.org..", "example.org:80", "example.org:", "example.org:x",
    "www.example.org", ".example.org", "xexample.org", "example.org.evil.example", "[::1]", "[::1]:8000", "::1", "[::1", "1:2:3",
    "example.org@evil", "exa mple.org", "example.org/x", "example.org\n", "\u212aample.org", "ex\u0430mple.org", "-", ".", ":80",
    "127.0.0.1", "127.0.0.1:65536", "127.0.0.1.", "a" * 300, "\u0130.org", "kite.org", "\u212aite.org", "\uff0e", "example.org:\u0661",
]  # fmt: skip
ALLOWED = [
    [],
    ["*"],
    ["example.org"],
    [".example.org"],
    [".Example.Org", "[::1]"],
    ["Example.org", "127.0.0.1"],
    ["", "kite.org"],
]


@pytest.mark.parametrize("patterns", ALLOWED)
def test_a_host_is_allowed_exactly_when_django_allows_it(patterns):
    for host in HOSTS:
        domain, _port = split_domain_port(host)
        assert is_allowed(host, patterns) == (bool(domain) and validate_host(domain, patterns)), host


def test_the_question_asked_without_models_is_the_one_asked_with_them(live_guide):
    assert f" {PublicationEvent._meta.db_table} " in beginning.STEPS
    from django.db import connection

    with connection.cursor() as cursor:  # inside the transaction of this test, which others cannot see
        cursor.execute(beginning.STEPS)
        found = tuple(number for (number,) in cursor.fetchall())
    assert found == following.newest_steps() != ()


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_of_the_database_of_the_settings(monkeypatch):
    from django.db import connection

    monkeypatch.setitem(django_settings.DATABASES, "default", connection.settings_dict)
    before = beginning.newest_steps()
    for number in (900_003, 900_900, 900_017):
        PublicationEvent.objects.create(pk=number, step="clinic", at="2026-11-22T12:00:00Z", why="to be counted")
    assert beginning.newest_steps() == (900_900, 900_017, 900_003, *before)


def test_a_worker_loads_nothing_of_django_but_settings_before_it_serves():
    """The file of the application, without its last line, which begins to load Django."""
    source = (ROOT / "mesoinfo" / "wsgi.py").read_text()
    before, last = source.rstrip().rsplit("\n", 1)
    assert last.startswith("_later.begin(")
    code = before + (
        "\nimport sys\nprint([name for name in sys.modules if name in"
        " ('django.http', 'django.urls', 'django.db.models', 'django.core.handlers.wsgi', 'procedures.models', 'psycopg')])"
    )
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DATABASE_URL")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={**clean, "DJANGO_SETTINGS_MODULE": "mesoinfo.settings.test", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.fixture
def starting(served: Served, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Pages, Later]]:
    """Makes a worker that has not begun to load Django; the database tells it what this transaction holds."""
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    monkeypatch.setattr(beginning, "newest_steps", lambda: steps)
    steps = following.newest_steps()

    def make() -> tuple[Pages, Later]:
        nonlocal steps
        steps = following.newest_steps()
        later = Later(lambda: WSGIHandler(), patience=0.2)
        pages = in_front_of(later, behind=later)
        assert isinstance(pages, Pages)
        return pages, later

    return make


def test_files_that_were_compared_are_sent_before_django_is_there(served, starting):
    Watch(served.app).look()
    pages, later = starting()
    assert pages.compared.is_set()
    assert not later.is_loaded()
    got = ask(pages, "/testing/")
    assert (got.status, got.body) == (200, served.get("/testing/").body)
    assert got.headers == served.get("/testing/").headers
    waits = ask(pages, "/search/")  # for Django, which nobody loads here
    assert waits.status == 503
    assert waits.header("Retry-After") == "5"
    assert ask(pages, "/testing/nothing-here/").status == 503  # only Django knows what no page is


def test_files_nobody_has_compared_wait_for_the_first_look(served, starting, monkeypatch):
    monkeypatch.setattr("procedures.prerender.serving.PATIENCE", 0.1)
    pages, _later = starting()
    assert not pages.compared.is_set()
    assert ask(pages, "/testing/").status == 503
    Watch(pages).look()
    pages.compared.set()
    assert ask(pages, "/testing/").status == 200


def test_what_was_taken_down_while_nobody_served_is_not_sent_by_a_worker_that_starts(
    served, starting, live_guide, person, monkeypatch
):
    """The disk could not be changed, or the release came from another host: only the database knows."""
    monkeypatch.setattr("procedures.prerender.serving.PATIENCE", 0.1)
    Watch(served.app).look()
    assert ask(starting()[0], "/testing/").status == 200  # the control
    release = folder().name()
    publishing.withdraw(live_guide, by=person("pia", "Publisher"), why="It is wrong.")
    assert folder().name() == release  # the files are as they were
    pages, _later = starting()
    assert ask(pages, "/testing/").status == 503
    pages.app = WSGIHandler()
    Watch(pages).look()
    pages.compared.set()
    assert ask(pages, "/testing/").status == 410


def test_a_release_that_shows_what_is_not_true_is_never_kept_as_compared(served, live_guide, person):
    watch = Watch(served.app)
    watch.look()
    assert folder().was_compared(folder().name(), following.newest_steps())
    publishing.withdraw(live_guide, by=person("pia", "Publisher"), why="It is wrong.")
    watch.look()
    assert not folder().was_compared(folder().name(), following.newest_steps())
    prerender.refresh()
    watch.look()
    assert folder().was_compared(folder().name(), following.newest_steps())


def test_a_database_that_does_not_say_is_not_believed_to_agree(served, monkeypatch):
    Watch(served.app).look()
    steps = following.newest_steps()
    monkeypatch.setattr(beginning, "newest_steps", lambda: steps)
    assert are_true(folder())

    def broken() -> tuple[int, ...]:
        raise OSError("the database does not answer")

    monkeypatch.setattr(beginning, "newest_steps", broken)
    assert not are_true(folder())
    monkeypatch.setattr(beginning, "newest_steps", lambda: threading.Event().wait(30) or steps)
    monkeypatch.setattr(beginning, "ASKING", 0.05)
    assert not are_true(folder())


def test_a_disk_that_cannot_keep_that_files_are_true_stops_no_look(served):
    (folder().root / "compared").mkdir()
    watch = Watch(served.app)
    assert watch.look()
    assert not watch.look()


def test_a_site_that_cannot_be_loaded_ends_the_process_and_says_why():
    code = (
        "import logging, time; logging.basicConfig()\n"
        "from procedures.prerender.beginning import Later\n"
        "def load(): raise RuntimeError('a broken import')\n"
        "Later(load).begin(); time.sleep(20)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == BOOT_ERROR
    assert "cannot be loaded" in done.stderr
    assert "a broken import" in done.stderr


def test_a_process_is_copied_only_when_loading_has_ended():
    """gunicorn --preload forks workers from a process that has imported the application."""
    code = (
        "import os, time\nfrom procedures.prerender.beginning import Later\n"
        "later = Later(lambda: (time.sleep(0.5), lambda environ, start: [b'well'])[1], patience=1)\n"
        "later.begin()\nchild = os.fork()\n"
        "if child == 0: os._exit(0 if later.is_loaded() and later({}, None) == [b'well'] else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_worker_knows_whether_it_relieves_others_that_are_at_work():
    code = (
        "import os, sys, time\nfrom procedures.prerender.beginning import is_relief\n"
        "def worker(seconds):\n"
        "    child = os.fork()\n"
        "    if child == 0: told = is_relief(than=0.2); time.sleep(seconds); os._exit(told)\n"
        "    return child\n"
        "first, beside = worker(1), worker(0.1)\n"
        "time.sleep(0.5)\nlater = worker(0)\n"
        "print([os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in (first, beside, later)])\n"
        "lonely = worker(0)\nprint(os.waitstatus_to_exitcode(os.waitpid(lonely, 0)[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == ["[0, 0, 1]", "0"], done.stderr


def test_a_repair_that_waits_for_django_keeps_no_process_from_being_copied(starting):
    pages, later = starting()
    pages.ask_for_repair()
    assert not later.is_loaded()
    copied = threading.Thread(target=pages.wait_for_repair, daemon=True)
    copied.start()
    copied.join(5)
    assert not copied.is_alive()


def test_settings_say_whether_pages_are_files(settings):
    later = Later(lambda: WSGIHandler())
    assert django_settings.AFTER_RELEASE == ""
    assert in_front_of(later, behind=later) is later
