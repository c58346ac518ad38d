"""Five questions people come with, from the home page to the answer: by keyboard, without script, in at most three steps.

Only Tab and Enter are pressed. `WALKS=folder pytest tests/browser/test_walks.py -s` presses five keys a second, as a
person may, and leaves a picture of every screen in the folder; what was seen on them stands in docs/looked-at.md.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

FOLDER = os.environ.get("WALKS", "")
MOST_STEPS = 3
MOST_TABS = 40
"""Presses of Tab before one link; the skip link, the header and the links of a long answer lie before it."""

FOLD = "Pages of this guide"
"""Opens the contents on a phone; on a desk they stand beside the text."""

WALKS = {
    "Is it approved?": ((), "/", "FDA has not approved"),
    "What will it cost me?": (("What it costs",), "/mesotherapy/costs/", "1 session, undated price"),
    "My bump is red after three weeks": (
        ("If something is wrong now",),
        "/mesotherapy/get-help/",
        "A lump, knot, boil, sore",
    ),
    "What else could I do?": (
        ("Compare the choices",),
        "/mesotherapy/options/",
        "Doing nothing",
    ),
    "What must I ask?": (
        ("Mesotherapy", FOLD, "Questions to ask the clinic"),
        "/mesotherapy/candidacy/",
        "What exactly is in the syringe",
    ),
}
"""Question → names of what is followed, where it ends, and words of the answer."""

HERE = "() => { const e = document.activeElement; return e && e !== document.body ? e.textContent.trim() : '' }"
SEEN = """words => [...document.querySelectorAll('main *')].filter(
    e => e.children.length === 0 || [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.includes(words))
  ).some(e => e.textContent.includes(words) && e.getClientRects().length > 0)"""


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    if FOLDER:
        time.sleep(0.2)


def follow(page: Page, name: str) -> int:
    """Goes to the next link or fold whose words begin with `name` and uses it. Returns how often Tab was pressed."""
    for tabs in range(1, MOST_TABS + 1):
        press(page, "Tab")
        if page.evaluate(HERE).startswith(name):
            assert page.evaluate("() => document.activeElement.matches(':focus-visible')"), f"{name}: focus is not seen"
            if name == FOLD:
                press(page, "Enter")
            else:
                with page.expect_navigation():
                    press(page, "Enter")
            return tabs
    raise AssertionError(f"no link “{name}” within {MOST_TABS} presses of Tab on {page.url}")


@pytest.mark.parametrize("width", [320, 1280])
def test_five_questions_are_answered_within_three_steps_by_keyboard_without_script(
    browser: Browser, site_url: str, width: int
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = context.new_page()
    for number, (question, (links, path, words)) in enumerate(WALKS.items()):
        page.goto(site_url)
        links = tuple(name for name in links if width < 1024 or name != FOLD)
        took, tabs = 0.0, 0
        for step, name in enumerate(links, start=1):
            began = time.monotonic()
            tabs += follow(page, name)
            took += time.monotonic() - began
            if FOLDER:
                page.screenshot(path=Path(FOLDER, f"walk-{width}-{number}-{step}.png"))
        assert urlsplit(page.url).path == path, question
        assert page.evaluate(SEEN, words), f"{question}: “{words}” is not to be seen on {page.url}"
        assert len(links) <= MOST_STEPS
        print(f"{width} px · {question} {len(links)} steps, {tabs + len(links)} keys, {took:.1f} s")
    context.close()


def test_the_walk_notices_an_answer_that_is_hidden(browser: Browser, site_url: str) -> None:
    page = browser.new_page()
    page.goto(site_url)
    words = WALKS["Is it approved?"][2]
    assert page.evaluate(SEEN, words)
    page.evaluate("() => { document.querySelector('main').style.display = 'none' }")
    assert not page.evaluate(SEEN, words)
    page.close()
