"""From the working text to the document that is handed in, and what would make it unfit to be shown."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .. import quality
from ..document import (
    Document,
    Fault,
    base,
    document_faults,
    encode,
    fingerprint,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
)
from ..models import SHARED, Guide, Revision, used_document
from ..rendering import Link, used
from .transitions import NotAllowed

SHOWN = 5
"""Most faults a refusal names; the rest are counted."""
_TO_GUIDE = re.compile(r"\bguide:([a-z0-9-]+)")
SHAPE = "shape"
"""The check of findings about a field that does not fit: missing, too long, an address that is reserved."""


def frozen_document(guide: Guide) -> Document:
    """The working text of a guide as it would be handed in now: its own rows, and copies of what they use."""
    return used_document(guide, used)


class Unfit(NotAllowed):
    """A text was refused for what stands in it; `findings` are the places to correct."""

    def __init__(self, sentence: str, found: Sequence[quality.Finding]) -> None:
        self.findings = tuple(found)
        lines = [_line(finding) for finding in found]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [_("… and %(count)s more.") % {"count": len(lines) - SHOWN}]
        super().__init__("\n".join([sentence, *lines]))


def must_hold_together(document: Document) -> None:
    """Raises Unfit, naming the first faults, unless every key, link and text of the document holds."""
    if found := errors(document):
        raise Unfit(_("This text cannot be sent yet. Correct these places and send it again:"), found)


def must_still_hold(revision: Revision) -> None:
    """Raises Unfit when a text that held as it was handed in no longer does: a guide it links to is gone."""
    if fingerprint(revision.document) == revision.hash and (found := errors(revision.read())):
        raise Unfit(_("This text cannot be published. Correct these places in the draft and send it again:"), found)


def errors(document: Document) -> tuple[quality.Finding, ...]:
    """What stops a text from being sent and published, each place and sentence once."""
    text = _Text(fingerprint(encoded := encode(document)), document)
    found = _errors(text, _named_guides(document, encoded), get_language() or "")
    return tuple(reversed({_line(finding): finding for finding in reversed(found)}.values()))


def faults(document: Document) -> list[str]:
    """What stops a text, one line each: the unit, where in it, a sentence. Broken shape first, then editorial errors."""
    return [_line(finding) for finding in errors(document)]


def findings(document: Document, *, review_due: datetime.date | None = None) -> tuple[quality.Finding, ...]:
    """Everything an editor should look at: what the shape forbids (check "shape"), then the editorial checks.

    `review_due` is the day by which the live text is to be reviewed again, where a clinician has signed it.
    """
    text = _Text(fingerprint(encoded := encode(document)), document)
    guides = _named_guides(document, encoded)
    return _findings(text, guides, review_due, timezone.localdate(), get_language() or "")


@dataclass(frozen=True)
class _Text:
    mark: str
    document: Document = field(compare=False)


@lru_cache(maxsize=16)  # a third of a second for a whole guide, asked for on every page of the desk about it
def _findings(
    text: _Text,
    guides: tuple[tuple[str, Link], ...],
    review_due: datetime.date | None,
    today: datetime.date,
    language: str,
) -> tuple[quality.Finding, ...]:
    """`language` is that of the sentences, which `gettext` knows by itself."""
    document = text.document
    return (
        *_shape(document),
        *quality.findings(document, today=today, guides=dict(guides), review_due=review_due),
    )


@lru_cache(maxsize=16)
def _errors(text: _Text, guides: tuple[tuple[str, Link], ...], language: str) -> tuple[quality.Finding, ...]:
    return (*_shape(text.document), *quality.errors(text.document, guides=dict(guides)))


def _shape(document: Document) -> Iterator[quality.Finding]:
    for fault in document_faults(document):
        yield quality.Finding("error", SHAPE, _unit_of(document, fault), 1, fault.message, fault.field)


def _line(finding: quality.Finding) -> str:
    unit, at = finding.unit, finding.field
    if finding.check == SHAPE or not at:
        return f"{unit}: {finding.message}"
    return f"{unit}:{finding.line}: {finding.message}" if at == "body" else f"{unit}: `{at}`: {finding.message}"


def _part_unit(place: str, name: str, key: str) -> str:
    return section_unit(place, key) if name == "sections" else part_unit(place, name, key)


def _unit_of(document: Document, fault: Fault) -> str:
    place = base(document.folder, document.language)
    if fault.list in SHARED:
        return shared_unit(next(item for item in document.items(fault.list) if item.key == fault.key))
    return _part_unit(place, fault.list, fault.key) if fault.list and fault.key else own_unit(place)


def _named_guides(document: Document, encoded: str) -> tuple[tuple[str, Link], ...]:
    return tuple(sorted(_guides(document.language, set(_TO_GUIDE.findall(encoded))).items()))


def _guides(language: str, named: AbstractSet[str]) -> dict[str, Link]:
    """The guides a text names; all of them when it names one there is not, so that the nearest can be proposed."""
    if not named:
        return {}
    # One that is not live yet counts too: guides that point at each other could never be released otherwise.
    rows = Guide.objects.filter(language=language, withdrawn__isnull=True).values_list("folder", "title")
    found = dict(rows.filter(folder__in=named))
    return {
        folder: Link(f"/{folder}/", title) for folder, title in (found if named <= found.keys() else dict(rows)).items()
    }
