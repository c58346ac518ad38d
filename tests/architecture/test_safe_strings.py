"""One module makes SafeStrings; templates never turn escaping off; no page brings its own script or style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THE_MODULE = ROOT / "procedures" / "rendering" / "safe.py"
MAKERS = re.compile(r"\bmark_safe\b|\bSafeString\(|\bSafeText\b|__html__|\bformat_html_join\(|\bautoescape\b.*False")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN = (
    '<style>{% include "procedures/take_home.css" %}</style>',
    '<style>{% include "site.css" %}</style>',
    '<script type="speculationrules">{% include "speculation.json" %}</script>',
)
"""What stands inside pages: the same bytes on each, whose hash the policy names (test_take_home, test_inline).

The last is data for the browser, like JSON-LD: which links it may fetch once a reader presses them. It cannot run."""


def makers(source: str) -> list[int]:
    return [number for number, line in enumerate(source.splitlines(), 1) if MAKERS.search(line)]


def test_one_module_makes_safe_strings():
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for folder in ("procedures", "mesoinfo")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != THE_MODULE
        for number in makers(file.read_text(encoding="utf8"))
    ]
    assert found == [], "Only procedures/rendering/safe.py makes SafeStrings; use its functions, or a template"


def test_the_module_is_the_one_that_makes_them():
    assert makers(THE_MODULE.read_text(encoding="utf8"))


def unsafe_lines(source: str) -> list[str]:
    found = []
    for own in OWN:
        source = source.replace(own, "")
    for number, line in enumerate(source.splitlines(), 1):
        if re.search(r"\|\s*safe(seq)?\b|autoescape\s+off", line):
            found.append(f"{number}: turns escaping off")
        if re.search(r"\sstyle\s*=|<style\b", line):
            found.append(f"{number}: brings its own style")
        if re.search(r"<[^>]*\son[a-z]+\s*=", line):
            found.append(f"{number}: brings a handler in an attribute")
        if re.search(r"<script(?![^>]*(\bsrc=|application/(ld\+)?json))", line):
            found.append(f"{number}: brings its own script")
        if re.search(r"(src|href)=\"(https?:)?//", line):
            found.append(f"{number}: reaches outside")
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_leave_escaping_on_and_bring_no_code(template):
    assert unsafe_lines(template.read_text(encoding="utf8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "{{ text|safe }}",
        "{{ text | safe }}",
        "{% autoescape off %}",
        '<p style="color: red">',
        '<a href="/" onclick="go()">',
        "<script>go()</script>",
        '<script type="speculationrules">{{ rules }}</script>',
        '<style>{% include "other.css" %}</style>',
        '<img src="https://example.org/x.png">',
        '<link href="//example.org/x.css">',
    ],
)
def test_each_way_around_is_found(line):
    assert unsafe_lines(line)


def test_components_name_their_inputs_in_their_first_line():
    silent = [
        path.name
        for path in (ROOT / "templates" / "components").glob("*.html")
        if not path.read_text().startswith("{#")
    ]
    assert silent == []
