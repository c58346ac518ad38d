"""The desk in a real browser: the editor, the look, and what the content security policy lets through."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, Route, expect

AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def log_in(page: Page, site_url: str, staff: dict[str, str]) -> None:
    page.goto(f"{site_url}/admin/login/")
    page.get_by_label("E-mail address or user name").fill(staff["username"])
    page.get_by_label("Password").fill(staff["password"])
    page.get_by_role("button", name="Log in").click()


def open_section(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}/admin/")
    page.locator("a.desk-guide", has_text="Mesotherapy").click()
    page.locator(".hub-list a[href*='/section/']").nth(1).click()
    expect(page.locator(".editor-pane > *").first).to_be_visible()


@pytest.fixture
def desk(page: Page, site_url: str, staff: dict[str, str]) -> Iterator[Page]:
    """A logged-in page on which no script failed and the policy blocked nothing."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None
    )
    log_in(page, site_url, staff)
    yield page
    assert wrong == []


def box(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("textarea[name=body]")


def test_the_preview_follows_what_is_typed_and_undo_takes_it_back(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    stored = box(desk).input_value()
    box(desk).fill("")
    box(desk).press_sequentially("Plain words")
    expect(desk.locator(".editor-pane")).to_have_text("Plain words")
    box(desk).select_text()
    desk.get_by_role("button", name="Bold").click()
    expect(box(desk)).to_have_value("**Plain words**")
    expect(desk.locator(".editor-pane strong")).to_have_text("Plain words")
    box(desk).press("Control+z")
    expect(box(desk)).to_have_value("Plain words")
    box(desk).fill("Text.[^no-such-source]")
    expect(desk.get_by_role("status")).to_contain_text("To correct")
    expect(desk.locator(".editor-problems")).to_contain_text("unknown source")
    box(desk).fill(stored)


def test_lists_insert_what_they_name(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    box(desk).fill("See ")
    desk.get_by_role("button", name="Source…").click()
    window = desk.get_by_role("dialog")
    window.get_by_label("Find").fill("a")
    key = window.locator("option").first.get_attribute("value")
    window.get_by_role("button", name="Insert").click()
    expect(box(desk)).to_have_value(f"See [^{key}]")
    desk.get_by_role("button", name="Care card…").click()
    window.locator("select").select_option("emergency")
    window.get_by_role("button", name="Insert").click()
    expect(box(desk)).to_have_value(f"See [^{key}]\n\n::: emergency\ntext\n:::\n")
    desk.get_by_role("button", name="Table").click()
    expect(box(desk)).to_have_value(re.compile(r"\| --- \| --- \|"))
    desk.get_by_role("button", name="Word…").click()
    desk.keyboard.press("Escape")
    expect(window).to_have_count(0)


def test_tab_leaves_the_box_and_arrows_walk_the_tools(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    box(desk).focus()
    before = box(desk).input_value()
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.name") != "body"
    expect(box(desk)).to_have_value(before)
    box(desk).focus()
    desk.keyboard.press("Shift+Tab")
    expect(desk.get_by_role("button", name="Bold")).to_be_focused()
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_role("button", name="Heading")).to_be_focused()


def test_an_old_preview_never_replaces_a_new_one(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    waiting: list[Route] = []
    desk.route(
        "**/procedures/preview/",
        lambda route: waiting.append(route) if "first" in (route.request.post_data or "") else route.continue_(),
    )
    with desk.expect_request(lambda request: "first" in (request.post_data or "")):
        box(desk).fill("first")
    box(desk).fill("second")
    expect(desk.locator(".editor-pane")).to_have_text("second")
    for route in waiting:
        route.fulfill(json={"html": "<p>first</p>", "problems": []})
    desk.wait_for_timeout(300)
    expect(desk.locator(".editor-pane")).to_have_text("second")


def test_no_answer_but_ours_is_ever_shown_as_a_preview(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    shown = desk.locator(".editor-pane").inner_text()
    answers = [("<h1>Log in</h1>", "text/html", 200), ("<h1>Server Error</h1>", "text/html", 500)]
    for body, kind, status in answers:
        fixed = {"body": body, "content_type": kind, "status": status}
        desk.route("**/procedures/preview/", partial(fulfil, fixed))
        box(desk).fill(f"Words after {status}")
        expect(desk.get_by_role("status")).to_contain_text("cannot be made now")
        assert desk.locator(".editor-pane").inner_text() == shown
        expect(box(desk)).to_have_value(f"Words after {status}")
        desk.unroute("**/procedures/preview/")


def fulfil(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def send_picture(desk: Page, words: str) -> None:
    data = io.BytesIO()
    Pillow.new("RGB", (40, 30), "teal").save(data, "PNG")
    desk.get_by_role("button", name="New picture…").click()
    window = desk.get_by_role("dialog")
    window.locator("input[type=file]").set_input_files(
        {"name": "evil.html", "mimeType": "image/png", "buffer": data.getvalue()}
    )
    window.get_by_label("What does the picture show").fill(words)
    window.get_by_role("button", name="Insert").click()


def test_a_preview_that_comes_late_does_not_hide_why_a_picture_was_refused(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    desk.route("**/procedures/preview/", hold)
    with desk.expect_request("**/procedures/preview/"):
        box(desk).fill("Late words")
    send_picture(desk, "Teal")
    expect(desk.get_by_role("status")).to_contain_text("at least three words")
    waiting[0].continue_()
    expect(desk.locator(".editor-pane")).to_contain_text("Late words")
    expect(desk.get_by_role("status")).to_contain_text("at least three words")


def test_a_picture_is_sent_with_words_and_stands_in_the_text(desk: Page, site_url: str) -> None:
    open_section(desk, site_url)
    box(desk).fill("Above")
    send_picture(desk, "Teal")
    expect(desk.get_by_role("status")).to_contain_text("at least three words")
    expect(box(desk)).to_have_value("Above")
    send_picture(desk, "A plain teal square")
    expect(desk.locator(".editor-pane img")).to_have_attribute("alt", "A plain teal square")
    expect(box(desk)).to_have_value("Above\n\n![A plain teal square](image:a-plain-teal-square)\n")
    assert (
        desk.locator(".editor-pane img").evaluate(
            "async (image) => { await image.decode(); return image.naturalWidth }"
        )
        > 0  # counted in the width the page gives it, so not the file's 40
    )


def test_without_scripts_the_box_is_a_plain_one_and_saves(
    browser: Browser, site_url: str, staff: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, site_url, staff)
    page.goto(f"{site_url}/admin/")
    page.locator("a.desk-guide", has_text="Mesotherapy").click()
    page.locator(".hub-list a[href*='/section/']").nth(1).click()
    assert page.locator("[role=toolbar]").count() == 0
    box(page).fill(box(page).input_value())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Nothing was changed")
    context.close()


def test_a_row_is_added_to_a_list_in_the_browser(desk: Page, site_url: str) -> None:
    desk.goto(f"{site_url}/admin/")
    desk.locator("a.desk-guide", has_text="Mesotherapy").click()
    desk.get_by_role("link", name="Questions", exact=True).click()
    desk.get_by_role("link", name="Add another").or_(desk.get_by_role("button", name="Add another")).click()
    row = desk.locator(".inline-related:not(.empty-form)").last
    row.get_by_label("Key").fill("new-one")
    row.get_by_label("Question").fill("Is this one new?")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.locator(".messagelist")).to_contain_text("Saved as a draft")
    expect(desk.locator(".inline_label", has_text="Is this one new?")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 768), ("dark", 1280)])
def test_the_desk_is_accessible_and_never_scrolls_sideways(
    browser: Browser, site_url: str, staff: dict[str, str], scheme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    # Only contrast depends on the scheme; everything else is looked at once.
    options = AXE if scheme == "light" else {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    page, axe, broken = context.new_page(), partial(Axe().run, options=options), list[str]()
    log_in(page, site_url, staff)
    page.locator("a.desk-guide", has_text="Mesotherapy").click()
    hub = page.url
    section = page.locator(".hub-list a[href*='/section/']").first.get_attribute("href")
    option = page.locator(".hub-list a[href*='/option/']").first.get_attribute("href")
    assert section
    assert option
    lists = [link.get_attribute("href") for link in page.locator(".hub-parts .desk-links a").all()]
    assert len(lists) == 6
    base = "/admin/procedures"
    number = hub.split("/")[-3]
    paths = [
        "/admin/",
        f"{base}/guide/",
        f"{base}/guide/{number}/change/",
        f"{base}/guide/add/",
        *lists[1:2],  # the five lists are one template
        *lists[4:],
        section,
        section.replace("change", "delete"),
        f"{base}/section/add/?guide={number}",
        option,
        *(f"{base}/{model}/" for model in ("source", "glossaryterm", "image", "edit", "revision", "publicationevent")),
        *(f"{base}/{model}/add/" for model in ("source", "glossaryterm", "image")),
        f"{base}/source/1/change/",
        f"{base}/clinic/1/change/",
        f"{base}/guide/{number}/take-down/",
    ]
    for path in paths:
        page.goto(f"{site_url}{path}")
        if path == section:
            expect(page.locator(".editor-pane > *").first).to_be_visible()
        look(page, axe, broken, path)
    for path in (
        f"{base}/guide/add/",
        f"{base}/section/add/?guide={number}",
        f"{base}/source/add/",
        f"{base}/image/add/",
    ):
        page.goto(f"{site_url}{path}")
        page.locator(".submit-row [name=_save]").click()
        expect(page.locator(".errornote")).to_be_visible()
        look(page, axe, broken, f"{path} with errors")
    context.close()
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{site_url}/admin/login/")
    look(page, axe, broken, "login")
    page.close()
    assert broken == [], "\n".join(broken)


def look(page: Page, axe: Callable[..., Any], broken: list[str], name: str) -> None:
    for found in axe(page).response["violations"]:
        broken.append(f"{name}: {found['id']}: {found['nodes'][0]['html'][:120]}")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        broken.append(f"{name} is {wide} px wider than the window")
