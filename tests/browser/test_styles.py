"""The style guide and a guide of bad input in a real browser: nothing breaks, is cut off or scrolls sideways."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from PIL import Image as Pillow
from playwright.sync_api import Browser, BrowserContext, Page

from procedures import images
from procedures.document import Section
from procedures.images.cleaning import MOST_OBLONG
from procedures.models import Image, part_of, preview_path
from procedures.pages import examples
from tests.conftest import write_rows

from .test_every_page import AXE, SPACING, WIDER

# The same component stands on the page several times, so its landmarks do too; everything else holds as on any page.
STYLES = {**AXE, "rules": {"landmark-unique": {"enabled": False}}}

CUT = """() => [...document.querySelectorAll('main *')].filter(e => {
    const style = getComputedStyle(e);
    if (e.closest('svg, .hidden, .choices [role=rowgroup]:first-child') || style.overflowX === 'auto') return false;
    return (style.overflowX === 'hidden' || style.textOverflow === 'ellipsis') && e.scrollWidth > e.clientWidth + 1;
  }).map(e => e.outerHTML.slice(0, 100))"""

OUTSIDE = """() => [...document.querySelectorAll('svg text')].filter(e => {
    const box = e.getBoundingClientRect(), room = document.documentElement.clientWidth;
    return box.width && (box.left < -1 || box.right > room + 1);
  }).map(e => e.textContent + ' in ' + e.closest('figure')?.className)"""


def here(live_server) -> str:  # type: ignore[no-untyped-def]
    return live_server.url.replace("localhost", "127.0.0.1")  # the browser is kept from asking for names


def _picture(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Pillow.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def staff_at(browser: Browser, live_server, person) -> Iterator[partial[BrowserContext]]:  # type: ignore[no-untyped-def]
    """Opens a window in which a member of staff has logged in: staff_at(viewport=…, color_scheme=…)."""
    client = Client()
    client.force_login(person("ana", "Author"))
    opened: list[BrowserContext] = []

    def open_(**how: object) -> Page:
        context = browser.new_context(**how)  # type: ignore[arg-type]
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": here(live_server)}])
        opened.append(context)
        return context.new_page()

    yield open_  # type: ignore[misc]
    for context in opened:
        context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_the_style_guide_breaks_no_rule(live_server, live_guide, staff_at, scheme: str, width: int) -> None:  # type: ignore[no-untyped-def]
    page = staff_at(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(f"{here(live_server)}/admin/styles/")
    assert page.locator(".example").count() > 80
    found = Axe().run(page, options=STYLES).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]] == []
    assert page.evaluate(WIDER) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(OUTSIDE) == []
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/styles-{scheme}-{width}.png", full_page=True)


@pytest.mark.parametrize(
    "change", ["", "html { font-size: 200% !important }", SPACING], ids=["as it is", "200 %", "spacing"]
)
def test_bad_input_stays_inside_a_small_phone(browser: Browser, live_server, settings, tmp_path, change: str) -> None:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(images.Refused):
        images.clean(_picture(1, 5_000))
    height = 40 * MOST_OBLONG  # the longest shape that is let in
    row: Image = images.add(images.clean(_picture(40, height)), words="A very tall picture", credit="", by=None)
    document = examples.harsh(images=(part_of(row),))
    first = document.sections[0]
    body = f"{first.body}\n\n![A very tall picture](image:{row.key})\n"
    sections = (Section(key=first.key, title=first.title, body=body), *document.sections[1:])
    harsh = preview_path(write_rows(examples.harsh(images=document.images, sections=sections)))
    empty = preview_path(write_rows(examples.empty()))
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    wrong: list[str] = []
    address = here(live_server)
    for guide, paths in {
        harsh: ("", "overview/", "risks/"),
        empty: ("", "overview/"),
    }.items():
        for path in paths:
            answer = page.goto(address + guide + path)
            assert answer is not None
            assert answer.status == 200, path
            if change:
                page.evaluate(
                    "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }",
                    change,
                )
            for look in (WIDER, CUT, OUTSIDE):
                wrong += [f"{guide[-20:]}{path} {change[:8]}: {found}" for found in page.evaluate(look)]
    page.goto(f"{address}{harsh}overview/")
    picture = page.locator("main img").first
    picture.scroll_into_view_if_needed(timeout=5_000)
    page.wait_for_function("() => document.querySelector('main img').naturalHeight > 0", timeout=5_000)
    box = picture.bounding_box()
    assert box is not None
    assert box["height"] <= 640, "a picture fits on the screen"
    assert page.locator(".sources > ol > li").count() >= 40
    context.close()
    assert wrong == []
