"""Text that was not saved survives a crash, a lapsed login and a second tab, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .test_desk import box, log_in, open_section


@pytest.fixture
def enter(browser: Browser, site_url: str, staff: dict[str, str]) -> Iterator[Callable[[], Page]]:
    """Opens a browser of its own in which somebody is logged in."""
    opened: list[BrowserContext] = []

    def start() -> Page:
        opened.append(browser.new_context())
        page = opened[-1].new_page()
        log_in(page, site_url, staff)
        return page

    yield start
    for context in opened:
        context.close()


def settle(page: Page) -> None:
    """Saves what is there, so that the next test finds nothing kept."""
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()


def test_after_a_crash_the_text_is_offered_and_put_back(enter: Callable[[], Page], site_url: str) -> None:
    page = enter()
    open_section(page, site_url)
    stored = box(page).input_value()
    expect(page.locator("#kept")).to_be_hidden()
    box(page).fill(f"{stored}\nA sentence that nobody saved.\n")
    expect(page.locator("#kept-status")).to_contain_text("is kept")
    page.context.close()
    again = enter()
    open_section(again, site_url)
    expect(box(again)).to_have_value(stored)
    expect(again.locator("#kept")).to_contain_text("did not save it")
    again.get_by_role("button", name="Put it back into the form").click()
    expect(box(again)).to_have_value(re.compile("nobody saved"))
    expect(again.locator(".editor-pane")).to_contain_text("A sentence that nobody saved.")
    box(again).fill(stored)
    settle(again)
    expect(again.locator("#kept")).to_be_hidden()
    again.reload()
    expect(again.locator("#kept")).to_be_hidden()


def test_what_is_thrown_away_is_not_offered_again(enter: Callable[[], Page], site_url: str) -> None:
    page = enter()
    open_section(page, site_url)
    box(page).press("End")
    box(page).type("Wrong.")
    expect(page.locator("#kept-status")).to_contain_text("is kept")
    page.on("dialog", lambda dialog: dialog.accept())  # leaving with unsaved text asks first
    page.reload()
    with page.expect_response("**/procedures/autosave/"):
        page.get_by_role("button", name="Throw it away").click()
    page.reload()
    expect(page.locator("#kept")).to_be_hidden()


def test_a_form_of_a_lapsed_login_keeps_its_text_through_the_login(
    enter: Callable[[], Page], site_url: str, staff: dict[str, str]
) -> None:
    page = enter()
    open_section(page, site_url)
    stored = box(page).input_value()
    page.context.clear_cookies(name="sessionid")
    box(page).fill(f"{stored}\nTyped after the login had lapsed.\n")
    expect(page.locator("#kept-status")).to_contain_text("no longer logged in")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("E-mail address or user name").fill(staff["username"])
    page.get_by_label("Password").fill(staff["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#kept")).to_contain_text("was not saved")
    page.get_by_role("button", name="Put it back into the form").click()
    expect(box(page)).to_have_value(re.compile("after the login had lapsed"))
    settle(page)
    expect(page.locator(".messagelist")).to_contain_text("Saved as a draft")
    expect(box(page)).to_have_value(re.compile("after the login had lapsed"))
    expect(page.locator("#kept")).to_be_hidden()
    box(page).fill(stored)
    settle(page)


def test_a_row_that_was_added_and_not_saved_comes_back(enter: Callable[[], Page], site_url: str) -> None:
    page = enter()
    page.goto(f"{site_url}/admin/")
    page.locator("a.desk-guide", has_text="Mesotherapy").click()
    page.get_by_role("link", name="Questions", exact=True).click()
    address = page.url
    page.get_by_role("link", name="Add another").or_(page.get_by_role("button", name="Add another")).click()
    page.locator(".inline-related:not(.empty-form)").last.get_by_label("Question").fill("Is this kept?")
    expect(page.locator("#kept-status")).to_contain_text("is kept")
    page.context.close()
    again = enter()
    again.goto(address)
    again.get_by_role("button", name="Put it back into the form").click()
    row = again.locator(".inline-related:not(.empty-form)").last
    expect(row.get_by_label("Question")).to_have_value("Is this kept?")
