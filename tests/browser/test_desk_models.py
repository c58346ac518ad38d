"""List, add and change page of every model of the desk, errors showing too: accessible, and never wider than a tablet."""

from __future__ import annotations

from functools import partial

from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from playwright.sync_api import Browser, Page

from .test_desk import AXE, log_in, look


def _models() -> list[str]:
    """`app/model` of everything the desk knows."""
    return sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry)


def _save_badly(page: Page) -> bool:
    """Empties what must be filled in and sends the form as a browser without checks of its own would."""
    button = page.locator(".submit-row [name=_save]")
    if not button.count():
        return False
    page.locator("form:has(.submit-row)").first.evaluate("form => { form.noValidate = true }")
    boxes = page.locator("form:has(.submit-row) :is(input[type=text], textarea):visible:enabled")
    for box in boxes.all()[:40]:
        if not box.get_attribute("readonly"):
            box.fill("")
    button.first.click()
    return bool(page.locator(".errornote").count())


def test_every_model_of_the_desk(browser: Browser, site_url: str, staff: dict[str, str]) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page, axe, broken = context.new_page(), partial(Axe().run, options=AXE), list[str]()
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page, site_url, staff)
    number = page.locator("a.desk-guide", has_text="Mesotherapy").get_attribute("href").split("/")[-3]  # type: ignore[union-attr]
    seen, wrong_shown = [], []
    for model in _models():
        base = f"{site_url}/admin/{model}/"
        answer = page.goto(base)
        assert answer is not None
        paths = (
            [f"{base}add/", f"{base}add/?guide={number}"] if answer.status == 200 else [f"{base}add/?guide={number}"]
        )
        if answer.status == 200:
            look(page, axe, broken, f"{model}: list")
            seen.append(f"{model}: list")
            first = page.locator(f"#result_list a[href*='/{model}/'][href*='/change/']").first
            if first.count():
                paths.append(f"{site_url}{first.get_attribute('href')}")
        if len(paths) < 3:
            page.goto(f"{site_url}/admin/procedures/guide/{number}/change/")
            row = page.locator(f"a[href*='/{model}/'][href*='/change/']").first
            if row.count():
                paths.append(f"{site_url}{row.get_attribute('href')}")
        for path in dict.fromkeys(paths):
            answer = page.goto(path)
            name = f"{model}: {'change' if '/change/' in path else 'add'}"
            if answer is None or answer.status != 200 or name in seen:
                continue
            look(page, axe, broken, name)
            seen.append(name)
            if _save_badly(page):
                look(page, axe, broken, f"{name} with errors")
                wrong_shown.append(name)
    context.close()
    print(f"{len(seen)} pages, {len(wrong_shown)} of them with errors too: {seen}")
    assert len(seen) >= 20, seen
    assert len(wrong_shown) >= 8, wrong_shown
    assert broken == [], "\n".join(broken)
