"""The editorial checks of `quality`, told with path and line."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from .. import quality
from .problems import Problem
from .reading import Reading


@dataclass(frozen=True)
class Finding:
    """A problem the editorial checks name. `level` is "error" (it must be changed) or "warning"."""

    level: str
    check: str
    problem: Problem


def findings(reading: Reading, *, today: datetime.date) -> Iterator[Finding]:
    """What the editorial checks find in each guide, once each, in the order of files and lines."""

    found: set[tuple[Problem, str, str]] = set()
    for document in reading.documents:
        for finding in quality.findings(document, today=today):
            path, line = reading.spot(finding.unit, line=finding.line, field=finding.field)
            found.add((Problem(path, line, finding.message), finding.level, finding.check))
    for problem, level, check in sorted(found):
        yield Finding(level, check, problem)


def counts(reading: Reading) -> str:
    """One line about how much a folder holds."""
    sections = sum(outline.sections for outline in reading.documents.outlines())
    found = {
        "guide": len(reading.documents),
        "section": sections,
        "source": reading.rows.count("sources"),
        "term": reading.rows.count("terms"),
        "picture": reading.rows.count("images"),
    }
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in found.items())
