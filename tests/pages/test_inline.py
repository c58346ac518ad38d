"""What stands inside every page is the same on each, and the policy allows exactly that."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.template.loader import get_template
from django.test import Client, override_settings

from mesoinfo.headers import HeadersMiddleware, policy
from mesoinfo.settings import dev
from procedures import publishing
from procedures.models import preview_path
from procedures.pages import inline

from .test_views import GUIDE_PAGES, PAGES

ELSEWHERE = ["/search/?q=risk", "/feedback/?page=/", "/no-such-page/", "/testing/plan/", "/testing/changes/"]


def blocks(html: str, tag: str) -> list[str]:
    return re.findall(rf"<{tag}>(.*?)</{tag.split()[0]}>", html, re.DOTALL)


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def directive(answer, name: str) -> list[str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)[name].split()


@pytest.mark.parametrize("path", PAGES + ELSEWHERE)
def test_each_page_holds_the_style_its_policy_allows(both, client, path):
    answer = client.get(path)
    html = answer.content.decode()
    assert "stylesheet" not in html
    assert [hash_of(style) for style in blocks(html, "style")] == directive(answer, "style-src")[1:]
    rules = blocks(html, 'script type="speculationrules"')
    assert len(rules) == (path in GUIDE_PAGES or path in ELSEWHERE[3:])
    assert {hash_of(text) for text in rules} <= set(directive(answer, "script-src")[1:])


def test_previews_and_pages_about_errors_hold_it_too(both, guide, client, person, settings):
    def broken(error: Exception):
        def raise_it(*_args: object) -> None:
            raise error

        with connection.execute_wrapper(raise_it):
            return Client(raise_request_exception=False).get("/testing/")

    settings.LIMITS = {"search": 1}
    asked = [client.get("/search/?q=x") for _ in range(2)]
    answers = [client.get(preview_path(guide)), client.get("/preview/no-token/"), asked[1]]
    answers += [broken(RuntimeError()), broken(OperationalError("unable to open database file"))]
    publishing.withdraw(both, by=person("pia", "Publisher"), why="A recall")
    answers.append(client.get("/testing/"))
    assert [answer.status_code for answer in answers] == [200, 404, 429, 500, 503, 410]
    for answer in answers:
        styles = blocks(answer.content.decode(), "style")
        assert [hash_of(style) for style in styles] == directive(answer, "style-src")[1:], answer.status_code


def test_the_policy_allows_nothing_else_inside_a_page():
    assert settings.SECURE_CSP["style-src"] == ["'self'", inline.allowed(inline.STYLE)]
    assert settings.SECURE_CSP["script-src"] == ["'self'", inline.allowed(inline.RULES)]


@pytest.mark.parametrize("file", [inline.STYLE, inline.RULES], ids=lambda file: file.name)
def test_nothing_in_the_text_ends_its_element_or_is_a_template(file):
    text = file.read_text()
    assert "</" not in text
    assert "<!--" not in text
    assert get_template(file.name).render({}) == text


def test_the_rules_wait_until_a_link_is_pressed_and_only_fetch():
    (rule,) = json.loads(inline.RULES.read_text())["prefetch"]
    assert set(rule) == {"where", "eagerness"}
    assert rule["eagerness"] == "conservative"
    assert rule["where"] == {"selector_matches": ".pager a,:is([class^=contents],.pages) ol a:not([aria-current])"}


def test_while_the_style_is_being_changed_the_policy_follows_it(monkeypatch, rf):
    middleware = HeadersMiddleware(lambda _request: HttpResponse())
    with override_settings(DEBUG=True, SECURE_CSP=dev.SECURE_CSP):
        before = middleware(rf.get("/"))
        read = Path.read_text
        monkeypatch.setattr(Path, "read_text", lambda self, **how: "a{}" if self == inline.STYLE else read(self, **how))
        after = middleware(rf.get("/"))
    assert before.headers["Content-Security-Policy"] == policy(settings.SECURE_CSP)
    assert directive(after, "style-src") == ["'self'", hash_of("a{}")]
