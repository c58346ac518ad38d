"""What makes a start notice that pages must be made anew: a change of templates, code, words, static names or settings."""

from __future__ import annotations

import ast
import copy
import shutil
from pathlib import Path

import pytest

from procedures.prerender import stamp

from .conftest import ROOT


@pytest.fixture
def taken(settings, tmp_path, monkeypatch):
    """Takes the stamp of a copy of the project, anew each time; the copy's folder is `taken.root`."""
    for name in ("procedures", "mesoinfo", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "locale/es/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "locale/es/LC_MESSAGES/django.mo").write_bytes(b"")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").write_text("{}")
    monkeypatch.setattr(stamp, "APP", tmp_path / "procedures")
    engines = copy.deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"] = [tmp_path / "templates"]
    settings.TEMPLATES = engines
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.STATIC_ROOT = tmp_path / "static"

    def take() -> str:
        stamp.code_stamp.cache_clear()
        return stamp.code_stamp()

    take.root = tmp_path
    yield take
    monkeypatch.undo()
    stamp.code_stamp.cache_clear()


PLACES = (
    "templates/procedures/section.html",
    "templates/procedures/sitemap.xml",
    "templates/speculation.json",
    "procedures/pages/views.py",
    "procedures/rendering/of_document.py",
    "procedures/pictures.py",
    "procedures/search/finding.py",
    "mesoinfo/urls.py",
    "mesoinfo/settings/base.py",
    "locale/es/LC_MESSAGES/django.mo",
    "static/staticfiles.json",
)


def test_a_changed_file_changes_the_stamp(taken):
    before = taken()
    assert taken() == before
    for place in PLACES:
        path = taken.root / place
        whole = path.read_bytes()
        path.write_bytes(whole + b" ")
        assert taken() != before, place
        path.write_bytes(whole)
        assert taken() == before


def test_a_new_template_and_one_that_is_gone_change_the_stamp(taken):
    before = taken()
    fresh = taken.root / "templates" / "procedures" / "fresh.html"
    fresh.write_text("")
    assert taken() != before
    fresh.unlink()
    assert taken() == before
    next((taken.root / "templates").rglob("*.html")).unlink()
    assert taken() != before


def test_a_changed_setting_changes_the_stamp(taken, settings):
    before = taken()
    names = [name for name in stamp.SETTINGS if name not in ("TEMPLATES", "ROOT_URLCONF")]  # of which files are taken
    for name in names:
        former = getattr(settings, name)
        setattr(settings, name, "Europe/Berlin" if name == "TIME_ZONE" else f"{former}x")
        assert taken() != before, name
        setattr(settings, name, former)
    assert taken() == before
    assert len(names) > 10


def test_all_that_pages_import_is_in_the_stamp():
    """Rooms imported by what makes the pages, and by those again."""
    app = ROOT / "procedures"
    waiting, seen = ["pages", "prerender"], set()
    while waiting:
        room = waiting.pop()
        if room in seen:
            continue
        seen.add(room)
        path = app / room
        for file in path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]:
            for found in _imported(file, app):
                if (app / found).is_dir() or (app / f"{found}.py").is_file():
                    waiting.append(found)
    named = {Path(room).stem for room in stamp.ROOMS}
    assert seen - named == set()
    print(f"{len(seen)} rooms, all in the stamp")


def _imported(file: Path, app: Path) -> list[str]:
    """The top rooms of the application a file imports."""
    here = ["procedures", *file.relative_to(app).with_suffix("").parts]
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else []
            whole = [*base, *(node.module or "").split(".")]
            names = [whole, *([*whole, alias.name] for alias in node.names)]
            found += [
                piece[1]
                for piece in ([p for p in name if p] for name in names)
                if piece[:1] == ["procedures"] and piece[1:]
            ]
    return found
