"""What the editorial checks find, as staff read it: beside each form what is found in it, on the hub everything.

The checks are those that stop a text from being sent (`publishing.findings`), run on what is stored. Each finding says
where, why and what to do, and its link leads to the field, in a body to the line.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from .. import publishing, quality
from ..document import Document, own_unit, shared_unit
from ..models import Guide, Image, Part, Revision, Shared, Source, part_of, trimmed
from ..rendering import used
from .edits import unit_name
from .places import Places

NAMES = {
    publishing.SHAPE: gettext_lazy("Field that is not filled in as it must be"),
    **quality.ERRORS,
    **quality.WARNINGS,
}


@dataclass(frozen=True)
class Told:
    """One finding: where it is in words, the address of that place, and what was found, why it matters, what to do."""

    where: str
    url: str
    message: str


@dataclass(frozen=True)
class Group:
    """What one check found."""

    name: Any
    stops: bool
    items: tuple[Told, ...]


@dataclass(frozen=True)
class Count:
    """How much was found in one unit."""

    errors: int = 0
    warnings: int = 0

    def __str__(self) -> str:
        return counted(self.errors, self.warnings)


def counted(errors: int, warnings: int) -> str:
    """`2 errors, 1 warning`; nothing where nothing was found."""
    told = []
    if errors:
        told.append(ngettext("%(count)s error", "%(count)s errors", errors) % {"count": errors})
    if warnings:
        told.append(ngettext("%(count)s warning", "%(count)s warnings", warnings) % {"count": warnings})
    return ", ".join(told)


class Panel:
    """What the checks find in a document. Nothing is checked before something is asked of it."""

    def __init__(
        self, guide: Guide | None, ask: Callable[[], tuple[Document, Iterable[quality.Finding]]], *, only: str = ""
    ) -> None:
        """`only` is a unit, or the beginning of the names of several; empty: all of the guide and what it uses."""
        self.guide = guide
        self._ask = ask
        self._only = only

    @cached_property
    def _asked(self) -> tuple[Document, tuple[quality.Finding, ...]]:
        document, found = self._ask()
        only = self._only
        one = [finding for finding in found if not only or finding.unit == only or _starts(finding.unit, only)]
        return document, tuple(one)

    @property
    def findings(self) -> tuple[quality.Finding, ...]:
        return self._asked[1]

    @property
    def errors(self) -> int:
        return sum(finding.level == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    def __str__(self) -> str:
        return counted(self.errors, self.warnings)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """What was found by each check, in the order the checks are listed: those that stop come first."""
        document, found = self._asked
        told: dict[str, list[Told]] = {}
        places = Places(document, guide=self.guide, alone=bool(self._only))
        for finding in found:
            told.setdefault(finding.check, []).append(Told(places.where(finding), places.url(finding), finding.message))
        checks = sorted(told, key=lambda check: list(NAMES).index(check))
        stops = {finding.check for finding in found if finding.level == "error"}
        return tuple(Group(NAMES[check], check in stops, tuple(told[check])) for check in checks)

    @cached_property
    def counts(self) -> dict[str, Count]:
        """Unit → how much was found in it."""
        errors = Counter(finding.unit for finding in self.findings if finding.level == "error")
        both = Counter(finding.unit for finding in self.findings)
        return {unit: Count(errors[unit], both[unit] - errors[unit]) for unit in both}

    def within(self, start: str) -> Count:
        """How much was found in all units whose name begins like this."""
        found = [count for unit, count in self.counts.items() if _starts(unit, start)]
        return Count(sum(count.errors for count in found), sum(count.warnings for count in found))

    def beside(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows, each with how much was found in it as `found`."""
        for row in rows:
            row.found = self.counts.get(row.unit, "")
            yield row

    def lines(self) -> Iterator[int]:
        """The lines of a section's body in which something was found."""
        yield from sorted({finding.line for finding in self.findings if finding.field == "body"})


def _starts(unit: str, start: str) -> bool:
    return start.endswith("/") and unit.startswith(start)


def of_guide(guide: Guide, document: Document, *, only: str = "") -> Panel:
    """What is found in the working text of a guide; `document` is all of it, as `known_of` gives it."""

    def ask() -> tuple[Document, Iterable[quality.Finding]]:
        review = guide.live.reviews.order_by("-next_due").first() if guide.live is not None else None
        frozen = trimmed(document, used)
        return frozen, publishing.findings(frozen, review_due=review.next_due if review else None)

    return Panel(guide, ask, only=only)


def of_sent(revision: Revision) -> Panel:
    """What stops a text that was handed in from being published now; its links lead to the draft."""

    def ask() -> tuple[Document, Iterable[quality.Finding]]:
        document = revision.read()
        return document, publishing.errors(document)

    return Panel(revision.guide, ask)


def of_part(part: Part, document: Document) -> Panel:
    return of_guide(part.guide, document, only=unit_name(part))


def of_list(guide: Guide, name: str, document: Document) -> Panel:
    return of_guide(guide, document, only=f"{own_unit(guide.place)}#{name}/")


def of_shared(row: Shared, document: Document) -> Panel:
    """What is found in a source, a word or a picture by itself; `document` holds everything shared."""
    item: Any = part_of(row)

    def ask() -> tuple[Document, Iterable[quality.Finding]]:
        alone = {
            "sources": (),
            "terms": (),
            "images": (),
        }  # a word may name other words and sources; these name nothing
        if isinstance(row, Source):
            return _and_found(dataclasses.replace(document, **{**alone, "sources": (item,)}))
        if isinstance(row, Image):
            return _and_found(dataclasses.replace(document, **{**alone, "images": (item,)}))
        return _and_found(document)

    return Panel(None, ask, only=shared_unit(item))


def _and_found(document: Document) -> tuple[Document, Iterable[quality.Finding]]:
    return document, publishing.findings(document)
