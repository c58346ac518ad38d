"""Forms as a browser without scripts would send them: read from the HTML, changed by name, posted."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from procedures.pages.inline import STYLE


class Reader(HTMLParser):
    """Collects the fields of every form, and what a strict content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self.buttons: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self.scripts: list[str] = []
        self._form: dict[str, Any] = {}
        self._select: str | None = None
        self._area: str | None = None
        self._script: dict[str, str | None] | None = None
        self._style: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.refused += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        self.refused += [f"<{tag} {name}={value}>" for name, value in attrs if (value or "").startswith("javascript:")]
        if tag == "style":
            self._style = ""
        elif tag == "script":
            self._script = given
            self.scripts.append(given.get("src") or "")
        elif tag == "form":
            self._form = self.forms.setdefault(given.get("id") or given.get("action") or "form", {})
        elif tag == "button":
            self.buttons.append((given.get("name") or "", given.get("value") or ""))
        name = given.get("name")
        if not name or "disabled" in given:
            return
        if tag == "input" and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self._form[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
            self._form.setdefault(name, "")
        elif tag == "textarea":
            self._area = name
            self._form[name] = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "script":
            self._script = None
        elif tag == "style":
            if self._style != STYLE.read_text(encoding="utf-8"):  # the one text whose hash the policy names
                self.refused.append("<style>")
            self._style = None
        elif tag == "textarea":
            if self._area is not None:
                self._form[self._area] = self._form[self._area] or ""
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._style is not None:
            self._style += data
        elif self._area is not None:
            # The first line end after <textarea> is not part of the text; browsers send CRLF.
            text = data.removeprefix("\n") if self._form[self._area] is None else data
            self._form[self._area] = (self._form[self._area] or "") + text.replace("\n", "\r\n")
        elif (
            self._script is not None
            and data.strip()
            and self._script.get("type") not in ("application/json", "application/ld+json")
        ):
            self.refused.append(f"<script>{data.strip()[:40]}")


class Selected(Reader):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        if tag == "option" and self._select is not None and "selected" in given:
            self._form[self._select] = given.get("value") or ""


def read(response: HttpResponse) -> Selected:
    reader = Selected()
    reader.feed(response.content.decode())
    return reader


def fields(client: Client, path: str, form: str) -> dict[str, Any]:
    """What a browser would send for the form with this id if nothing was changed. Rows to be added are left out."""
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code, response.headers.get("Location"))
    found = read(response).forms[form]
    return {name: value for name, value in found.items() if "__prefix__" not in name and name != "csrfmiddlewaretoken"}


def save(client: Client, path: str, form: str, **changes: Any) -> HttpResponse:
    """Opens a page, changes some fields, saves, and follows to the page that answers."""
    return client.post(path, {**fields(client, path, form), **changes}, follow=True)


def said(response: HttpResponse) -> str:
    """The messages shown on the page, one a line."""
    return "\n".join(str(message) for message in response.context["messages"])
