"""The frozen dataclasses of a guide, and for each field what may stand in it.

Every other room reads this module instead of keeping a list of its own: files are checked against it,
rows are built from it, the admin chooses a widget by it and the editorial checks find texts with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

FORMAT = 1
"""Number of the present shape. Stored documents of an older number are read through `upgrades`."""

KEY_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
"""Keys and slugs: ASCII lower-case letters and digits in groups joined by single hyphens."""

BODY_LIMIT = 60 * 1024
"""Most bytes (UTF-8) a section's body may have."""

LINE_LIMIT = 4_000
"""Most characters a one-line text may have."""

DEFAULT_LANGUAGE = "en"
"""The language whose folders and addresses carry no language prefix."""

TITLE_LIMIT = 200
"""Most characters a title or label may have."""


class Form(StrEnum):
    """What may stand in a field."""

    KEY = "key"  # matches KEY_PATTERN, never changed once given
    LABEL = "label"  # plain text on one line, at most TITLE_LIMIT characters
    LINE = "line"  # Markdown on one line
    BODY = "body"  # Markdown, at most BODY_LIMIT bytes
    LINES = "lines"  # list of LINE
    LABELS = "labels"  # list of LABEL
    KEYS = "keys"  # list of keys
    NUMBER = "number"  # whole number
    CHOICE = "choice"  # one word out of `choices`
    DATE = "date"  # ISO 8601 calendar date
    ADDRESS = "address"  # https:// or http:// address of a source
    CELLS = "cells"  # the cells of one option
    DRAWING = "drawing"  # the data of one figure
    PART = "part"  # a dataclass of this module, or nothing
    PARTS = "parts"  # list of one dataclass of this module


def _field(form: Form, *, required: bool = False, default: Any = dataclasses.MISSING, **about: Any) -> Any:
    metadata = {"form": form, "required": required, **about}
    if required:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def key() -> Any:
    return _field(Form.KEY, required=True)


def label(*, required: bool = False, limit: int = TITLE_LIMIT) -> Any:
    return _field(Form.LABEL, required=required, default="", limit=limit)


def line(*, required: bool = False) -> Any:
    return _field(Form.LINE, required=required, default="")


def lines() -> Any:
    return _field(Form.LINES, default=())


def keys(of: str = "marks") -> Any:
    """`of`: what the keys name: "marks" (claims or sources), "sources", or a list of the same guide."""
    return _field(Form.KEYS, default=(), of=of)


def number(*, required: bool = False, low: int = 0, high: int = 10_000_000) -> Any:
    return _field(Form.NUMBER, required=required, default=None, low=low, high=high)


def choice(choices: type[StrEnum], *, required: bool = True) -> Any:
    return _field(Form.CHOICE, required=required, default="", choices=choices)


def parts(of: str) -> Any:
    return _field(Form.PARTS, default=(), of=of)


class Kind(StrEnum):
    PROCEDURE = "procedure"
    SITE = "site"


class StatusIs(StrEnum):
    APPROVED = "approved"
    APPROVED_OTHER_USE = "approved-other-use"
    CLEARED_DEVICE = "cleared-device"
    COMPOUNDED = "compounded"
    INVESTIGATIONAL = "investigational"


class Per(StrEnum):
    SESSION = "session"
    COURSE = "course"
    ITEM = "item"


class Role(StrEnum):
    THIS = "this"
    OTHER = "other"
    NOTHING = "nothing"


class CellState(StrEnum):
    TEXT = "text"
    NO_GOOD_EVIDENCE = "no-good-evidence"
    NOT_LOOKED_INTO = "not-looked-into"


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    SAME_DAY = "same-day"
    SOON = "soon"


class Certainty(StrEnum):
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very-low"
    NOT_GRADED = "not-graded"


class FigureType(StrEnum):
    COURSE = "course"
    DAYS = "days"
    LAYERS = "layers"
    FREQUENCY = "frequency"


class How(StrEnum):
    """How a source was read."""

    PRIMARY = "primary"
    COPY = "copy"
    NEWS = "news"
    CITATION = "citation"
    NOT_RE_READ = "not-re-read"


