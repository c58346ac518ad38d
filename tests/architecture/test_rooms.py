"""Which room may import which. The table is the design's; a broken line says which rule it breaks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "procedures"

MAY_IMPORT: dict[str, set[str]] = {
    "document": set(),
    "rendering": {"document"},
    "models": {"document"},
    "quality": {"document", "rendering"},
    "structured_data": {"document", "rendering"},
    "search": {"models", "document", "rendering"},
    "images": {"models", "document", "pictures"},
    "loading": {"models", "document", "rendering", "quality", "images", "pictures", "rows"},
    "publishing": {"models", "document", "rendering", "quality", "search"},
    "pages": {
        "models",
        "document",
        "rendering",
        "quality",
        "search",
        "structured_data",
        "requests",
        "pictures",
        "rows",
    },
    "prerender": {"models", "pages", "rows"},
    "upkeep": {"models", "document", "publishing", "prerender", "requests", "pictures"},
    "staff": {"models", "requests"},
    "admin": {
        "models",
        "document",
        "rendering",
        "quality",
        "loading",
        "publishing",
        "images",
        "staff",
        "requests",
        "upkeep",
    },
    "checks": set(),
    "requests": set(),
    "pictures": set(),
    "restarting": set(),
    "rows": set(),
    "memory": set(),
    "apps": {"checks", "staff"},
    "migrations": {"models", "document", "search"},
}
"""Room → rooms it may import. `management` may import every room."""

PURE = {
    "document": ("django",),
    "rendering": ("django.db", "django.conf", "django.http", "django.shortcuts", "django.core"),
    "restarting": ("django",),
    "rows": ("django",),
    "memory": ("django",),
}
"""Room → packages it must do without."""


def _imports(file: Path, *, root: Path = ROOT) -> list[tuple[int, str]]:
    """Every import of a file, lazy ones too, as (line, absolute dotted name)."""
    package = list(file.relative_to(root).parent.parts)
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            found += [(node.lineno, ".".join([*module, alias.name])) for alias in node.names]
    return found


def _room(file: Path, *, root: Path = ROOT) -> str:
    return file.relative_to(root / "procedures").parts[0].removesuffix(".py")


def broken_rules(files: list[Path], *, root: Path = ROOT) -> list[str]:
    broken = []
    for file in files:
        room, place = _room(file, root=root), file.relative_to(root)
        allowed = MAY_IMPORT.get(room, set())
        for number, name in _imports(file, root=root):
            if name.split(".")[0] == "mesoinfo":
                broken.append(f"{place}:{number}: imports {name}: nothing in procedures/ knows the project around it")
            if any(name == taboo or name.startswith(f"{taboo}.") for taboo in PURE.get(room, ())):
                broken.append(f"{place}:{number}: imports {name}: {room}/ is pure")
            parts = name.split(".")
            if parts[0] != "procedures" or len(parts) < 2 or room in ("management", "__init__"):
                continue
            if parts[1] != room and parts[1] not in allowed:
                broken.append(f"{place}:{number}: {room} imports {parts[1]}; it may only import {sorted(allowed)}")
    return broken


def python_files() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def test_every_import_stays_within_the_table():
    assert broken_rules(python_files()) == []


def test_a_forbidden_import_is_found_wherever_it_hides(tmp_path):
    file = tmp_path / "procedures" / "pages" / "views.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "def view():\n    from ..publishing import publish\n    import mesoinfo.urls\n    from .. import models\n"
    )
    assert [line.split(": ")[0] for line in broken_rules([file], root=tmp_path)] == [
        "procedures/pages/views.py:2",
        "procedures/pages/views.py:3",
    ]


@pytest.mark.parametrize("room", sorted(path.name for path in APP.iterdir() if (path / "__init__.py").is_file()))
def test_every_room_says_at_its_front_door_what_it_is_for(room):
    if room in ("management", "migrations"):
        return
    doc = ast.get_docstring(ast.parse((APP / room / "__init__.py").read_text(encoding="utf8"))) or ""
    assert "never" in doc.lower(), f"procedures/{room}/__init__.py must say what lives there and what never does"


def test_every_room_has_a_rule():
    rooms = {_room(file) for file in python_files()} - {"__init__", "management"}
    assert rooms - set(MAY_IMPORT) == set()
