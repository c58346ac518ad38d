"""What holds on every page a reader can reach, found by walking the running site itself."""

from __future__ import annotations

import io
import re
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
LARGE = re.compile(r"/(all|options|take-home|glossary)/$")
"""Pages that hold a whole guide or table; design: 40,000 bytes instead of 14,600."""

UNKNOWN = "/no-such-page/"


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def weight_of(url: str) -> int:
    """Bytes of the body as a browser gets it; what Django answers is packed by whatever stands in front of it."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body = answer.read()
        return len(body) if answer.headers.get("Content-Encoding") == "br" else len(brotli.compress(body, quality=5))


@pytest.fixture(scope="session")
def paths(site_url: str) -> list[str]:
    """Every address reachable by links from the home page, and one that is not there."""
    seen, todo = {"/"}, ["/"]
    while todo:
        html = fetch(site_url + todo.pop())
        for href in re.findall(r"<a[^>]*\shref=\"(/[^\"#?]*)", html):
            if href not in seen and not href.startswith(("/admin", "/static", "/media")) and href.endswith("/"):
                seen.add(href)
                todo.append(href)
    assert len(seen) > 15, seen
    return [*sorted(seen), UNKNOWN]


@pytest.fixture(scope="session")
def looks(browser: Browser) -> Iterator[dict[tuple[str, int], Page]]:
    """One page per colour scheme and width."""
    pages = {}
    for scheme in ("light", "dark"):
        for width in (320, 1280):
            context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
            pages[scheme, width] = context.new_page()
    yield pages
    for page in pages.values():
        page.context.close()


def test_no_page_breaks_a_rule_of_accessibility(looks, paths, site_url):
    axe, broken, runs = Axe(), [], 0
    for (scheme, width), page in looks.items():
        for path in paths:
            page.goto(site_url + path)
            found = axe.run(page, options=AXE).response["violations"]
            broken += [
                f"{path} {scheme} {width}: {rule['id']}: {node['html'][:160]}"
                for rule in found
                for node in rule["nodes"][:3]
            ]
            runs += 1
    print(f"axe looked at {runs} pages")
    assert runs == 4 * len(paths)
    assert broken == []


def test_axe_sees_a_fault_that_is_there(looks, site_url):
    page = looks["light", 320]
    page.goto(site_url)
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=\"/x.png\"><h5>jump</h5>')")
    assert {rule["id"] for rule in Axe().run(page, options=AXE).response["violations"]} >= {
        "image-alt",
        "heading-order",
    }


WIDER = """() => {
  const room = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth <= room ? [] :
    [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1)
      .slice(0, 3).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 40));
}"""
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    " p { margin-block-end: 2em !important }"
)


@pytest.mark.parametrize(
    "change", ["", "html { font-size: 200% !important }", SPACING], ids=["as it is", "text 200 %", "WCAG text spacing"]
)
def test_no_page_scrolls_sideways_on_a_phone(looks, paths, site_url, change):
    page, wide = looks["light", 320], []
    for path in paths:
        page.goto(site_url + path)
        if change:
            page.evaluate(
                "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }",
                change,
            )
        wide += [f"{path}: {found}" for found in page.evaluate(WIDER)]
    assert wide == []


SMALL = """() => [...document.querySelectorAll('a[href], button, input, select, summary')].filter(e => {
    const box = e.getBoundingClientRect();
    if (!box.width || getComputedStyle(e).visibility === 'hidden' || e.closest('.visually-hidden, .skip')) return false;
    const around = e.closest('p, li, td, dd, h1, h2, h3, h4, figcaption, sup');
    const inSentence = e.matches('a') && getComputedStyle(e).display === 'inline' && around;
    if (inSentence && around.textContent.trim() !== e.textContent.trim()) return false;
    return box.width < 24 || box.height < 24;
  }).slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""


def test_every_target_is_large_enough_for_a_finger(looks, paths, site_url):
    page, small = looks["light", 320], []
    for path in paths:
        page.goto(site_url + path)
        small += [f"{path}: {found}" for found in page.evaluate(SMALL)]
    assert small == []


def test_reading_leaves_no_trace_and_asks_no_other_host(browser, paths, site_url):
    context = browser.new_context()
    page = context.new_page()
    asked, spoken = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: spoken.append(message.text))
    page.on("pageerror", lambda error: spoken.append(str(error)))
    for path in paths:
        page.goto(site_url + path, wait_until="networkidle")
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""], path
        if path in ("/", "/search/", "/mesotherapy/", "/mesotherapy/all/", "/mesotherapy/plan/"):
            before = list(asked)
            page.wait_for_timeout(800)
            assert asked == before, "nothing is fetched after the load but what a reader asks for"
    assert context.cookies() == []
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(site_url).netloc}
    assert [text for text in spoken if "404" not in text] == []
    context.close()


def test_the_first_view_of_each_page_fits_its_budget(paths, site_url):
    """One answer holds all of it: the text and its style."""
    heavy = []
    for path in paths[:-1]:
        html = fetch(site_url + path)
        waits = re.findall(r"<link[^>]*\bstylesheet\b[^>]*>|<script (?!type=\"module\")[^>]*\bsrc=[^>]*>", html)
        assert waits == [], f"{path}: the first view waits for a file of its own"
        assert html.count("<style>") == 1, f"{path}: its style stands in it, once"
        weight = weight_of(site_url + path)
        print(f"{weight:6} {path}")
        if weight > (40_000 if LARGE.search(path) else 14_600):
            heavy.append(f"{path}: {weight} bytes")
    assert heavy == []


