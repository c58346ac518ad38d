"""The screens people meet rarely: clashes, links to share, the way back, pictures, the ways in. SCREENS=folder keeps pictures.

Each is brought up by the steps that lead to it, read by axe light at 1280 px, its contrast dark at 820 px, where it must not
scroll sideways.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp.oath import totp
from PIL import Image as Pillow
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import Site
from .test_desk import AXE, box, log_in

PASSWORD = "a-long-pass-word"
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PEOPLE = {"olga": ("Author", "Olga Berg"), "rut": ("Medical reviewer", "Rut Lang"), "per": ("Publisher", "Per Dahl")}
ELSEWHERE = (
    "a guide in review",
    "a guide that was signed",
    "a guide that waits for its time",
    "sending refused by the checks",
    "every save",
    "everything that happened",
    "accounts",
    "one account",
    "a guide that was sent back",
    "first page of a reviewer",
    "section with errors in its text",
    "in by a recovery code",
)
"""Long pages axe reads in other tests too: only pictures are kept of them here."""
LEAST = 48
"""Fewer screens than this were not all of them."""
NOTED = "Somebody noted this while the page was open."


@dataclass
class Looks:
    """What was looked at and what was wrong with it."""

    seen: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def at(self, page: Page, name: str) -> None:
        """Looks at a page as it stands, twice, and leaves it light and wide."""
        if name in ELSEWHERE and "SCREENS" not in os.environ:
            return
        self.seen.append(name)
        self._judge(Axe().run(page, options=AXE).response, name)
        self._keep(page, name, "light")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 820, "height": 900})
        self._judge(page.evaluate("options => axe.run(document, options)", CONTRAST), f"{name}, dark")
        if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            self.broken.append(f"{name} is {wide} px wider than the window")
        self._keep(page, name, "dark")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 900})

    def _judge(self, response: dict[str, list[dict[str, list[dict[str, str]]]]], name: str) -> None:
        for found in response["violations"]:
            self.broken.append(f"{name}: {found['id']}: {found['nodes'][0]['html'][:160]}")

    def _keep(self, page: Page, name: str, scheme: str) -> None:
        if folder := os.environ.get("SCREENS"):
            file = f"{len(self.seen):02}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{scheme}.png"
            page.screenshot(path=Path(folder, file), full_page=True)


def enter(browser: Browser, site: Site, name: str, password: str = PASSWORD) -> Page:
    page = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    ).new_page()
    page.set_default_timeout(8000)
    log_in(page, site.url, {"username": name, "password": password})
    return page


def go(page: Page, what: Locator) -> None:
    """Clicks what leads to another page and waits until that is there."""
    with page.expect_navigation():
        what.click()


def press(page: Page, name: str) -> None:
    go(page, page.get_by_role("button", name=name, exact=True).first)


def unchecked(page: Page) -> None:
    """Lets the server, not the browser, say what is wrong."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")


