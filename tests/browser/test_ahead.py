"""From page to page: a section is fetched ahead when its link is pressed, no earlier, and nothing else ever is."""

from __future__ import annotations

import http.server
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

PASSED_ON = ("Accept", "Sec-Purpose", "If-None-Match")


@dataclass
class Between:
    """Stands between the browser and the site and writes down what is asked for, and whether it is fetched ahead."""

    url: str = ""
    asked: list[tuple[str, bool]] = field(default_factory=list)
    answers: dict[str, list[tuple[int, str, bytes]]] = field(default_factory=dict)

    def pages(self) -> list[tuple[str, bool]]:
        return [(path, ahead) for path, ahead in self.asked if not path.startswith("/static/")]

    def ahead(self) -> list[str]:
        return [path for path, ahead in self.asked if ahead]


@pytest.fixture
def between(site_url: str) -> Iterator[Between]:
    seen = Between()

    class Passing(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.asked.append((self.path, "prefetch" in self.headers.get("Sec-Purpose", "")))
            given = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            with urllib.request.urlopen(urllib.request.Request(site_url + self.path, headers=given)) as answer:
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                        self.send_header(name, value)
            seen.answers.setdefault(self.path, []).append((answer.status, str(answer.headers.get("ETag")), body))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen.url = f"http://127.0.0.1:{server.server_port}"
    yield seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def until(happens, *, seconds: float = 5.0) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.02)
    return False


def over(page: Page, link: str) -> None:
    box = page.locator(link).first
    box.scroll_into_view_if_needed()
    box.hover()


def test_a_section_is_fetched_when_its_link_is_pressed_and_not_before(page, between):
    page.goto(f"{between.url}/mesotherapy/risks/", wait_until="networkidle")
    for link in (".pager a[rel=next]", ".contents ol a[href$='/costs/']"):
        over(page, link)
        page.wait_for_timeout(600)  # a browser that fetched at pointing would by now
    assert between.pages() == [("/mesotherapy/risks/", False)]
    neighbour = page.locator(".pager a[rel=next]").first.get_attribute("href")
    over(page, ".pager a[rel=next]")
    page.mouse.down()
    assert until(lambda: between.ahead()), "nothing was fetched when the link was pressed"
    assert between.pages() == [("/mesotherapy/risks/", False), (neighbour, True)]
    page.mouse.up()
    page.wait_for_url(f"**{neighbour}")
    assert page.locator("h1").count() == 1
    assert [path for path, _ahead in between.pages()].count(neighbour) == 1, "what was fetched ahead was not used"


def test_a_section_is_fetched_when_its_link_is_touched(browser, between):
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{between.url}/mesotherapy/risks/", wait_until="networkidle")
    link = page.locator(".pager a[rel=prev]")
    link.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    assert between.pages() == [("/mesotherapy/risks/", False)], "a link that is only in sight is not fetched"
    box = link.bounding_box()
    tools = context.new_cdp_session(page)
    point = {"x": box["x"] + 20, "y": box["y"] + box["height"] / 2}
    tools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    assert until(lambda: between.ahead()), "nothing was fetched when the link was touched"
    assert between.ahead() == [link.get_attribute("href")]
    context.close()


OTHERS = {
    "/mesotherapy/risks/": (
        ".contents ul a[href$='/plan/']", ".contents ol a[aria-current]", "header a[href$='/search/']", "main sup a",
        "footer a[href^='/feedback/']",
    ),
    "/about/": ("header a[href$='/search/']",),
}  # fmt: skip


@pytest.mark.parametrize("where", OTHERS)
def test_nothing_else_is_fetched_ahead(page, between, where):
    page.goto(between.url + where, wait_until="networkidle")
    before = list(between.asked)
    for link in OTHERS[where]:
        over(page, link)
        page.mouse.down()
        page.wait_for_timeout(250)  # a section would be on its way by now: it is, above
        page.mouse.move(2, 2)
        page.mouse.up()
        assert between.asked == before, link


def test_what_is_fetched_ahead_is_the_page(site_url):
    def ask(**headers: str) -> tuple[int, str, bytes]:
        request = urllib.request.Request(f"{site_url}/mesotherapy/costs/", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, str(answer.headers["ETag"]), answer.read()

    assert ask(**{"Sec-Purpose": "prefetch"}) == ask()
