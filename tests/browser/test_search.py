"""Search in a real browser: accessible with and without results, and the list of suggestions by keyboard."""

from __future__ import annotations

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from .test_every_page import AXE, WIDER

PLACES = ["/search/", "/search/?q=kidney+failure", "/search/?q=sweling", "/search/?q=qwertyuiop"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_search_breaks_no_rule_of_accessibility(browser, site_url, scheme, width):
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page, axe, broken = context.new_page(), Axe(), []
    for path in PLACES:
        page.goto(site_url + path)
        broken += [f"{path}: {rule['id']}: {node['html'][:160]}"
                   for rule in axe.run(page, options=AXE).response["violations"] for node in rule["nodes"][:3]]  # fmt: skip
        broken += [f"{path}: wider than the screen: {found}" for found in page.evaluate(WIDER)]
    context.close()
    assert broken == []


def test_a_reader_without_scripts_finds_the_section(browser, site_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url)
    page.get_by_role("link", name="Search").click()
    page.get_by_label("What would you like to know?").fill("kidney failure")
    page.get_by_role("button", name="Search").click()
    page.locator("ol.results a").first.click()
    assert "/mesotherapy/" in page.url
    context.close()


def test_suggestions_are_chosen_with_the_keyboard_alone(browser, site_url):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site_url}/search/")
    field = page.get_by_role("combobox")
    field.press_sequentially("bruis")
    page.get_by_role("option").first.wait_for()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert [
        f"{rule['id']}: {rule['nodes'][0]['html'][:120]}"
        for rule in Axe().run(page, options=AXE).response["violations"]
    ] == []
    field.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("bruis")
    field.press_sequentially("e")
    page.get_by_role("option").first.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/mesotherapy/**")
    context.close()


def test_a_late_answer_opens_no_list_over_a_field_that_was_left(browser, site_url):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site_url}/search/")
    asked = []

    def late(route):
        asked.append(route.request.url)
        page.wait_for_timeout(600)
        with suppress(Error):  # the page has given it up
            route.continue_()

    page.route("**/search/?q=*", late)
    field = page.get_by_role("combobox")
    for leave in (lambda: field.press("Tab"), lambda: field.press("Escape")):
        field.fill("")
        with page.expect_request("**/search/?q=*"):
            field.press_sequentially("bruis")
        leave()
        page.wait_for_timeout(1500)
        expect(field).to_have_attribute("aria-expanded", "false")
        expect(page.locator("#found")).to_be_hidden()
    assert len(asked) >= 2
    field.fill("")
    field.press_sequentially("bruis")
    page.get_by_role("option").first.wait_for()
    context.close()
