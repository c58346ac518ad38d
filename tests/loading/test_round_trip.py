"""Document → rows → files → document, for guides nobody thought of."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from procedures.document import Document, encode
from procedures.loading import Result, apply, export, plan, read
from procedures.loading.sides import file_side, row_side, side
from procedures.models import Edit
from tests.conftest import write_rows

from .conftest import tree, write_folder
from .strategies import documents

SHARED = ("sources", "terms", "images")
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def other_hand(folder: Path) -> None:
    """Writes every file again as another person might: other quotes, other styles, other white space."""
    for path in sorted(folder.rglob("*.yaml")):
        value = yaml.safe_load(path.read_text())
        path.write_text(
            yaml.safe_dump(
                value, default_style='"' if path.name == "sources.yaml" else None, sort_keys=True, allow_unicode=False
            )
        )
    for path in sorted(folder.rglob("*.md")):
        start, front, body = path.read_text().split("---\n", 2)
        assert start == ""
        text = yaml.safe_dump(yaml.safe_load(front), allow_unicode=False, default_flow_style=True)
        path.write_text(f"---\n{text}---\n\n\n{body}\n \n")


class RoundTrip(TestCase):
    @quick
    @given(document=documents())
    def test_rows_exported_and_read_again_are_the_same_document(self, document: Document) -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "content"
            with override_settings(CONTENT_DIR=folder, MEDIA_ROOT=Path(place) / "media"):
                write_rows(document)
                export(folder)
                reading = read(folder)
                assert [str(problem) for problem in reading.problems] == []
                assert encode(replace(reading.documents[0], **reading.shared())) == encode(document)
                steps = plan(reading).steps
                assert {step.result for step in steps} == {Result.UNCHANGED}

    @quick
    @given(document=documents())
    def test_files_loaded_and_exported_twice_are_the_same_bytes(self, document: Document) -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = write_folder(Path(place) / "content", [document])
            other_hand(folder)
            with override_settings(CONTENT_DIR=folder, MEDIA_ROOT=Path(place) / "media"):
                reading = read(folder)
                assert [str(problem) for problem in reading.problems] == []
                apply(plan(reading))
                assert row_side().texts == side([document], {name: document.items(name) for name in SHARED}).texts
                edits = Edit.objects.count()
                apply(plan(reading))
                assert Edit.objects.count() == edits
                export(Path(place) / "one" / "content")
                export(Path(place) / "two" / "content")
                assert tree(Path(place) / "one") == tree(Path(place) / "two")
                assert file_side(read(Path(place) / "one" / "content")).texts == file_side(reading).texts
                before = tree(folder)
                export(folder)
                assert tree(folder) == before


pytestmark = pytest.mark.django_db
