"""A text goes from its author through a reviewer to a publisher in a real browser, and every screen on the way is accessible."""

from __future__ import annotations

from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from .conftest import Site
from .test_desk import AXE, box, log_in, look, open_section

PASSWORD = "a-long-pass-word"
ROLES = {"ana": "Author", "rosa": "Medical reviewer", "pia": "Publisher"}


@pytest.fixture(scope="module")
def staffed(site: Site) -> Site:
    """The running site with an author, a reviewer and a publisher."""
    site.manage(
        "shell",
        "-c",
        "from django.contrib.auth.models import Group, User\n"
        f"for name, role in {ROLES}.items():\n"
        f"    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=True, first_name=name.title())\n"
        "    user.groups.add(Group.objects.get(name=role))\n",
    )
    return site


def enter(browser: Browser, site: Site, name: str, scheme: str) -> Page:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 768, "height": 900})  # type: ignore[arg-type]
    page = context.new_page()
    log_in(page, site.url, {"username": name, "password": PASSWORD})
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_correction_is_sent_signed_and_published(browser: Browser, staffed: Site, scheme: str) -> None:
    options = AXE if scheme == "light" else {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    axe, broken = partial(Axe().run, options=options), list[str]()
    words = f"Words that only the {scheme} test has written."

    author = enter(browser, staffed, "ana", scheme)
    open_section(author, staffed.url)
    box(author).fill(f"{box(author).input_value()}\n{words}\n")
    author.get_by_role("button", name="Save", exact=True).click()
    expect(author.locator(".messagelist")).to_contain_text("Saved as a draft")
    author.get_by_role("link", name="History").click()
    expect(author.locator("ins").first).to_contain_text(words)
    look(author, axe, broken, "history of a section")
    author.locator(".breadcrumbs a").nth(1).click()
    author.get_by_role("button", name="Send for review").click()
    expect(author.locator(".messagelist")).to_contain_text("Sent for review.")
    author.get_by_role("link", name="History").click()
    look(author, axe, broken, "history of a guide")
    author.get_by_role("button", name="Show what differs").click()
    expect(author.locator("ins").first).to_contain_text(words)
    look(author, axe, broken, "what differs")
    author.go_back()
    author.get_by_role("link", name="Bring back…").last.click()
    look(author, axe, broken, "bring back")

    reviewer = enter(browser, staffed, "rosa", scheme)
    look(reviewer, axe, broken, "a reviewer's first page")
    reviewer.locator(".desk-block a").first.click()
    expect(reviewer.locator("ins").first).to_contain_text(words)
    look(reviewer, axe, broken, "signing")
    with reviewer.expect_popup() as opened:
        reviewer.get_by_role("link", name="Everything on one page").click()
    expect(opened.value.locator("main")).to_contain_text(words)
    opened.value.close()
    reviewer.get_by_role("button", name="I have read this and sign it").click()
    if scheme == "light":  # a second signature has them filled in
        expect(reviewer.locator(".errorlist").first).to_be_visible()
        look(reviewer, axe, broken, "signing with errors")
        reviewer.get_by_label("Your credentials").fill("RN")
        reviewer.get_by_label("Your registration").fill("NY 12")
        reviewer.get_by_role("button", name="I have read this and sign it").click()
    expect(reviewer.locator(".messagelist")).to_contain_text("Signed")

    publisher = enter(browser, staffed, "pia", scheme)
    publisher.locator(".desk-block a").first.click()
    publisher.get_by_role("link", name="Publish at…").click()
    look(publisher, axe, broken, "publish at")
    publisher.get_by_role("link", name="Leave it as it is").click()
    publisher.get_by_role("button", name="Publish the signed text").click()
    expect(publisher.locator(".messagelist")).to_contain_text("Published")
    section = publisher.goto(f"{staffed.url}/mesotherapy/all/")
    assert section
    expect(publisher.locator("main")).to_contain_text(words)
    for page in (author, reviewer, publisher):
        page.context.close()
    assert broken == [], "\n".join(broken)
