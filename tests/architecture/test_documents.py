"""What the documents name exists: paths, commands, settings, rooms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOP = {path.name for path in ROOT.iterdir()}


def named_paths(text: str) -> set[str]:
    """Words in backticks that begin with a file or folder of the project."""
    words = re.findall(r"`([\w./<>*-]+)`", text)
    return {
        word.rstrip("/")
        for word in words
        if "/" in word
        and word.split("/")[0] in TOP
        and not re.search(r"[<>*]", word)
        and not word.startswith(("var/", ".venv/"))
    }


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_a_document_names_exists(file):
    assert sorted(name for name in named_paths(file.read_text(encoding="utf8")) if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_a_document_names_exists(file):
    text = file.read_text(encoding="utf8")
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert sorted(commands - set(get_commands()) - {"help"}) == []
    assert sorted(set(re.findall(r"`make ([a-z-]+)", text)) - targets()) == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_a_document_names_is_read(file):
    known = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", _sources()))
    named = set(re.findall(r"`([A-Z][A-Z]*_[A-Z_]+)(?:=[^`]*)?`", file.read_text(encoding="utf8")))
    assert sorted(named - known) == []


def _sources() -> str:
    files = [
        path
        for folder in ("mesoinfo", "procedures", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sh")
    ]
    return "\n".join(path.read_text(encoding="utf8") for path in [*files, ROOT / "Makefile", ROOT / ".ci" / "run"])


def test_the_map_names_every_room():
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf8")
    rooms = {path.name for path in (ROOT / "procedures").iterdir() if (path / "__init__.py").is_file()} - {"migrations"}
    assert sorted(room for room in rooms if f"`procedures/{room}" not in text) == []


def test_links_between_documents_lead_somewhere():
    lost = []
    for file in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf8")):
            if not (file.parent / target).exists():
                lost.append(f"{file.relative_to(ROOT)}: {target}")
    assert lost == []


def test_nothing_in_the_project_names_a_place_outside_it():
    private = re.compile(r"(?<![\w.])/(?:work|home|root)/\w|pypi\.org|registry\.npmjs|deb\.debian")
    found = []
    for path in ROOT.rglob("*"):
        if not path.is_file() or LEFT_OUT & set(path.relative_to(ROOT).parts):
            continue
        if path == Path(__file__) or path.suffix in {".png", ".webp", ".jpg", ".ico", ".sqlite3"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf8", errors="replace").splitlines(), 1):
            if private.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda path: path.name)
def test_every_picture_a_document_shows_is_there_and_light(file):
    for words, name in re.findall(r"!\[([^\]]*)\]\(([^):]+)\)", file.read_text(encoding="utf8")):
        assert words, f"{name} has no words for people who cannot see it"
        assert (file.parent / name).stat().st_size <= 200_000, f"{name} is too large: run make screenshot"


def test_the_readme_shows_the_site():
    assert "(docs/screenshot.webp)" in (ROOT / "README.md").read_text(encoding="utf8")
