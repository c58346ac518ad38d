"""Three people who were invited by mail bring a correction to the public in a real browser. WALKS=folder keeps pictures."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import Site
from .test_desk import box, log_in

PASSWORD = "several plain words"
WORDS = "This sentence was corrected by somebody who was invited."


@dataclass
class Person:
    """Somebody at their own browser, whose clicks are counted."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def link(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name))


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("WALKS"):
        for width in (1280, 820):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder, f"invited-{name}-{width}.png"), full_page=True)


def join(browser: Browser, site: Site, founder: Page, *, name: str, role: str) -> Person:
    """Invites `name`, opens the link of the mail the server printed, chooses a password: now on their own first page."""
    address = f"{name.split()[0].lower()}@example.org"
    founder.goto(f"{site.url}/admin/")
    founder.get_by_role("link", name="Invite somebody").click()
    founder.get_by_label("Name").fill(name)
    founder.get_by_label("E-mail address").fill(address)
    founder.get_by_label(role).check()
    keep(founder, "invite")
    founder.get_by_role("button", name="Send the invitation").click()
    expect(founder.locator(".messagelist")).to_be_visible()
    keep(founder, "invitation")
    mail = Path(site.environment["DATA_DIR"], "server.log").read_text().rpartition(f"To: {address}")[2]
    found = re.search(r"/admin/invitation/\S+", mail)
    assert found, mail
    page = browser.new_context().new_page()
    page.goto(f"{site.url}{found[0]}")
    expect(page.get_by_label("Your name")).to_have_value(name)
    keep(page, "join")
    page.get_by_label("Password", exact=True).or_(page.get_by_label("Password:", exact=True)).fill(PASSWORD)
    page.get_by_label("Password, again").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator(".messagelist")).to_contain_text("Your account is ready")
    keep(page, f"first-page-{name[:3]}")
    return Person(page)


def test_invited_people_bring_a_correction_to_the_public(browser: Browser, site: Site, staff: dict[str, str]) -> None:
    founder = browser.new_context().new_page()
    log_in(founder, site.url, staff)
    ana = join(browser, site, founder, name="Ana Ruiz", role="Author")
    rea = join(browser, site, founder, name="Rea Holm", role="Medical reviewer")
    pia = join(browser, site, founder, name="Pia Lund", role="Publisher")

    rea.page.get_by_role("link", name="My account").click()
    rea.page.get_by_label("Credentials").fill("MD")
    rea.page.get_by_label("number", exact=False).fill("NY 12")
    keep(rea.page, "my-account")
    rea.page.get_by_role("button", name="Save").click()
    expect(rea.page.locator(".messagelist")).to_contain_text("Saved.")

    ana.link("Mesotherapy")
    keep(ana.page, "guide")
    ana.link(re.compile("^Risks"))
    ana.click(box(ana.page))
    box(ana.page).fill(f"{box(ana.page).input_value()}\n\n{WORDS}\n")
    keep(ana.page, "section")
    ana.click(ana.page.get_by_role("button", name="Save", exact=True))
    expect(ana.page.locator(".messagelist")).to_contain_text("Saved as a draft")
    with ana.page.expect_popup() as opened:
        ana.link("Preview")
    expect(opened.value.locator("main")).to_contain_text(WORDS)
    keep(opened.value, "preview")
    ana.click(ana.page.locator(".breadcrumbs a").nth(1))
    ana.button("Send for review")
    expect(ana.page.locator(".messagelist")).to_contain_text("Sent for review.")
    keep(ana.page, "sent")

    rea.page.goto(f"{site.url}/admin/")
    keep(rea.page, "waiting")
    rea.click(rea.page.locator(".desk-block a").first)
    expect(rea.page.locator("ins", has_text=WORDS)).to_be_visible()
    keep(rea.page, "sign")
    with rea.page.expect_popup() as opened:
        rea.link("Everything on one page")
    expect(opened.value.locator("main")).to_contain_text(WORDS)
    rea.button("I have read this and sign it")
    expect(rea.page.locator(".messagelist")).to_contain_text("Signed")

    pia.page.goto(f"{site.url}/admin/")
    pia.click(pia.page.locator(".desk-block a").first)
    keep(pia.page, "publish")
    pia.button("Publish the signed text")
    expect(pia.page.locator(".messagelist")).to_contain_text("Published")

    reader = browser.new_context().new_page()
    reader.goto(f"{site.url}/mesotherapy/risks/")
    expect(reader.get_by_text(WORDS)).to_be_visible()
    expect(reader.locator("body")).to_contain_text("Rea Holm")
    counted = [person.clicks for person in (ana, rea, pia)]
    print(f"clicks from the first page of each: {counted}")
    for page in (founder, ana.page, rea.page, pia.page, reader):
        page.context.close()
    assert counted[0] <= 7, "with the way from the public page to the desk, one more"
    assert counted[1] <= 4
    assert counted[2] <= 2
