"""What the tests' texts may point at, and the hostile inputs made for this project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from procedures.rendering import Link, Page, Picture, References

INPUTS = Path(__file__).parent / "inputs"

REFERENCES = References(
    marks={
        "kybella-label": "Kybella label, FDA",
        "trial-2008": 'A "small" trial <of> thighs',
        "notice": "FDA notice",
    },
    sections={"risks": Link("/mesotherapy/risks/", "Risks"), "costs": Link("#costs", "Costs")},
    guides={"fillers": Link("/fillers/", "Fillers")},
    terms={"mesoderm": Link("/glossary/#mesoderm", 'A layer of the "embryo"')},
    images={
        "needle": Picture("/media/0a1b.webp", 640, 480),
        "credited": Picture("/media/ff.webp", 10, 20, "A. <Photographer>"),
    },
    figures=frozenset({"course", "days"}),
)


def inputs(name: str) -> list[Any]:
    """Return one of the lists of hostile inputs."""
    return list(json.loads((INPUTS / f"{name}.json").read_text(encoding="utf-8")))


def html(text: str, **options: Any) -> str:
    """Render a body on a page of its own and return its HTML, figures as ``{figure:key}``."""
    pieces = Page(REFERENCES).body(text, **options)
    return "".join(piece.html or f"{{figure:{piece.figure}}}" for piece in pieces)


@pytest.fixture
def sheet() -> Page:
    """An empty page; ``page`` is the browser's."""
    return Page(REFERENCES)
