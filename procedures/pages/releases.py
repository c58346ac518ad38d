"""Every release of a guide: when, what kind of change, why, who signed it, and what differs from the one before."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import gettext as _

from ..document import DiffPiece, UnitChange, changes, decode, fingerprint
from ..models import PublicationEvent, Review, Revision
from .frame import date_words
from .parts import cell_titles
from .trust import version_path

RELEASING = ("publish", "publish_unreviewed")
PINNED = datetime.timedelta(days=365)
"""How long a change made for safety stays on top of the page."""
LONGEST = 2_000
"""Characters of one passage that came or went; what is longer is cut, because the page it stands on has it whole."""
AROUND = 80
"""Characters of unchanged text left on each side of a change."""


@dataclass(frozen=True)
class Release:
    """One step of a guide's public life; `number` 0 where it was taken down and nothing was released."""

    number: int
    hash: str
    day: datetime.date
    kind: str
    label: str
    note: str
    signed: str
    before: int
    """Primary key of the revision it replaced; 0 for the first."""
    revision: int

    @property
    def url(self) -> str:
        return version_path(self.hash)

    @property
    def date(self) -> str:
        return date_words(self.day)


@dataclass(frozen=True)
class Field:
    name: str
    pieces: tuple[DiffPiece, ...]


@dataclass(frozen=True)
class Change:
    """What happened to one section, part or source, in words."""

    what: str
    title: str
    kind: str
    fields: tuple[Field, ...]


def releases_of(fingerprint: str) -> tuple[Release, ...]:
    """All releases of the guide that has, or had, a text with this fingerprint, the newest first. Two queries."""
    events = list(
        PublicationEvent.objects.filter(
            guide__in=Revision.objects.filter(hash=fingerprint).values("guide"), step__in=[*RELEASING, "withdraw"]
        )
        .order_by("at", "pk")
        .values("step", "at", "to_revision", "to_revision__number", "to_revision__hash", "to_revision__kind",
                "to_revision__note")
    )  # fmt: skip
    kept = [event["to_revision"] for event in events if event["to_revision"]]
    signed = {
        review.revision_id: f"{review.name}, {review.credentials}".rstrip(", ")
        for review in Review.objects.filter(revision__in=kept).order_by("date", "pk")
    }
    labels = dict(Revision.Change.choices)
    found, before = [], 0
    for event in events:
        day = timezone.localdate(event["at"])
        if event["step"] == "withdraw":
            found.append(Release(0, "", day, "withdrawn", _("taken down"), "", "", before, 0))
            continue
        revision, kind = event["to_revision"], event["to_revision__kind"]
        found.append(
            Release(
                number=event["to_revision__number"],
                hash=event["to_revision__hash"],
                day=day,
                kind=kind,
                label=str(labels.get(kind, kind)),
                note=event["to_revision__note"],
                signed=signed.get(revision, ""),
                before=before,
                revision=revision,
            )
        )
        before = revision
    return tuple(reversed(found))


def pinned(releases: Iterable[Release], *, today: datetime.date) -> tuple[Release, ...]:
    """Changes made for safety in the last 12 months. The first release changed nothing, whatever it is called."""
    return tuple(item for item in releases if item.kind == "safety" and item.before and item.day > today - PINNED)


def differences(releases: Sequence[Release]) -> dict[int, tuple[Change, ...]]:
    """What each of these releases changed, by its number. One query; none where all of it is remembered."""
    pairs = {item.number: (item.before, item.revision) for item in releases if item.number and item.before}
    return {number: worded(found) for number, found in _compared(pairs).items()}


def between(old: int, new: int) -> tuple[Change, ...]:
    """What differs between two revisions, by their primary keys."""
    return worded(_compared({0: (old, new)})[0])


def _compared(pairs: dict[int, tuple[int, int]]) -> dict[int, tuple[UnitChange, ...]]:
    keys = {key for pair in pairs.values() for key in pair}
    stored = Revision.objects.filter(pk__in=keys).values_list("pk", "document", "hash") if keys else ()
    texts = {pk: document for pk, document, mark in stored if fingerprint(document) == mark}
    return {  # what differs from a text that is not what was released nobody can say
        number: _changes(texts[old], texts[new]) if old in texts and new in texts else ()
        for number, (old, new) in pairs.items()
    }


@lru_cache(maxsize=64)
def _changes(old: str, new: str) -> tuple[UnitChange, ...]:
    # Released texts never change, so what was found once holds for good.
    return changes(decode(old), decode(new))


def worded(found: Iterable[UnitChange]) -> tuple[Change, ...]:
    """Changes as readers see them."""
    names, kinds = list_names(), {"added": _("new"), "removed": _("removed"), "moved": _("moved"), "changed": ""}
    return tuple(
        Change(
            what=names.get(change.list, change.list),
            title="" if change.kind == "moved" else change.title,
            kind=kinds[change.kind],
            fields=tuple(Field(field_name(field.name), shortened(field.pieces)) for field in change.fields),
        )
        for change in found
    )


def list_names() -> dict[str, str]:
    """What readers call one entry of each list of a guide."""
    return {
        "": _("Guide"), "sections": _("Section"), "answers": _("Answer"), "key_facts": _("Key fact"),
        "stages": _("Day by day"), "costs": _("Price"), "options": _("Choice"), "questions": _("Question"),
        "warning_signs": _("Warning sign"), "claims": _("Finding"), "figures": _("Picture from data"),
        "sources": _("Source"), "terms": _("Word explained"), "images": _("Picture"),
    }  # fmt: skip


def field_name(name: str) -> str:
    """What readers call a field of a part; a field nobody has named keeps its own name."""
    names = {
        "body": _("text"), "cites": _("sources"), "summary": _("in short"), "dont": _("do not"), "says": _("it says"),
        "from_hours": _("from hour"), "to_days": _("until day"), "from_day": _("from day"), "to_day": _("until day"),
        "as_of": _("as of"), "do": _("do"), "call": _("whom to call"), "signs": _("warning signs"),
    }  # fmt: skip
    last = name.rpartition(".")[2]
    return names.get(last) or cell_titles().get(last) or last.replace("_", " ")


def plainer(text: str) -> str:
    """A text without the signs authors write for marks, links inside the site and headings."""
    text = re.sub(r"\[\^[^\]\s]*\]", f"[{_('source')}]", text)
    text = re.sub(r"\[([^\[\]]+)\]\((?:glossary|section|guide):[^()\s]*\)", r"\1", text)
    return re.sub(r"(?m)^#+ ", "", text)


def shortened(pieces: Sequence[DiffPiece]) -> tuple[DiffPiece, ...]:
    """Long unchanged runs cut to what stands around a change, long passages to their beginning; marks read `[source]`."""
    last = len(pieces) - 1
    short = []
    for place, piece in enumerate(pieces):
        text = plainer(piece.text)
        if piece.kind != "same":
            short.append(DiffPiece(text if len(text) <= LONGEST else f"{text[:LONGEST]} …", piece.kind))
            continue
        head = "" if place == 0 else text[:AROUND]
        tail = "" if place == last else text[-AROUND:]
        if len(text) > len(head) + len(tail) + 3:
            text = f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}".strip()
            text = f" {text} " if 0 < place < last else text
        short.append(DiffPiece(text, "same"))
    return tuple(short)
