"""Too many searches from one address are told to wait; reading never is, and no address is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from django.test import Client

from procedures.models import preview_path
from procedures.pages import limits
from procedures.pages.limits import WINDOW, Counter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    settings.LIMITS = {"search": 5, "preview": 5, "feedback": 5}
    now = 1_000_000 * WINDOW + 20.0  # a test does not run into the next minute
    monkeypatch.setattr(limits, "_counters", {tmp_path / "limits": Counter(tmp_path / "limits", clock=lambda: now)})


def statuses(ask: Callable[[], int], *, times: int = 7) -> list[int]:
    return [ask() for _time in range(times)]


def test_search_previews_and_feedback_are_limited_each_by_itself(live_guide) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    path = preview_path(live_guide)
    assert statuses(lambda: client.get("/search/?q=risk").status_code) == [200] * 5 + [429] * 2
    assert statuses(lambda: client.get(path).status_code) == [200] * 5 + [429] * 2
    assert statuses(lambda: client.post("/feedback/", {"useful": "yes"}).status_code) == [303] * 5 + [429] * 2
    assert client.get("/feedback/").status_code == 200, "only sending is limited"
    assert Client(REMOTE_ADDR="203.0.113.10").get("/search/?q=risk").status_code == 200


def test_what_a_script_suggests_while_somebody_types_takes_no_search_away(live_guide, settings) -> None:
    settings.LIMITS = {"search": 2, "suggest": 4}
    client = Client(REMOTE_ADDR="203.0.113.9")
    typed = {"HTTP_SEC_FETCH_DEST": "empty"}
    assert statuses(lambda: client.get("/search/?q=risk", **typed).status_code) == [200] * 4 + [429] * 3
    assert statuses(lambda: client.get("/search/?q=risk").status_code, times=3) == [200, 200, 429]


def test_who_is_stopped_reads_a_page_that_says_when_to_come_back(live_guide) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    statuses(lambda: client.get("/search/?q=x").status_code)
    answer = client.get("/search/?q=x")
    assert answer.headers["Retry-After"] == "40"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"Wait a minute, then load this page again" in answer.content
    assert b'class="masthead"' in answer.content
    assert client.get("/es/search/?q=x").status_code == 429, "one limit in all languages"


def test_reading_is_never_limited(live_guide) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    statuses(lambda: client.get("/search/?q=x").status_code)
    for path in ("/", "/testing/", "/testing/risks/", "/testing/plan/", "/testing.json", "/glossary/", "/robots.txt"):
        assert statuses(lambda path=path: client.get(path).status_code) == [200] * 7, path


def test_nobody_gets_more_by_naming_other_addresses_or_using_more_of_his_network(live_guide, settings) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    found = [client.get("/search/?q=x", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").status_code for number in range(7)]
    assert found[5:] == [429, 429]
    found = [Client(REMOTE_ADDR=f"2001:db8::{number}").get("/search/?q=x").status_code for number in range(1, 8)]
    assert found[5:] == [429, 429]
    settings.TRUSTED_PROXIES = 1
    found = [client.get("/search/?q=x", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").status_code for number in range(7)]
    assert found == [200] * 7, "behind our own proxy each reader counts for themselves"


def test_a_minute_later_it_starts_again_and_old_counts_are_gone(tmp_path: Path) -> None:
    now = [5.0 * WINDOW]
    counter = Counter(tmp_path / "counts", clock=lambda: now[0])
    assert [counter.count("a") for _time in range(3)] == [1, 2, 3]
    now[0] += WINDOW
    assert counter.count("a") == 1
    now[0] += 2 * WINDOW
    counter.count("a")
    assert [path.name for path in (tmp_path / "counts").iterdir()] == ["8"]


def test_a_disk_that_takes_no_counts_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Counter(tmp_path / "file").count("a") == 0


def _count(folder: str) -> int:
    counter = Counter(Path(folder), clock=lambda: 9.0 * WINDOW)
    return [counter.count("one") for _time in range(200)][-1]


def test_all_workers_count_together(tell, tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("fork")) as pool:
        counts = list(pool.map(_count, [str(tmp_path / "counts")] * 3))
    tell(f"600 requests in three processes, counted {max(counts)}")
    assert max(counts) == 600


def test_no_address_is_kept_and_counting_costs_less_than_a_millisecond(tell, tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counts", clock=lambda: 9.0 * WINDOW)
    counter.count("first")
    began = time.perf_counter()
    for number in range(2_000):
        assert counter.count(f"search 203.0.113.{number}") <= 2
    each = (time.perf_counter() - began) / 2_000
    assert b"203.0.113" not in (tmp_path / "counts" / "9").read_bytes()
    tell(f"{each * 1e6:.0f} microseconds to count a request")
    assert each < 0.001
