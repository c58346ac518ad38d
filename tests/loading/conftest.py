"""A content folder on disk, and the commands as people run them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image as Pillow

from procedures import images
from procedures.document import Document
from procedures.loading.writing import files
from tests.conftest import make_document


def picture(colour: str = "teal", *, size: tuple[int, int] = (60, 40)) -> bytes:
    """The bytes of a clean picture."""
    made = io.BytesIO()
    Pillow.new("RGB", size, colour).save(made, "PNG")
    return images.clean(made.getvalue()).data


def write_folder(folder: Path, documents: Iterable[Document]) -> Path:
    """Content files in the canonical form, without pictures."""
    documents = list(documents)
    shared = {
        name: {item.key: item for document in documents for item in document.items(name)}.values()
        for name in ("sources", "terms", "images")
    }
    for name, text in files(documents, shared).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """The content folder: one guide that uses every part, as files alone. MEDIA_ROOT is empty."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CONTENT_DIR = tmp_path / "content"
    return write_folder(tmp_path / "content", [make_document()])


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Runs a management command: run("load_content", "--dry-run").code"""

    def command(name: str, *words: object) -> Ran:
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command(name, *[str(word) for word in words], stdout=out, stderr=err)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    return command


def replace(path: Path, before: str, after: str) -> None:
    """Changes a file as an author would; the text to change must stand in it once."""
    text = path.read_text()
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path.name}"
    path.write_text(text.replace(before, after))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
