"""Links of sources are tried politely, never into the own network, and change nothing that is live."""

from __future__ import annotations

import datetime
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from procedures.models import Edit, Guide, Job, LinkCheck, Source
from procedures.upkeep import check_links, failed_links, links_are_due, try_link
from procedures.upkeep.links import Pace, _is_public


class _Door(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.server.asked.append((self.command, self.path, dict(self.headers)))  # type: ignore[attr-defined]
        path = self.path.partition("?")[0]
        if path.startswith("/hop/"):
            left = int(path.rpartition("/")[2])
            self.send_response(302)
            self.send_header("Location", f"/hop/{left - 1}" if left else "/good")
        elif path == "/out":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
        elif path == "/no-head":
            self.send_response(405 if self.command == "HEAD" else 200)
        else:
            self.send_response({"/good": 200, "/gone": 410, "/shut": 403, "/broken": 500}.get(path, 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = _answer

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def door(settings: Any) -> Iterator[Any]:
    settings.LINKS_MAY_BE_PRIVATE = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.asked = []  # type: ignore[attr-defined]
    server.url = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


FAST = Pace(pause=0)


def test_what_opens_and_what_does_not_in_words(door: Any) -> None:
    answers = {path: try_link(f"{door.url}{path}", pace=FAST) for path in ("/good", "/gone", "/shut", "/broken", "/x")}
    assert {path: (answer.ok, answer.status) for path, answer in answers.items()} == {
        "/good": (True, 200),
        "/gone": (False, 410),
        "/shut": (False, 403),
        "/broken": (False, 500),
        "/x": (False, 404),
    }
    assert all(answer.words.endswith(".") for answer in answers.values())
    assert [command for command, path, _h in door.asked if path == "/good"] == ["HEAD"], "no body is asked for in vain"
    assert try_link(f"{door.url}/no-head", pace=FAST).ok, "a server that refuses HEAD is asked with GET"
    headers = door.asked[0][2]
    assert "Cookie" not in headers
    assert "Referer" not in headers


def test_five_redirects_are_followed_and_no_sixth(door: Any) -> None:
    assert try_link(f"{door.url}/hop/4", pace=FAST).ok
    answer = try_link(f"{door.url}/hop/5", pace=FAST)
    assert not answer.ok
    assert "redirects" in answer.words
    assert not try_link(f"{door.url}/out", pace=FAST).ok


def test_nobody_listening_is_a_sentence_too(settings: Any) -> None:
    settings.LINKS_MAY_BE_PRIVATE = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = try_link(f"http://127.0.0.1:{port}/", pace=FAST)
    assert (answer.ok, answer.status) == (False, None)
    assert answer.words.endswith(".")


PRIVATE = """127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1
    255.255.255.255 ::1 :: fe80::1 fc00::1 fd12::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1
    2002:7f00:1:: 2001:db8::1 192.0.2.1 198.18.0.1""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_never_public(address: str) -> None:
    assert not _is_public(address)


def test_public_ones_are() -> None:
    assert _is_public("93.184.216.34")
    assert _is_public("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"]
)
def test_the_own_network_is_not_asked(door: Any, settings: Any, host: str) -> None:
    settings.LINKS_MAY_BE_PRIVATE = False
    answer = try_link(f"http://{host}:{door.server_address[1]}/good", pace=FAST)
    assert not answer.ok
    assert door.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://x/",
        "http://",
        "http://a:b@127.0.0.1/",
        "http://x y/",
        "http://127.0.0.1:99999/",
    ],
)
def test_other_kinds_of_addresses_are_not_asked(url: str, settings: Any) -> None:
    settings.LINKS_MAY_BE_PRIVATE = True
    answer = try_link(url, pace=FAST)
    assert (answer.ok, answer.status) == (False, None), answer


def test_one_request_a_second_to_one_host(door: Any) -> None:
    pace, began = Pace(pause=0.3), time.monotonic()
    for _time in range(3):
        try_link(f"{door.url}/good", pace=pace)
    assert time.monotonic() - began >= 0.6


@pytest.fixture
def linked(door: Any, live_guide: Guide) -> Source:
    row = Source.objects.get(key="agency-2020")
    row.url = f"{door.url}/good"
    row.save()
    Source.objects.exclude(pk=row.pk).update(doi="", url="")
    return row


def test_a_link_that_opens_is_noted_as_an_edit_and_changes_nothing_live(linked: Source, live_guide: Guide) -> None:
    before = live_guide.live.document
    assert check_links(pace=FAST) == 1
    linked.refresh_from_db()
    assert linked.opened == timezone.localdate()
    edit = Edit.objects.get(unit="sources.yaml#agency-2020")
    assert (edit.by, f'"opened":"{timezone.localdate()}"' in edit.text) == (None, True)
    live_guide.refresh_from_db()
    assert live_guide.live.document == before
    assert check_links(pace=FAST) == 0, "not again within a week"
    assert check_links(pace=FAST, everything=True) == 1
    assert Edit.objects.count() == 1, "the day of opening is not written anew each week"
    assert failed_links() == []


def test_a_link_that_fails_is_listed_until_it_opens(linked: Source, door: Any, capsys: Any) -> None:
    Source.objects.filter(pk=linked.pk).update(url=f"{door.url}/gone")
    call_command("check_links")
    assert "agency-2020: There is no such page any more (410)." in capsys.readouterr().out
    (failed,) = failed_links()
    assert (failed.source, failed.status) == (linked, 410)
    linked.refresh_from_db()
    assert linked.opened is None
    Source.objects.filter(pk=linked.pk).update(url=f"{door.url}/shut")
    check_links(pace=FAST, everything=True)
    assert LinkCheck.objects.get().status == 403
    assert failed_links() == [], "it lets no program in; that says nothing about the link"


def test_run_due_tries_them_a_day_after_the_first_start_then_weekly(linked: Source, settings: Any) -> None:
    settings.LINK_CHECKS = True
    now, day = timezone.now(), datetime.timedelta(days=1)
    assert not links_are_due(now)
    assert Job.objects.filter(name="links").exists()
    assert links_are_due(now + day)
    check_links(pace=FAST)
    assert not links_are_due(now + 6 * day)
    assert links_are_due(now + 8 * day)
    settings.LINK_CHECKS = False
    assert not links_are_due(now + 8 * day)