ANSWER_KEYS = ("approved", "wrong", "not-for", "cost", "help-now")
"""The five questions people come with, in the order they are shown."""

CELL_KEYS = (
    "what",
    "approval",
    "who_for",
    "benefit",
    "harms",
    "pain",
    "recovery",
    "sessions",
    "cost",
    "if_wrong",
    "unknown",
)
"""Rows of the choice table, in the order they are shown."""

SECTION_KEYS = ("overview", "benefits", "candidacy", "procedure", "recovery", "risks", "side-effects", "costs")
"""Sections a procedure guide usually has; a guide may leave some out and add its own."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What a regulator has said about the thing itself."""

    is_: str = _field(Form.CHOICE, required=True, choices=StatusIs, name="is")
    note: str = line()
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """The number to call, and where it holds."""

    call: str = label(required=True, limit=20)
    place: str = label(required=True, limit=60)


@dataclass(frozen=True, kw_only=True)
class Section:
    key: str = key()
    title: str = label(required=True)
    nav: str = label(limit=40)
    slug: str = label(limit=60)
    summary: str = line()
    body: str = _field(Form.BODY, default="")

    @property
    def address(self) -> str:
        """Last part of the section's address: the slug, or the key where no slug is given."""
        return self.slug or self.key

    @property
    def short(self) -> str:
        """Name in lists of contents."""
        return self.nav or self.title


