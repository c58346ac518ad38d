"""Bad requests, byte for byte, to a real server: never an error of ours, nothing of the inside, drafts like unknown pages."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator

import pytest

from ..conftest import OWN
from ..prerender.conftest import Site, prepared, stop  # noqa: F401

INTERNALS = re.compile(
    rb"Traceback|site-packages|File \"|/procedures/|\.py\", line|DJANGO_|sqlite3\.|psycopg|SECRET_|Exception|urlconf|mesoinfo\.",
    re.IGNORECASE,
)
LONG = b"a" * 20_000
HOST = b"Host: 127.0.0.1\r\n"
CLOSE = b"Connection: close\r\n"


def get(path: bytes, *headers: bytes, method: bytes = b"GET", version: bytes = b"HTTP/1.1", body: bytes = b"") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return method + b" " + path + b" " + version + b"\r\n" + HOST + CLOSE + lines + b"\r\n" + body


def posted(path: bytes, body: bytes, *headers: bytes) -> bytes:
    kind = b"Content-Type: application/x-www-form-urlencoded"
    return get(path, kind, b"Content-Length: %d" % len(body), *headers, method=b"POST", body=body)


PATHS = [
    b"//", b"//evil.example/", b"/\\evil.example", b"/..", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd",
    b"/static/../../db.sqlite3", b"/static/%2e%2e/%2e%2e/db.sqlite3", b"/static/..%2f..%2fdb.sqlite3", b"/static/%00",
    b"/media/../db.sqlite3", b"/media/..%2fdb.sqlite3", b"/media/%2e%2e%2fsecret-key", b"/media/" + LONG[:4000],
    b"/media/a%00.png", b"/db.sqlite3", b"/secret-key", b"/.env", b"/.git/config", b"/pages/live/manifest.json",
    b"/%ff%fe/", b"/%c0%af", b"/%00", b"/%", b"/%zz", b"/testing/%0d%0aSet-Cookie:%20a=b", b"/testing//risks/",
    b"/testing/risks", b"/" + LONG, b"/search/?q=" + LONG, b"/search/?q=%ff%00%f0%9f", b"/search/?q=%22*)%20OR%20NEAR",
    b"/search/?" + b"q=a&" * 3000, b"/search/?q", b"/?%ff", b"/feedback/?page=//evil.example/", b"/preview/x/",
    b"/feedback/?page=%00", b"/v/%00/", b"/v/../", b"/admin/../", b"/admin/%2e%2e/", b"/admin/login/?next=//evil.example/",
    b"/testing/plan/?start=99999-99-99&sessions=1e999", b"/testing/plan.ics?start=%00", b"/preview/" + LONG[:3000] + b"/",
]  # fmt: skip
HEADERS = [
    b"Host: evil.example", b"X-Forwarded-Host: evil.example", b"X-Forwarded-For: " + b"1.1.1.1, " * 500,
    b"X-Forwarded-Proto: javascript", b"Forwarded: for=evil", b"X-Original-URL: /admin/", b"X-Rewrite-URL: /admin/",
    b"X-HTTP-Method-Override: DELETE", b"Cookie: sessionid=" + LONG[:6000], b"Cookie: sessionid=%00\xff; csrftoken=\x01",
    b"Accept-Encoding: " + b"br;q=0." + b"1" * 3000, b"Accept-Encoding: gzip;q=nan, br;q=inf, *;q=-1",
    b"Accept-Language: " + b"x-" * 3000, b"Accept-Language: ../../../etc", b"If-None-Match: " + b'"a",' * 1500,
    b"If-Modified-Since: never", b"If-Match: *", b"Range: bytes=0-0,1-1," * 50, b"Range: bytes=-99999999999999999999",
    b"Range: bytes=5-2", b"If-Range: \xff", b"Referer: javascript:alert(1)", b"Expect: 100-continue", b"X-Request-ID: a\x7fb",
    b"X-Request-ID: " + LONG[:1000], b"Authorization: Basic \xff\xff", b"Upgrade: websocket", b"Transfer-Encoding: gzip",
    b"Content-Type: \xff", b"Content-Length: 0",
]  # fmt: skip
LINES = [
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost:\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:99999999\r\n\r\n", b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
    b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n", b"GET / HTTP/1.1\r\n" + HOST + b" folded: yes\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Bad Name: x\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + b"X: " + LONG * 30 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % number for number in range(500)) + b"\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
]  # fmt: skip
METHODS = [b"POST", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"OPTIONS", b"PROPFIND", b"X" * 40, b"get", b"HEAD"]
BODIES = [
    posted(b"/feedback/", b"text=" + b"a" * 20_000), posted(b"/feedback/", b"&".join([b"a=b"] * 6_000)),
    posted(b"/feedback/", b"useful=perhaps&text=%00"), posted(b"/feedback/", b"\xff\xfe"),
    posted(b"/feedback/", b"useful=yes", b"Origin: https://evil.example"),
    posted(b"/feedback/", b"useful=yes", b"Sec-Fetch-Site: cross-site"),
    posted(b"/admin/login/", b"username=a&password=b"), posted(b"/admin/login/", b"a" * 2_000_000),
    posted(b"/testing/", b"x=y"), posted(b"/search/", b"q=x"),
    get(b"/feedback/", b"Content-Type: multipart/form-data", b"Content-Length: 3", method=b"POST", body=b"abc"),
    get(b"/feedback/", b"Content-Type: multipart/form-data; boundary=" + b"b" * 300, b"Content-Length: 3", method=b"POST",
        body=b"abc"),
    get(b"/feedback/", b"Content-Length: abc", method=b"POST"), get(b"/feedback/", b"Content-Length: -5", method=b"POST"),
    get(b"/feedback/", b"Content-Length: 5", b"Content-Length: 6", method=b"POST", body=b"abcdef"),
    get(b"/feedback/", b"Content-Length: 5", b"Transfer-Encoding: chunked", method=b"POST", body=b"0\r\n\r\nGET /x"),
    get(b"/feedback/", b"Transfer-Encoding: chunked", method=b"POST", body=b"zz\r\nabc\r\n0\r\n\r\n"),
    get(b"/admin/procedures/preview/", b"Content-Type: application/json", b"Content-Length: 2", method=b"POST", body=b"{}"),
    get(b"/admin/procedures/upload/", b"Content-Length: 2", method=b"POST", body=b"{}"),
]  # fmt: skip
REQUESTS = [
    *(get(path) for path in PATHS),
    *(get(b"/testing/risks/", header) for header in HEADERS),
    *(get(b"/search/?q=x", header) for header in HEADERS),
    *LINES,
    *(
        get(path, method=method)
        for method in METHODS
        for path in (b"/testing/", b"/search/", b"/media/x.png", b"/static/x")
    ),
    *BODIES,
]


@pytest.fixture(scope="module")
def site(prepared: Site) -> Iterator[Site]:  # noqa: F811
    server = prepared.start()
    try:
        yield prepared
    finally:
        stop(server)


def raw(site: Site, request: bytes, *, seconds: float = 10) -> bytes:
    """Everything the server sends back before it closes the connection, or after a while of silence."""
    answer = b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=seconds) as connection:
        try:
            connection.sendall(request)
            if b"Connection: close" not in request:
                connection.settimeout(0.2)
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass  # it may hang up in the middle of what is too much, or wait for more
    return answer


def test_no_bad_request_makes_an_error_of_ours_or_shows_the_inside(tell, site: Site) -> None:
    wrong, statuses = [], {}
    for request in REQUESTS:
        answer = raw(site, request)
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        status = int(found[1]) if found else 0
        statuses[status] = statuses.get(status, 0) + 1
        head, _empty, body = answer.partition(b"\r\n\r\n")
        if status >= 500 and status != 505:  # 505: a version of HTTP nobody speaks, said by the server
            wrong.append((status, request[:120]))
        if INTERNALS.search(head) or (status >= 400 and INTERNALS.search(body)):
            wrong.append(("shows the inside", request[:120], INTERNALS.findall(answer)))
        if re.search(rb"(?im)^location: *(//|https?://(?!127\.0\.0\.1))", head):
            wrong.append(("leads away", request[:120]))
        if re.search(rb"(?im)^set-cookie: a=b", head):
            wrong.append(("its header was taken from the address", request[:120]))
    tell(f"{len(REQUESTS)} bad requests, by status: {dict(sorted(statuses.items()))}")
    assert len(REQUESTS) >= 60
    assert wrong == []
    log = (site.folder / "server.log").read_text()
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]
    assert site.get("/testing/").status == 200


OURS = json.loads((OWN / "http_requests.json").read_text())
REFUSED_HEADERS = (
    "Host: evil.example",
    "Host: [::1",
    "Host:",
    "Host: a\tb",
    "Cookie: csrftoken=\x01",
    "Content-Length: -1",
)
WAITS = ("Transfer-Encoding: chunked", "Content-Length: 99999999999")
"""Announce a body that never comes: a page that is a file is sent all the same, the rest waits for it."""


def status_of(site: Site, request: bytes, *, seconds: float = 10) -> int:
    """The status of the answer, 0 if there was none, once nothing of the inside was found in it and it leads nowhere else."""
    answer = raw(site, request, seconds=seconds)
    head, _empty, body = answer.partition(b"\r\n\r\n")
    status = int(head[9:12]) if head.startswith(b"HTTP/1.") else 0
    assert status < 500
    assert not INTERNALS.search(head)
    assert status < 400 or not INTERNALS.search(body)
    assert not re.search(rb"(?im)^location:(?! */[^/\\])", head), "leads to another site"
    return status


def test_there_are_lines_and_headers_to_try() -> None:
    assert (len(OURS["request_lines"]), len(OURS["headers"])) == (31, 34)


@pytest.mark.parametrize("line", OURS["request_lines"], ids=lambda line: line[:40])
def test_each_hostile_line_is_answered_as_what_it_asks_for(site: Site, line: str) -> None:
    status = status_of(site, line.encode("latin-1") + b"\r\n" + HOST + CLOSE + b"\r\n")
    if line.startswith("GET /aaa"):
        assert status == 301, "the same with a slash at its end, which does not exist either"
    elif line.startswith(("HEAD / ", "GET /?", "GET http://evil.example/ ")):
        assert status == 200, "the home page: its query, and the host of a whole address, mean nothing"
    else:
        assert 400 <= status < 500


@pytest.mark.parametrize("header", OURS["headers"], ids=lambda header: header[:40])
def test_each_hostile_header_is_refused_or_changes_nothing(site: Site, header: str) -> None:
    rest = (b"" if header.startswith("Host:") else HOST) + (b"" if header.startswith("Connection:") else CLOSE)
    rest += header.encode("latin-1") + b"\r\n\r\n"
    page = status_of(site, b"GET /testing/risks/ HTTP/1.1\r\n" + rest)
    search = status_of(site, b"GET /search/?q=x HTTP/1.1\r\n" + rest, seconds=1 if header in WAITS else 10)
    if header in REFUSED_HEADERS:
        assert (page, search) == (400, 400)
    else:
        assert page in (200, 206)
        assert search == (0 if header in WAITS else 200)


def test_a_draft_is_answered_like_an_address_nobody_knows(tell, site: Site) -> None:
    """The same status and the same bytes, whatever is asked: pages, twins, tools, preview."""
    site.drive("draft")
    cases = 0
    for place in (
        "/{}/",
        "/{}/risks/",
        "/{}.json",
        "/{}.md",
        "/{}/all/",
        "/{}/plan/",
        "/{}/take-home/",
        "/{}/changes/",
    ):
        for method in ("GET", "HEAD", "POST"):
            draft, unknown = (site.get(place.format(name), method=method) for name in ("hidden", "nobody"))
            assert (draft.status, draft.body) == (unknown.status, unknown.body), place
            assert draft.status in (403, 404, 405)
            assert len(draft.headers) == len(unknown.headers)
            cases += 1
    shown = b"".join(site.get(path).body for path in ("/sitemap.xml", "/", "/feed.xml"))
    assert b"hidden" not in re.sub(rb"<style>.*?</style>", b"", shown, flags=re.DOTALL)
    assert b"Hidden" not in site.get("/search/?q=hidden").body.replace(b"hidden", b"")
    tell(f"{cases} pairs of a draft and nothing")


def test_slow_senders_do_not_stop_readers(tell, site: Site) -> None:
    """More half-sent forms than the server has threads, and many half-sent headers: published pages stay quick."""
    head = b"POST /feedback/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _number in range(140)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(head + b"Content-Length: 900\r\n\r\nuse" if number < 40 else b"GET / HTTP/1.1\r\nHos")
        time.sleep(0.3)
        times = []
        for path in ("/testing/", "/search/?q=risk", "/healthz") * 10:
            began = time.monotonic()
            assert site.get(path).status == 200
            times.append(time.monotonic() - began)
    finally:
        for connection in slow:
            connection.close()
    tell(f"{len(slow)} slow clients; slowest of {len(times)} answers to others {max(times) * 1000:.0f} ms")
    assert max(times) < 2
