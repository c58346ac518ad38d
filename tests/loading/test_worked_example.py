"""The worked example of docs/writing-content.md is a guide: it loads as it stands there."""

from __future__ import annotations

import re
import textwrap
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from procedures.models import Guide

ROOT = Path(__file__).resolve().parents[2]


def blocks() -> dict[str, str]:
    """The indented text below each paragraph of the example that names a file."""
    text = (ROOT / "docs" / "writing-content.md").read_text(encoding="utf8")
    example = text.split("## A worked example")[1].split("\n## ")[0]
    found = re.findall(r"`([\w.-]+\.(?:yaml|md))`[^\n]*(?:\n[^\n]+)*:\n\n((?:    [^\n]*\n|\n)+)", example)
    return {name: textwrap.dedent(block).strip("\n") + "\n" for name, block in found}


@pytest.mark.django_db
def test_the_worked_example_loads_and_is_released(tmp_path):
    example = blocks()
    assert set(example) == {"guide.yaml", "overview.md", "sources.yaml"}
    content = tmp_path / "content"
    guide = content / "patch-test"
    guide.mkdir(parents=True)
    (content / "sources.yaml").write_text(example["sources.yaml"])
    (content / "glossary.yaml").write_text("[]\n")
    (content / "images.yaml").write_text("[]\n")
    (guide / "guide.yaml").write_text(example["guide.yaml"])
    (guide / "overview.md").write_text(example["overview.md"])
    (guide / "aftercare.md").write_text(example["overview.md"].replace("What a patch test is", "Afterwards"))
    call_command("load_content", content, "--publish", stdout=StringIO())
    assert Guide.objects.live().get().title == "Patch test"
