"""What only a browser can tell of readers' pages: where the help line lies, that folds open, and what paper gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

GUIDE = "/mesotherapy/"
SECTIONS = ("overview", "benefits", "candidacy", "procedure", "recovery", "risks", "side-effects", "costs")
PAGES = [GUIDE, *(f"{GUIDE}{name}/" for name in (*SECTIONS, "all", "options", "get-help"))]


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_help_lies_on_the_first_screen_of_a_small_phone(phone, site_url, path):
    phone.goto(site_url + path)
    line = phone.locator(".emergency-line a, .care-emergency a.call-now").first
    box = line.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640, box
    assert line.get_attribute("href") in ("/mesotherapy/get-help/", "tel:911")


def test_contents_fold_into_one_line_that_opens_without_script(browser, site_url):
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}/mesotherapy/candidacy/")
    fold = page.locator(".contents-fold summary")
    assert fold.inner_text().startswith("3 of 8 · ")
    current = page.locator('.contents-fold [aria-current="page"]')
    assert not current.is_visible()
    fold.click()
    assert current.is_visible()
    context.close()


def test_on_a_desk_the_contents_stand_beside_the_text(browser, site_url):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{site_url}/mesotherapy/risks/")
    contents, text = page.locator(".contents").bounding_box(), page.locator("main").bounding_box()
    assert contents is not None
    assert text is not None
    assert contents["x"] + contents["width"] <= text["x"]
    assert page.locator(".contents-fold").is_hidden()
    context.close()


def test_a_mark_leads_to_its_entry(phone, site_url):
    phone.goto(f"{site_url}/mesotherapy/risks/")
    mark = phone.locator(".mark a").first
    target = mark.get_attribute("href")
    mark.click()
    entry = phone.locator(target)
    assert entry.is_visible()
    assert entry.bounding_box()["y"] < 640


def test_drawings_are_no_wider_than_a_small_phone(phone, site_url):
    phone.goto(f"{site_url}/mesotherapy/all/")
    boxes = [drawing.bounding_box() for drawing in phone.locator(".drawing svg").all()]
    assert len(boxes) >= 4
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_whole_guide_prints_with_every_urgency_in_words(browser, site_url, tmp_path: Path, paper):
    page = browser.new_page()
    page.goto(f"{site_url}/mesotherapy/all/")
    file = tmp_path / "guide.pdf"
    page.pdf(path=file, format=paper)
    page.close()
    words = _text(file)
    assert "Call 911 now if you have" in words
    assert "Be seen today if you have" in words
    assert "Not yet reviewed by a clinician" in words
    assert "https://doi.org/" in words
    assert "Skip to the text" not in words


def test_the_names_of_the_choices_stand_on_every_sheet_of_their_table(browser, site_url, tmp_path: Path):
    page = browser.new_page()
    page.goto(f"{site_url}/mesotherapy/options/")
    file = tmp_path / "choices.pdf"
    page.pdf(path=file, format="Letter")
    page.close()
    sheets = [" ".join(sheet.extract_text().split()) for sheet in PdfReader(file).pages]
    rows = ("What it is", "Recovery", "What nobody")
    own = [next(sheet for sheet in sheets if row in sheet) for row in rows]
    assert len(set(own)) > 1, "the table has become so short that this proves nothing"
    assert all("Kybella shots under the chin" in sheet for sheet in own)


def _text(file: Path) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(file).pages)
