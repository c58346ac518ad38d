# ruff: noqa: E501 (a clipboard is as long as Word makes it)
"""What the editor does with a paste, a dropped picture and the keyboard; and the count beside the text."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from .test_desk import box, log_in, open_section

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0}</style></head><body>
<h1>What it is<o:p></o:p></h1>
<p class=MsoNormal>A <b>small</b>
needle<o:p></o:p></p>
<h3>Before</h3>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>Eat</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>Drink</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span><![endif]>Go</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-list:Ignore'>2.<span>&nbsp;</span></span><![endif]>Come</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p></body></html>"""

PASTE = """([html, text]) => {
  const given = new DataTransfer();
  if (html) given.setData("text/html", html);
  given.setData("text/plain", text);
  return document.querySelector("textarea[name=body]").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true }));
}"""

DROP = """(data) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)), given = new DataTransfer();
  given.items.add(new File([bytes], "a.png", { type: "image/png" }));
  return document.querySelector("textarea[name=body]").dispatchEvent(
    new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def desk(page: Page, site_url: str, staff: dict[str, str]) -> Iterator[Page]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    log_in(page, site_url, staff)
    open_section(page, site_url)
    yield page
    assert wrong == []


def test_a_paste_from_word_keeps_headings_and_lists_and_nothing_else(desk: Page) -> None:
    box(desk).fill("")
    desk.evaluate(PASTE, [WORD, "What it is A small needle …"])
    assert box(desk).input_value() == (
        "## What it is\n\nA small needle\n\n### Before\n\n- Eat\n- Drink\n\n1. Go\n1. Come"
    )
    expect(desk.locator(".editor-pane ol li")).to_have_count(2)
    expect(desk.locator(".editor-pane ul li")).to_have_count(2)
    box(desk).press("Control+z")
    expect(box(desk)).to_have_value("")


def test_a_paste_without_headings_or_lists_is_plain_text(desk: Page) -> None:
    box(desk).fill("")
    plain = desk.evaluate(PASTE, ["<p>One <img src=x onerror=alert(1)>two</p>", "One two"])
    assert plain is True, "the browser pastes the plain text itself"
    desk.evaluate(PASTE, ["", "•\tone\r\n•\ttwo\u00ad\u200b"])
    expect(box(desk)).to_have_value("- one\n- two")


def test_a_dropped_picture_asks_for_words_and_stands_in_the_text(desk: Page) -> None:
    data = io.BytesIO()
    Pillow.new("RGB", (30, 20), "maroon").save(data, "PNG")
    box(desk).fill("Above")
    box(desk).press("End")
    desk.evaluate(DROP, base64.b64encode(data.getvalue()).decode())
    window = desk.get_by_role("dialog")
    expect(window.locator("input[type=file]")).to_have_count(0)
    window.get_by_role("button", name="Insert").click()
    expect(window).to_be_visible()  # words are required
    window.get_by_label("What does the picture show").fill("A dark red field")
    window.get_by_role("button", name="Insert").click()
    expect(desk.locator(".editor-pane img")).to_have_attribute("alt", "A dark red field")
    expect(box(desk)).to_have_value("Above\n\n![A dark red field](image:a-dark-red-field)\n")


def test_words_and_grade_are_counted_beside_the_text_without_being_read_aloud(desk: Page) -> None:
    box(desk).fill("Two words.")
    counts = desk.locator(".editor-status:not([role])")
    expect(counts).to_have_text("2 words")
    box(desk).fill("The needle is small and it goes into the skin. " * 4)
    expect(counts).to_contain_text("40 words · reading grade")
    expect(counts).to_contain_text("longest sentence 10 words")
    assert counts.get_attribute("aria-live") is None


def test_help_for_the_keyboard_opens_without_a_mouse(desk: Page) -> None:
    summary = desk.locator(".editor-help summary")
    summary.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Tab goes on to the next field")).to_be_visible()
    box(desk).fill("word")
    box(desk).select_text()
    box(desk).press("Control+b")
    expect(box(desk)).to_have_value("**word**")


def test_a_finding_leads_to_its_line(desk: Page) -> None:
    box(desk).fill("First line.\n\nText.[^no-such-source]")
    desk.locator(".editor-problems button").first.click()
    assert desk.evaluate("getSelection().toString()") == "Text.[^no-such-source]"
