"""One stylesheet, made of six layers, current and within its rules."""

from __future__ import annotations

import re

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template

from procedures.pages import stylesheet


def test_the_joined_stylesheet_is_current():
    assert stylesheet.JOINED.read_text() == stylesheet.joined(), "run: python -m procedures.pages.stylesheet"


def test_the_stylesheet_is_small():
    assert len(brotli.compress(stylesheet.JOINED.read_bytes())) <= 8 * 1024


def test_a_block_that_begins_with_an_id_is_no_comment_of_a_template(tmp_path):
    for name in stylesheet.LAYERS:
        (tmp_path / f"{name}.css").write_text("@media print { #main { color: red; } }")
    text = stylesheet.joined(tmp_path)
    assert "{ #main{color:red}" in text
    assert Template(text).render(Context()) == text


@pytest.mark.parametrize("name", stylesheet.LAYERS)
def test_a_layer_keeps_the_rules(name):
    text = (stylesheet.FOLDER / f"{name}.css").read_text()
    assert f"@layer {name} {{" in text
    assert "!important" not in text
    if name != "tokens":
        assert not re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)|\brgba?\(|\bhsla?\(|\boklch\(", text)
    physical = r"(?:margin|padding|border)-(?:left|right|top|bottom)\b|(?<![-\w])(?:left|right|top|bottom):|text-align: (?:left|right)"
    assert not re.findall(physical, text)


def test_every_file_a_template_names_is_there():
    root = stylesheet.FOLDER.parents[1]
    named = {
        name
        for template in (root / "templates").rglob("*.html")
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", template.read_text(encoding="utf-8"))
    }
    assert "icons/icon.svg" in named
    assert [name for name in sorted(named) if not finders.find(name)] == []