def test_the_way_from_the_first_section_to_the_last_and_back(looks, site_url):
    page = looks["light", 320]
    page.goto(f"{site_url}/mesotherapy/overview/")
    way = [urlsplit(page.url).path]
    while page.locator("a[rel=next]").count():
        page.locator("a[rel=next]").first.click()
        way.append(urlsplit(page.url).path)
    assert len(way) == 8
    back = [way[-1]]
    while page.locator("a[rel=prev]").count():
        page.locator("a[rel=prev]").first.click()
        back.append(urlsplit(page.url).path)
    assert back == way[::-1]


def test_everything_can_be_read_with_scripts_off(browser, paths, site_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in paths:
        page.goto(site_url + path)
        assert page.locator("h1").count() == 1, path
        assert page.locator("main").inner_text().strip(), path
    context.close()


def shown(page: Page, selector: str) -> list[str]:
    return page.eval_on_selector_all(
        selector, "found => found.filter(e => e.offsetParent !== null).map(e => e.id || e.textContent.trim())"
    )


def test_without_script_signs_are_chosen_by_time_and_emergencies_always_stay(browser, site_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{site_url}/mesotherapy/get-help/")
    everything, urgent = shown(page, ".care li"), shown(page, ".care-emergency li")
    page.get_by_label("3 days ago or less").check()
    assert "ws-bruise" in shown(page, ".later li")
    page.get_by_label("More than 3 weeks ago").check()
    late = shown(page, ".later li")
    assert "ws-late-lump" in late
    assert "ws-sick-urine" not in late
    assert shown(page, ".care-emergency li") == urgent
    page.emulate_media(media="print")
    assert shown(page, ".care li") == everything
    context.close()


def test_without_script_any_two_choices_stand_beside_each_other_on_a_phone(browser, site_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{site_url}/mesotherapy/options/")
    row = ".choices [data-name]:is([role=row]:first-child > *)"
    boxes = page.locator(".pick input")
    total = boxes.count()
    for first in range(total):
        for second in range(first + 1, total):
            for number in range(total):
                boxes.nth(number).set_checked(number in (first, second))
            places = [page.locator(row).nth(number).bounding_box() for number in (first, second)]
            assert len(shown(page, row)) == 2
            assert places[0]["y"] == places[1]["y"]
            assert places[1]["x"] + places[1]["width"] <= 320
    page.set_viewport_size({"width": 1280, "height": 800})
    assert len(shown(page, row)) == total
    context.close()


STATES = {
    "a plan": "/mesotherapy/plan/?start=2027-01-04&sessions=10&weeks=1&weeks_to=2&price=250&price_to=350&extras=100",
    "a plan with faults": "/mesotherapy/plan/?start=&sessions=0&weeks=x&price=1000000000&price_to=1",
    "feedback about a page": "/feedback/?page=/mesotherapy/risks/",
    "thanks": "/feedback/?page=/mesotherapy/risks/&sent=1",
    "a version nobody knows": "/v/0000000000/",
}


@pytest.mark.parametrize("state", STATES)
def test_what_a_form_answers_breaks_no_rule_either(looks, site_url, state):
    broken = []
    for (scheme, width), page in looks.items():
        page.goto(site_url + STATES[state])
        found = Axe().run(page, options=AXE).response["violations"]
        broken += [
            f"{scheme} {width}: {rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]
        ]
        broken += [f"{scheme} {width}: {wide}" for wide in page.evaluate(WIDER)]
        broken += [f"{scheme} {width}: {small}" for small in page.evaluate(SMALL)]
    assert broken == []


def test_words_that_cannot_be_sent_stay_in_the_form(looks, site_url):
    page = looks["light", 320]
    page.goto(f"{site_url}/feedback/?page=/mesotherapy/costs/")
    page.evaluate("document.querySelector('textarea').removeAttribute('maxlength')")
    page.locator("textarea").fill("long " * 450)
    page.get_by_role("button", name="Send").click()
    assert page.locator(".wrong").inner_text().startswith("This is too long.")
    assert page.locator("textarea").input_value().startswith("long long")
    page.locator("textarea").fill("Which year is the price from?")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Send").click()
    assert page.locator("h1").inner_text() == "Thank you"
    page.get_by_role("link", name="Back to the page").click()
    assert urlsplit(page.url).path == "/mesotherapy/costs/"


def test_the_take_home_file_is_whole_with_the_network_off(browser, site_url, tmp_path):
    file = tmp_path / "mesotherapy.html"
    file.write_text(fetch(f"{site_url}/mesotherapy/take-home/"), encoding="utf-8")
    assert file.stat().st_size <= 150_000
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.locator(".care-emergency").evaluate("card => getComputedStyle(card).borderTopWidth") == "5px"
    page.get_by_label("What exactly is in the syringe").check()
    context.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_take_home_pages_print_whole(browser, site_url, paper):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site_url}/mesotherapy/take-home/")
    sheets = PdfReader(io.BytesIO(page.pdf(format=paper))).pages
    words = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    assert "Call 911 now if you have" in words[0]
    assert "/v/" in words[0]
    assert not any(word in text for text in words for word in ("Keep this page as a file", "Back to the guide"))
    across = [sheet for sheet, text in zip(sheets, words, strict=True) if "What nobody knows" in text]
    assert [sheet.mediabox.width > sheet.mediabox.height for sheet in across] == [True]
    assert len(sheets) <= 14
    context.close()
