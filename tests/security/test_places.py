"""Who may hold a thread: bodies that do not come, and a Django that waits for something, leave threads to published pages."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from mesoinfo import bodies
from mesoinfo.bodies import Bodies, Places


def asked(app: Bodies, path: str = "/", **more: Any) -> str:
    said: list[str] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "REMOTE_ADDR": "10.0.0.1", **more}
    app(environ, lambda status, _headers: said.append(status[:3]))
    return said[0]


class Waiting:
    """Django that answers `status` once it is let go."""

    def __init__(self, status: str = "200 OK") -> None:
        self.status, self.go, self.inside = status, threading.Event(), 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.inside += 1
        if environ["PATH_INFO"] != "/healthz":
            self.go.wait(20)
        start(self.status, [])
        return []


def fill(app: Bodies, django: Waiting, count: int) -> list[threading.Thread]:
    threads = [threading.Thread(target=asked, args=(app,), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    while django.inside < count:
        time.sleep(0.005)
    return threads


def test_while_nothing_comes_back_nobody_waits_and_the_process_says_it_is_alive(monkeypatch) -> None:
    monkeypatch.setattr(bodies, "STANDSTILL", 0.2)
    django = Waiting()
    app = Bodies(django, most=4)
    threads = fill(app, django, 6)
    began = time.monotonic()
    assert asked(app) == "503"
    assert 0.1 < time.monotonic() - began < 1, "the first to come waits for a moment"
    began = time.monotonic()
    assert [asked(app) for _ in range(100)] == ["503"] * 100
    assert time.monotonic() - began < 0.2, "the next do not"
    assert asked(app, "/healthz") == "200"
    django.go.set()
    for thread in threads:
        thread.join()
    assert asked(app) == "200"


def test_while_answers_come_everybody_waits_for_a_place() -> None:
    places, got = Places(2, of_one=2, queue=50, patience=0.5), []

    def one() -> None:
        got.append(places.take(""))
        if got[-1]:
            time.sleep(0.05)
            places.leave("", success=True)

    threads = [threading.Thread(target=one) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [True] * 40, "a second of work in places that move within half of one"


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable"])
def test_only_answers_that_were_found_out_are_a_sign_that_something_moves(status: str) -> None:
    places = Places(2, of_one=2, queue=1, patience=0.2)
    assert places.take("")
    assert places.take("")
    time.sleep(0.25)
    places.leave("", success=status.startswith("2"))
    assert places.take(""), "there is a place again"
    began = time.monotonic()
    assert not places.take("")
    assert time.monotonic() - began > 0.1, "who finds none waits a moment after the last one was taken"


def test_bodies_that_do_not_come_hold_half_of_the_threads_and_the_others_are_refused_at_once() -> None:
    class Never(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            end.wait(20)
            return b""

    end, django = threading.Event(), Waiting()
    django.go.set()
    app = Bodies(django, most=4)
    sent = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "900"}

    def slow(place: int) -> None:
        asked(app, "/feedback/", **sent, REMOTE_ADDR=f"10.0.1.{place}", **{"wsgi.input": Never()})

    threads = [threading.Thread(target=slow, args=(place,), daemon=True) for place in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    answers = {asked(app, "/feedback/", **sent, **{"wsgi.input": io.BytesIO(b"a" * 900)}) for _ in range(200)}
    assert answers == {"503"}
    assert time.monotonic() - began < 0.5, "200 of them took a thread for a moment each"
    assert asked(app, "/search/") == "200"
    end.set()
    for thread in threads:
        thread.join()
    assert asked(app, "/feedback/", **sent, **{"wsgi.input": io.BytesIO(b"a" * 900)}) == "200"
