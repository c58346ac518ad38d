"""A database that somebody else keeps locked, and two processes that publish at the same moment."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ..conftest import size
from ..prerender.conftest import free_port
from .conftest import Editor, Site, read
from .prepare import EDITORS

pytestmark = pytest.mark.torture
WAITS = size(1, 10)
"""Seconds a writer waits for another before it gives up; as the site is shipped: 10."""
LOCKS = ((0.3, 302), (2.5, 503)) if WAITS == 1 else ((5.0, 302), (10.0, 0), (60.0, 503))
"""Seconds the database is locked, and what a save is answered then (0: either)."""


@pytest.fixture
def site(fresh: Path) -> Iterator[Site]:
    made = Site(fresh, free_port(), settings="tests.torture.site_settings", extra={"LOCK_SECONDS": str(WAITS)})
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_a_locked_database_is_said_in_a_sentence_and_the_text_comes_back(
    site: Site, tell: Callable[[str], None]
) -> None:
    ana = Editor(site, "ana")
    ((pk,),) = site.rows("select id from procedures_section where key = 'one'")
    path, told = f"/admin/procedures/section/{pk}/change/", []
    for seconds, want in LOCKS:
        text = f"Written during {seconds} s."
        form = ana.open(path, "section_form")
        other = sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)
        other.execute("begin immediate")
        began = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(ana.post, path, {**form, "summary": text, "body": f"## Now\n\n{text}\n"})
            while time.monotonic() < began + seconds:
                asked = time.monotonic()
                assert requests.get(f"{site.url}/testing/one/", timeout=10).status_code == 200
                assert time.monotonic() - asked < 2, "a reader waited for a writer"
                time.sleep(min(0.2, seconds))
            other.execute("rollback")
            other.close()
            answer = saving.result()
        told.append(f"{seconds:g} s: {answer.status_code}")
        assert answer.status_code in ((want,) if want else (302, 503)), answer.text[:1000]
        stored = site.rows("select summary, body from procedures_section where key = 'one'")
        if answer.status_code == 503:
            assert text not in str(stored)
            assert int(answer.headers["Retry-After"]) > 0
            assert "The database did not answer" in answer.text
            assert not any(word in answer.text for word in ("locked", "OperationalError", "Traceback"))
            again = ana.post(path, read(answer).forms[path])
            assert again.status_code == 302, again.text[:1000]
            stored = site.rows("select summary, body from procedures_section where key = 'one'")
        assert stored == [(text, f"## Now\n\n{text}\n")]
    tell(f"{len(told)} locks, a writer waits {WAITS} s; a save was answered {', '.join(told)}")
    assert len(told) == len(LOCKS)


def test_of_two_processes_that_publish_at_once_one_wins_and_the_other_reads_a_sentence(
    site: Site, tell: Callable[[str], None]
) -> None:
    rounds, told, winners = size(3, 100), Counter[str](), Counter[str]()
    other = Site(site.folder, free_port(), settings=site.settings, extra=site.extra)
    other.start()
    try:
        people = [Editor(where, name) for where, name in zip((site, other), EDITORS, strict=False)]
        events = _race(site, people, rounds, told, winners)
    finally:
        other.stop()
    tell(
        f"{rounds} times two servers published at once: one won each time ({dict(winners)}); the others read {dict(told)}"
    )
    assert events == rounds + 1
    assert winners.total() == rounds
    assert rounds < 100 or len(winners) == 2, "one of the two always came too late: nothing was raced"


def _race(site: Site, people: list[Editor], rounds: int, told: Counter[str], winners: Counter[str]) -> int:
    """Each person publishes on a server of their own, at the same moment. Gives how often something was published in all."""
    ((guide,),) = site.rows("select id from procedures_guide")
    ((pk,),) = site.rows("select id from procedures_section where key = 'one'")
    hub, form = f"/admin/procedures/guide/{guide}", f"/admin/procedures/section/{pk}/change/"
    for number in range(rounds):
        text = f"Text {'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}."
        saved = people[0].post(form, {**people[0].open(form, "section_form"), "summary": text})
        assert saved.status_code == 302
        tokens = [read(person.get(f"{hub}/change/")).forms["guide_form"]["csrfmiddlewaretoken"] for person in people]
        start = threading.Barrier(2)

        def publish(place: int, tokens: list[str] = tokens, start: threading.Barrier = start) -> str:
            person = people[place]
            start.wait()
            sent = {"csrfmiddlewaretoken": tokens[place], "kind": "wording", "note": ""}
            answer = person.post(f"{hub}/publish/", sent)
            assert answer.status_code in (302, 409), answer.text[:1000]  # 409: the page says why, at once
            return person.get(f"{hub}/change/").text if answer.status_code == 302 else answer.text

        with ThreadPoolExecutor(2) as pool:
            shown = list(pool.map(publish, range(2)))
        won = ["Published. Patients see this text now." in page for page in shown]
        assert sorted(won) == [False, True], [read_messages(page) for page in shown]
        lost = read_messages(shown[won.index(False)])
        assert lost.rstrip().endswith("."), lost
        told[lost] += 1
        winners[people[won.index(True)].name] += 1
        live = site.rows(
            "select document from procedures_revision where state = 'live' and id = (select live_id from procedures_guide)"
        )
        assert len(live) == 1
        assert text in live[0][0]
        for person in people:
            assert text in requests.get(f"{person.site.url}/testing/one/", timeout=10).text
    ((events,),) = site.rows("select count(*) from procedures_publicationevent where step = 'publish_unreviewed'")
    return int(events)


def read_messages(page: str) -> str:
    """The last message of a page of the desk, as text."""
    found = page.split('class="messagelist"')[1].split("</ul>")[0] if 'class="messagelist"' in page else ""
    items = [item.split("</li>")[0].split(">", 1)[1].strip() for item in found.split("<li")[1:]]
    return items[-1] if items else ""
