"""Whoever follows the runbook in a hurry finds the buttons and commands it names."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "security.md").read_text(encoding="utf8").partition("## Runbook")[2]
COMMAND = re.compile(r"deploy/manage((?: [A-Z_]+=\S+)*) ([a-z_]+)((?: --[a-z-]+)*)")
OF_DJANGO = {"By person", "Reset password", "Users"}
"""Labels that Django's own admin makes."""


def labels(text: str) -> set[str]:
    return {" ".join(found.split()) for found in re.findall(r"(?<![*\w])\*([^*]+)\*(?![*\w])", text)}


def shown() -> set[str]:
    """Every word that is shown to somebody: what templates translate, what the code passes to gettext."""
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "procedures").rglob("*.py")]
    found = re.findall(r'"([^"\n{}]+)"', "\n".join(path.read_text(encoding="utf8") for path in files))
    return {word.removesuffix("…").casefold() for word in found}


def test_every_label_the_runbook_names_stands_on_a_screen() -> None:
    headings = {line.lstrip("# ") for line in RUNBOOK.splitlines() if line.startswith("### ")}
    named = labels(RUNBOOK) - headings - {"italics"}
    assert len(named) > 25, named
    known = shown() | {word.casefold() for word in OF_DJANGO}
    assert {label for label in named if label.removesuffix("…").casefold() not in known} == set()


def test_every_command_of_the_runbook_and_each_of_its_options_exists() -> None:
    others = (ROOT / "docs" / "operating.md", ROOT / "deploy" / "nginx.conf", ROOT / "deploy" / "environment")
    texts = (RUNBOOK, *(path.read_text(encoding="utf8") for path in others))
    named = {found for text in texts for found in COMMAND.findall(text)}
    assert len(named) > 10, named
    settings = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    for given, name, options in named:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert set(re.findall(r"([A-Z_]+)=", given)) <= settings, (given, name)
        assert set(options.split()) <= set(parser._option_string_actions), (name, options)
    assert "manage.py" not in RUNBOOK  # by hand it would work in another folder
