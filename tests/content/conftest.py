"""The shipped content, read from its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures import loading
from procedures.document import Document, Kind

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def reading() -> loading.Reading:
    found = loading.read(CONTENT)
    assert not found.problems, "\n".join(map(str, found.problems))
    return found


@pytest.fixture(scope="session")
def mesotherapy(reading: loading.Reading) -> Document:
    """The English guide to mesotherapy, with all sources, words and pictures of the folder."""
    (found,) = [one for one in reading.documents if one.folder == "mesotherapy" and one.language == "en"]
    assert found.kind == Kind.PROCEDURE
    return replace(found, **reading.shared())


@pytest.fixture(scope="session")
def ledger() -> dict[str, list[dict[str, str]]]:
    return _yaml(CONTENT / "mesotherapy" / "ledger.yaml")


@pytest.fixture(scope="session")
def rows() -> dict[str, dict[str, dict[str, Any]]]:
    """What has to be answered: tests/content/facts.yaml."""
    return _yaml(Path(__file__).with_name("facts.yaml"))


def _yaml(path: Path) -> Any:
    read: Callable[[str], Any] = yaml.safe_load
    return read(path.read_text(encoding="utf-8"))
