"""Marking a translation in the content folder, as a translator does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError

from procedures import loading
from tests.conftest import make_document

from .conftest import Ran, write_folder

ORIGINAL = make_document()
SPANISH = make_document(language="es", slug="prueba", title="Prueba")


@pytest.fixture
def both(folder: Path) -> Path:
    return write_folder(folder, [ORIGINAL, SPANISH])


def test_marked_changed_listed_and_marked_again(both: Path, run: Callable[..., Ran]) -> None:
    first = run("mark_translated", "testing/es", "--content", both)
    assert first.code == 0, first.err
    assert "translated:" in (both / "testing/es/guide.yaml").read_text()
    assert run("mark_translated", "--content", both).code == 0

    costs = (replace(ORIGINAL.costs[0], high=700),)
    write_folder(both, [replace(ORIGINAL, costs=costs), loading.read(both).documents[1]])
    listed = run("mark_translated", "--content", both)
    assert listed.code == 1
    assert "testing/guide.yaml#costs/old changed after this was translated" in listed.out
    assert "content/testing/es/guide.yaml:" in listed.out
    assert "1 parts behind" in listed.out

    again = run("mark_translated", "testing/es", "guide.yaml#costs/old", "--content", both)
    assert "1 parts noted as up to date" in again.out
    assert run("mark_translated", "--content", both).code == 0
    assert run("check_content", both).code == 0, run("check_content", both).out


def test_what_all_guides_share_is_not_looked_for(both: Path) -> None:
    reading = loading.read(both)
    assert reading.documents[0].sources != ()
    ((item, original),) = loading.translations(reading)
    assert (item.sources, original.sources, item.language) == ((), (), "es")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["testing/fr"], "there is no such translation (there is: testing/es)"),
        (["testing/es", "risk.md"], "correct its name"),
    ],
)
def test_a_name_that_is_not_there_is_a_sentence_and_changes_nothing(
    words: list[str], said: str, both: Path, run: Callable[..., Ran]
) -> None:
    before = (both / "testing/es/guide.yaml").read_bytes()
    with pytest.raises(CommandError, match=re.escape(said)):
        run("mark_translated", *words, "--content", both)
    assert (both / "testing/es/guide.yaml").read_bytes() == before