def says(page: Page, words: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(words)


def mailed(site: Site, address: str, start: str) -> str:
    """The address of ours that stands in the last mail to somebody."""
    mail = Path(site.environment["DATA_DIR"], "server.log").read_text().rpartition(f"To: {address}")[2]
    found = re.search(rf"{start}\S+", mail)
    assert found, mail
    return f"{site.url}{found[0]}"


@pytest.mark.torture
@pytest.mark.skipif(
    not os.environ.get("TORTURE"),
    reason="some fifty screens, two minutes of walking: make torture (others walk the usual ways)",
)
def test_screens_people_meet_rarely(browser: Browser, site: Site, staff: dict[str, str]) -> None:
    site.manage(
        "shell",
        "-c",
        "from django.contrib.auth.models import Group, User\n"
        f"for name, (role, whole) in {PEOPLE!r}.items():\n"
        "    first, last = whole.split()\n"
        f"    user = User.objects.create_user(name, f'{{name}}@example.org', {PASSWORD!r}, is_staff=True, "
        "first_name=first, last_name=last)\n"
        "    user.groups.add(Group.objects.get(name=role))\n",
    )
    looks = Looks()
    author, founder = enter(browser, site, "olga"), enter(browser, site, **staff_of(staff))
    reviewer, publisher = enter(browser, site, "rut"), enter(browser, site, "per")
    guide = author.locator("a.desk-guide", has_text="Mesotherapy").get_attribute("href")
    assert guide
    hub = f"{site.url}{guide}"
    before = written(author, hub, looks, founder)
    reviewed(reviewer, author, hub, looks)
    released(publisher, reviewer, hub, looks)
    tidied(author, hub, before)
    pictured(publisher, author, site, looks)
    kept(founder, site, looks)
    invited(founder, browser, site, looks)
    doubled(author, site, looks)
    forgotten(publisher, site, looks)
    for page in (author, founder, reviewer, publisher):
        page.context.close()
    print(f"{len(looks.seen)} screens, each twice: {looks.seen}")
    assert looks.broken == [], "\n".join(looks.broken)
    assert len(set(looks.seen)) >= LEAST, looks.seen


def staff_of(staff: dict[str, str]) -> dict[str, str]:
    return {"name": staff["username"], "password": staff["password"]}


def section_of(page: Page, hub: str, name: str = "Costs") -> None:
    page.goto(hub)
    go(page, page.locator(".hub-list a[href*='/section/']", has_text=name).first)


def written(author: Page, hub: str, looks: Looks, founder: Page) -> tuple[str, str]:
    """Two people at one section and at one list; errors and where they lead. Returns the section's address and first text."""
    section_of(founder, hub)
    section_of(author, hub)
    section, first = author.url, box(author).input_value()
    delete = section.replace("/change/", "/delete/")
    founder.goto(delete)
    box(author).fill(f"{NOTED} {first}\n\nThe author added a paragraph.\n")
    press(author, "Save")
    says(author, "Saved as a draft")
    looks.at(founder, "delete a section")
    other = founder.context.new_page()
    other.goto(section)
    box(author).fill(f"{NOTED} Twice. {first}\n\nThe author added a paragraph.\n")
    press(author, "Save")
    says(author, "Saved as a draft")
    box(other).fill(f"{NOTED} Never. {first}\n\nThe author added a paragraph, and so did somebody.\n")
    press(other, "Save")
    expect(other.get_by_role("heading", level=1)).to_contain_text("Somebody saved this")
    looks.at(other, "clash in a section")
    press(other, "Save the merged text")
    says(other, "Saved as a draft")
    other.close()
    press(founder, "Delete")
    expect(founder.get_by_role("button", name="Delete it all the same")).to_be_visible()
    looks.at(founder, "delete what somebody saved meanwhile")
    questions(author, founder, hub, looks)

    author.goto(section)
    box(author).fill(f"## The price\n\nIt costs $900 a session. See [there](section:nowhere).\n\n{NOTED} {first}\n")
    press(author, "Save")
    if author.locator(".errornote").count():
        looks.at(author, "section with errors in its text")
        box(author).fill(f"## The price\n\nIt costs $900 a session, as 40% say.\n\n{NOTED} {first}\n")
        press(author, "Save")
    says(author, "Saved as a draft")
    expect(author.locator(".findings .stops").first).to_be_visible()
    looks.at(author, "section with findings that stop")
    author.goto(hub)
    looks.at(author, "a guide with findings that stop")
    go(author, author.locator(".findings .stops a[href*='/section/']").first)
    expect(box(author)).to_be_focused()  # one click leads to the place
    author.goto(hub)
    press(author, "Send for review")
    looks.at(author, "sending refused by the checks")
    author.goto(section)
    box(author).fill(f"{NOTED} {first}")
    press(author, "Save")
    says(author, "Saved as a draft")
    go(author, author.get_by_role("link", name="History"))
    looks.at(author, "saves of a section")
    author.locator("input[name=old]").last.check()
    author.locator("input[name=new]").first.check()
    press(author, "Show what differs between the two")
    looks.at(author, "two saves of a section")
    return section, first


def questions(author: Page, founder: Page, hub: str, looks: Looks) -> None:
    for page in (author, founder):
        page.goto(hub)
        page.get_by_role("link", name="Questions", exact=True).click()
    was = author.locator("[name=questions-0-why]").input_value()
    for page, words in ((author, "Ask before you pay."), (founder, "Ask twice.")):
        page.locator("#questions-0 summary").first.click()
        page.locator("[name=questions-0-why]").fill(words)
        press(page, "Save")
    expect(founder.get_by_role("button", name="Save the merged text")).to_be_visible()
    looks.at(founder, "clash in a list")
    expect(founder.locator("[name=questions-0-why]")).to_be_visible()
    founder.locator("[name=questions-0-why]").fill(was)
    press(founder, "Save the merged text")
    says(founder, "Saved as a draft")


def reviewed(reviewer: Page, author: Page, hub: str, looks: Looks) -> None:
    author.goto(hub)
    press(author, "Send for review")
    says(author, "Sent for review.")
    looks.at(author, "a guide in review")
    reviewer.reload()
    looks.at(reviewer, "first page of a reviewer")
    go(reviewer, reviewer.locator(".desk-block a").first)
    looks.at(reviewer, "read and sign")
    press(reviewer, "Send back")
    looks.at(reviewer, "send back without a word")
    reviewer.get_by_label("What is to be changed").fill("Say who noted it.")
    press(reviewer, "Send back")
    says(reviewer, "Sent back")
    author.goto(hub)
    looks.at(author, "a guide that was sent back")
    press(author, "Send for review")
    says(author, "Sent for review.")
    go(author, author.get_by_role("link", name="History"))
    looks.at(author, "history of a guide")
    press(author, "Show what differs")
    looks.at(author, "two texts of a guide")
    author.go_back()
    go(author, author.get_by_role("link", name="Share…").first)
    looks.at(author, "share")
    press(author, "Stop all links of this guide")
    looks.at(author, "share, stopped")
    author.goto(hub)
    go(author, author.get_by_role("link", name="History"))
    go(author, author.get_by_role("link", name="Bring back…").last)
    looks.at(author, "bring an old text back")
    go(author, author.get_by_role("link", name="History"))
    go(author, author.locator(".saves a").first)
    looks.at(author, "saves of a piece")


def released(publisher: Page, reviewer: Page, hub: str, looks: Looks) -> None:
    reviewer.goto(reviewer.url)
    reviewer.goto(hub)
    go(reviewer, reviewer.get_by_role("link", name="Read and sign…"))
    press(reviewer, "I have read this and sign it")
    looks.at(reviewer, "sign with errors")
    reviewer.get_by_label("Your credentials").fill("RN")
    reviewer.get_by_label("Your registration").fill("NY 12")
    press(reviewer, "I have read this and sign it")
    says(reviewer, "Signed")
    looks.at(reviewer, "a guide that was signed")
    publisher.reload()
    looks.at(publisher, "first page of a publisher")
    publisher.goto(hub)
    go(publisher, publisher.get_by_role("link", name="Publish at…"))
    publisher.locator("input[type=datetime-local]").fill("2020-01-01T10:00")
    press(publisher, "Publish at this time")
    looks.at(publisher, "publish at a time that is past")
    publisher.locator("input[type=datetime-local]").fill("2090-01-01T10:00")
    press(publisher, "Publish at this time")
    says(publisher, "2090")
    looks.at(publisher, "a guide that waits for its time")
    go(publisher, publisher.get_by_role("link", name="Take down…"))
    press(publisher, "Take down")
    looks.at(publisher, "take a guide down without a reason")


def tidied(author: Page, hub: str, before: tuple[str, str]) -> None:
    """The draft says again what it said; a text that waits for its time gives way to it."""
    section, first = before
    author.goto(section)
    box(author).fill(first)
    press(author, "Save")
    says(author, "Saved as a draft")
    author.goto(hub)
    press(author, "Send for review")


def picture(colour: str) -> dict[str, object]:
    data = io.BytesIO()
    Pillow.new("RGB", (1200, 500), colour).save(data, "PNG")
    return {"name": "picture.png", "mimeType": "image/png", "buffer": data.getvalue()}


def pictured(publisher: Page, author: Page, site: Site, looks: Looks) -> None:
    library = f"{site.url}/admin/procedures/image/"
    author.goto(f"{library}add/")
    unchecked(author)
    press(author, "Save")
    looks.at(author, "add a picture, nothing given")
    author.locator("input[type=file]").set_input_files(picture("teal"))  # type: ignore[arg-type]
    author.get_by_label("Words").or_(author.locator("[name=words]")).first.fill(
        "A wide teal field without anything in it"
    )
    press(author, "Save")
    says(author, "Saved")
    looks.at(author, "a picture")
    go(author, author.get_by_role("link", name="New version…"))
    press(author, "Put the new version in")
    looks.at(author, "new version of a picture, nothing given")
    author.locator("input[type=file]").set_input_files(picture("brown"))  # type: ignore[arg-type]
    press(author, "Put the new version in")
    says(author, "The new version is in the library")
    publisher.goto(author.url)
    go(publisher, publisher.get_by_role("link", name="Take down…"))
    press(publisher, "Take down")
    looks.at(publisher, "take a picture down without a reason")
    publisher.get_by_label("Why").fill("Nobody agreed to it.")
    press(publisher, "Take down")
    says(publisher, "Taken down")
    looks.at(publisher, "a picture that was taken down")
    publisher.goto(f"{library}?q=teal")
    looks.at(publisher, "pictures found by a search")
    publisher.goto(f"{library}?q=nosuchpicture")
    looks.at(publisher, "no picture found")
    publisher.goto(author.url)
    press(publisher, "Put back")
    says(publisher, "Put back")
    source = f"{site.url}/admin/procedures/source/1/change/"
    author.goto(source)
    was = author.locator("[name=supports]").input_value()
    for words in (f"{was} Noted.", was):
        author.locator("[name=supports]").fill(words)
        press(author, "Save")
        says(author, "Saved as a draft")
        if words != was:
            looks.at(author, "a source whose released form is older")


def kept(founder: Page, site: Site, looks: Looks) -> None:
    admin = f"{site.url}/admin/"
    for path, name in (
        ("", "first page of an administrator"),
        ("procedures/files/", "edited here, not in the files"),
        ("procedures/mails/", "mails on or off"),
        ("procedures/edit/", "every save"),
        ("procedures/publicationevent/", "everything that happened"),
        ("auth/user/", "accounts"),
    ):
        founder.goto(f"{admin}{path}")
        looks.at(founder, name)
    go(founder, founder.locator("#result_list a", has_text="olga").first)
    looks.at(founder, "one account")


def invited(founder: Page, browser: Browser, site: Site, looks: Looks) -> None:
    founder.goto(f"{site.url}/admin/procedures/invitation/add/")
    unchecked(founder)
    press(founder, "Send the invitation")
    looks.at(founder, "invite somebody, nothing given")
    founder.get_by_label("Name").fill("Tove Falk")
    founder.get_by_label("E-mail address").fill("tove@example.org")
    founder.get_by_label("Author").check()
    press(founder, "Send the invitation")
    looks.at(founder, "an invitation that was sent")
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce")
    link = mailed(site, "tove@example.org", "/admin/invitation/")
    page.goto(link)
    page.get_by_label("Password, again").fill("short")
    unchecked(page)
    press(page, "Make my account")
    looks.at(page, "an invited person, password missing")
    press(founder, "Take back")
    looks.at(founder, "an invitation that was taken back")
    page.goto(link)
    looks.at(page, "an invitation that leads nowhere")
    page.close()


def doubled(author: Page, site: Site, looks: Looks) -> None:
    """The second step: set up, its recovery codes, asked for, typed wrong, used up."""
    account = f"{site.url}/admin/my-account/"
    author.goto(account)
    looks.at(author, "my account of an author")
    go(author, author.get_by_role("link", name="Change password"))
    unchecked(author)
    go(author, author.locator("form[method=post] [type=submit]").last)
    looks.at(author, "change password, nothing given")
    author.goto(account)
    go(author, author.get_by_role("link", name="Set up a second step"))
    author.get_by_label("Code").fill("000")
    press(author, "Turn it on")
    author.locator(".steps summary").click()
    looks.at(author, "set up the second step, wrong code")
    key = author.locator(".key").inner_text()
    author.get_by_label("Code").fill(f"{totp(base32(key)):06}")
    press(author, "Turn it on")
    looks.at(author, "recovery codes")
    code = author.locator(".codes code").first.inner_text()
    go(author, author.get_by_role("link", name="I have kept them"))
    looks.at(author, "my account with a second step")
    press(author, "Log out")
    looks.at(author, "logged out")
    log_in(author, site.url, {"username": "olga", "password": PASSWORD})
    author.get_by_label("Code").fill("aaaa-bbbb")
    press(author, "Go on")
    looks.at(author, "second step, wrong code")
    author.wait_for_timeout(1100)  # a wrong code closes the next try for a second
    author.get_by_label("Code").fill(code)
    press(author, "Go on")
    says(author, "used up")
    looks.at(author, "in by a recovery code")


def base32(key: str) -> bytes:
    import base64

    plain = key.replace(" ", "").upper()
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def forgotten(page: Page, site: Site, looks: Looks) -> None:
    press(page, "Log out")
    page.goto(f"{site.url}/admin/login/")
    unchecked(page)
    press(page, "Log in")
    looks.at(page, "log in, nothing given")
    go(page, page.get_by_role("link", name="I forgot my password"))
    looks.at(page, "forgotten password")
    page.get_by_role("textbox").fill("per@example.org")
    press(page, "Send me the link")
    looks.at(page, "the link is on its way")
    page.goto(mailed(site, "per@example.org", "/admin/password-reset/"))
    page.locator("[name=new_password1]").fill("short")
    page.locator("[name=new_password2]").fill("shorter")
    press(page, "Keep this password")
    looks.at(page, "a new password, refused")
    page.locator("[name=new_password1]").fill("several plain words")
    page.locator("[name=new_password2]").fill("several plain words")
    press(page, "Keep this password")
    looks.at(page, "the password has changed")
    page.goto(f"{site.url}/admin/password-reset/MQ/no-such/")
    looks.at(page, "a link for a new password that is too old")
