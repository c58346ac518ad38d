"""The main job through a real browser: log in, change one word, publish, read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, serving, superuser


@pytest.fixture
def unsigned(tmp_path: Path) -> Iterator[Site]:
    """A site whose guide nobody has signed yet: only there may one person publish what they wrote."""
    with serving(tmp_path) as running:
        yield running


def test_an_editor_changes_a_word_and_it_is_live(page: Page, unsigned: Site) -> None:
    site_url, staff = unsigned.url, superuser(unsigned)
    page.goto(f"{site_url}/admin/")
    page.get_by_label("E-mail address or user name").fill(staff["username"])
    page.get_by_label("Password").fill(staff["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Mesotherapy").first).to_be_visible()

    page.goto(f"{site_url}/mesotherapy/overview/")
    assert "Marigold" not in page.content()

    page.goto(f"{site_url}/admin/procedures/guide/")
    page.get_by_role("link", name="Mesotherapy", exact=True).click()
    page.get_by_role("link", name=re.compile("^Overview")).first.click()
    body = page.locator("textarea[name=body]")
    body.fill(f"{body.input_value()}\n\nMarigold is a word that was not there before.\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Saved as a draft")

    page.goto(f"{site_url}/mesotherapy/overview/")
    assert "Marigold" not in page.content(), "saving must not publish"

    page.goto(f"{site_url}/admin/procedures/guide/")
    page.get_by_role("link", name="Mesotherapy", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Published. Patients see this text now.")

    page.goto(f"{site_url}/mesotherapy/overview/")
    expect(page.get_by_text("Marigold is a word")).to_be_visible()
    names = {cookie["name"] for cookie in page.context.cookies(f"{site_url}/mesotherapy/overview/")}
    assert names == set(), "the address of a reader's page must see no cookie"