@dataclass(frozen=True, kw_only=True)
class Answer:
    key: str = key()
    text: str = line(required=True)
    more: str = label()
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class KeyFact:
    key: str = key()
    label: str = label(required=True)
    text: str = line(required=True)
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What to expect in a span of days; day 0 is the day of the treatment."""

    key: str = key()
    from_day: int = number(required=True, low=-3650, high=3650)
    to_day: int | None = number(low=-3650, high=3650)
    title: str = label(required=True)
    expect: str = line()
    do: tuple[str, ...] = lines()
    dont: tuple[str, ...] = lines()
    signs: tuple[str, ...] = keys("warning_signs")
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """A price as a source gave it, in whole units of the currency, with the year it was given for."""

    key: str = key()
    what: str = line(required=True)
    low: int = number(required=True)
    high: int = number(required=True)
    currency: str = label(required=True, limit=3)
    per: str = choice(Per)
    year: int | None = number(low=1950, high=2100)
    basis: str = line(required=True)
    includes: tuple[str, ...] = lines()
    excludes: tuple[str, ...] = lines()
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class Cell:
    state: str = CellState.NOT_LOOKED_INTO
    text: str = ""
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Option:
    key: str = key()
    name: str = label(required=True)
    role: str = choice(Role)
    cells: Mapping[str, Cell] = _field(Form.CELLS, required=True)


@dataclass(frozen=True, kw_only=True)
class Question:
    key: str = key()
    question: str = line(required=True)
    why: str = line()
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class WarningSign:
    """A sign that something is wrong, from so many hours to so many days (nothing: open) after a treatment."""

    key: str = key()
    sign: str = line(required=True)
    from_hours: int = number(required=True, high=87_600)
    to_days: int | None = number(high=3_650)
    urgency: str = choice(Urgency)
    do: str = line(required=True)
    call: str = line()
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One finding with what it rests on; a mark in a text may name it."""

    key: str = key()
    says: str = line(required=True)
    study: str = line()
    people: str = line()
    who: str = line()
    certainty: str = choice(Certainty)
    as_of: str = label(limit=40)
    cites: tuple[str, ...] = keys("sources")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture drawn from data; `data` is checked by `figures.problems`."""

    key: str = key()
    type: str = choice(FigureType)
    title: str = label(required=True)
    data: Mapping[str, Any] = _field(Form.DRAWING, required=True)
    words: str = line(required=True)
    cites: tuple[str, ...] = keys()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A publication a statement rests on, as it was seen; nothing here is composed."""

    key: str = key()
    title: str = label(limit=500)
    author: str = label()
    publisher: str = label(required=True, limit=300)
    date: str = label(limit=120)
    kind: str = label(required=True, limit=300)
    how: str = choice(How)
    people: str = label(limit=500)
    doi: str = label()
    pmid: str = label(limit=20)
    pmcid: str = label(limit=20)
    url: str = _field(Form.ADDRESS, default="")
    supports: tuple[str, ...] = _field(Form.LABELS, required=True)
    read: str = _field(Form.DATE, default="")
    opened: str = _field(Form.DATE, default="")
    note: str = label(limit=1000)

    @property
    def link(self) -> str:
        """Where it can be opened: by its lasting number first, by the address it was seen at last; or empty."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.url


@dataclass(frozen=True, kw_only=True)
class Term:
    key: str = key()
    term: str = label(required=True)
    also: tuple[str, ...] = _field(Form.LABELS, default=())
    definition: str = line(required=True)
    cites: tuple[str, ...] = keys("sources")


@dataclass(frozen=True, kw_only=True)
class ImageRecord:
    """A picture of the library. `file` is `<sha256 in hex>.<ext>`: a changed picture is another file."""

    key: str = key()
    file: str = label(required=True, limit=80)
    width: int = number(required=True, low=1, high=20_000)
    height: int = number(required=True, low=1, high=20_000)
    words: str = label(limit=300)
    credit: str = label(limit=300)
    note: str = label(limit=1000)


PARTS: dict[str, type] = {
    "answers": Answer,
    "key_facts": KeyFact,
    "stages": Stage,
    "costs": CostItem,
    "options": Option,
    "questions": Question,
    "warning_signs": WarningSign,
    "claims": Claim,
    "figures": Figure,
}
"""The keyed lists of a guide, by name, in the order files have them."""

SHARED: dict[str, type] = {"sources": Source, "terms": Term, "images": ImageRecord}
"""What guides share; a document carries copies of those it uses."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole guide as it was handed in: its own text and parts, and copies of what it uses.

    `folder` is the guide's name in the content folder and what its translations share;
    lists stand in page order, `sources`, `terms` and `images` by key.
    `translated` says of each part which wording in the first language it was translated from (`document.behind`).
    """

    format: int = field(default=FORMAT, metadata={"form": Form.NUMBER, "required": False, "low": 1, "high": FORMAT})
    folder: str = key()
    kind: str = choice(Kind)
    slug: str = key()
    language: str = label(required=True, limit=12)
    title: str = label(required=True)
    summary: str = line()
    decision: str = line()
    status: Status | None = _field(Form.PART, default=None, of=Status)
    emergency: Emergency | None = _field(Form.PART, default=None, of=Emergency)
    translated: tuple[str, ...] = _field(Form.LABELS, default=(), later=True)
    sections: tuple[Section, ...] = parts("sections")
    answers: tuple[Answer, ...] = parts("answers")
    key_facts: tuple[KeyFact, ...] = parts("key_facts")
    stages: tuple[Stage, ...] = parts("stages")
    costs: tuple[CostItem, ...] = parts("costs")
    options: tuple[Option, ...] = parts("options")
    questions: tuple[Question, ...] = parts("questions")
    warning_signs: tuple[WarningSign, ...] = parts("warning_signs")
    claims: tuple[Claim, ...] = parts("claims")
    figures: tuple[Figure, ...] = parts("figures")
    sources: tuple[Source, ...] = parts("sources")
    terms: tuple[Term, ...] = parts("terms")
    images: tuple[ImageRecord, ...] = parts("images")

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def items(self, name: str) -> tuple[Any, ...]:
        """The list called `name` in PARTS or SHARED, or "sections"."""
        return getattr(self, name)  # type: ignore[no-any-return]


OWN_FIELDS = ("kind", "slug", "language", "title", "summary", "decision", "status", "emergency", "translated")
"""What a guide says of itself, apart from its lists."""


@dataclass(frozen=True)
class Slot:
    """One field of a dataclass of this module: its name in files and JSON, and what may stand in it."""

    attribute: str
    name: str
    form: Form
    required: bool
    about: Mapping[str, Any]


def slots(shape: type) -> tuple[Slot, ...]:
    """The fields of one dataclass of this module, in order."""
    return _slots(shape)


@cache
def _slots(shape: Any) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            item.name,
            item.metadata.get("name", item.name),
            item.metadata["form"],
            item.metadata["required"],
            item.metadata,
        )
        for item in dataclasses.fields(shape)
    )
