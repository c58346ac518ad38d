"""Does every figure, promise and warning carry a mark, and does a borrowed figure say where it comes from?

A figure is a number written in digits, or a share in English words (one in ten, half of the patients). No figures are:
telephone numbers, digits that are part of a name (B12, 503B), numbers of days, weeks and steps in headings, and what
`allowed.txt` lists with a reason. A mark covers the paragraph, list item or cell it stands in; the `cites` of a part
cover its texts. Headings, questions, orders and care cards promise nothing, and definitions of words explain, so words
of benefit and harm need no mark there; figures do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..document import Document, Kind
from . import elsewhere, wording
from .passages import Passage, Sentence

ALLOWED_FILE = Path(__file__).with_name("allowed.txt")

_FIGURE = re.compile(r"(?<![\w])[$€£+−-]?\d[\d,.]*\d%?|(?<![\w])[$€£+−-]?\d%?")
_NAME = re.compile(r"(?<!\w)(?:[A-Za-z][\w+]*-?\d[\w-]*|\d+[A-Z]{1,2}\b|[A-Z]+-\d+)")
_SHORT_NUMBERS = r"(?:911|112|999|988|111|000)"
_TELEPHONE = re.compile(
    r"(?<![\w$])(?:1[- ]?)?(?:\(\d{3}\) ?|\d{3}[- .])(?:\d{3}|[A-Z]{3})[- .]\d{4}\b|\+\d[\d ()-]{6,}\d|\b911\b"
    rf"|(?<=call|dial|ring|text|Call|Dial|Ring|Text) (?:\w+ )?{_SHORT_NUMBERS}(?: or {_SHORT_NUMBERS})*\b"
)
_COUNT = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|a hundred|a thousand)"
_SPELLED = re.compile(
    rf"\b{_COUNT} (?:in|out of)(?: every)? {_COUNT}\b|\b(?:half|most|a third|a quarter|two thirds) of (?:all )?(?:the )?"
    rf"(?:patients|people|women|men)\b|\b(?:twice|{_COUNT} times) (?:as|more|less)\b|\b{_COUNT} percent\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"\b(?:days?|weeks?|months?|steps?|stages?|parts?|hours?)\s+\d+(?:\s*(?:to|–|-|and)\s*\d+)?", re.IGNORECASE
)
_DATE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}\b"
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")

_NO_STATEMENT_FIELDS = frozenset({"question", "do", "dont", "call", "sign", "decision", "what", "includes", "excludes"})
_CARDS = frozenset({"emergency", "same-day", "soon", "do", "dont"})


@dataclass(frozen=True)
class Allowed:
    """One line of allowed.txt."""

    pattern: re.Pattern[str]
    reason: str


@cache
def allowed() -> tuple[Allowed, ...]:
    """The entries of allowed.txt. A line without a reason raises ValueError."""
    entries = []
    for line in ALLOWED_FILE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern, dash, reason = line.partition(" — ")
        if not dash or not reason.strip():
            raise ValueError(f"{ALLOWED_FILE.name}: {line!r} gives no reason (write it after ' — ')")
        entries.append(Allowed(re.compile(pattern.strip()), reason.strip()))
    return tuple(entries)


def figures(text: str, *, heading: bool = False, entries: tuple[Allowed, ...] | None = None) -> tuple[str, ...]:
    """The figures of a sentence, in order."""
    for pattern in (_TELEPHONE, _NAME, *((_STEP,) if heading else ())):
        text = pattern.sub(" ", text)
    for entry in allowed() if entries is None else entries:
        text = entry.pattern.sub(" ", text)
    found = [*_SPELLED.finditer(text), *_FIGURE.finditer(text)]
    return tuple(match[0].rstrip(".,") for match in sorted(found, key=lambda match: match.start()))


def states_benefit(sentence: Sentence) -> bool:
    """Does this English sentence say that something works or does not?"""
    return _states(sentence) and wording.BENEFIT.search(sentence.text) is not None


def states_risk(sentence: Sentence) -> bool:
    """Does this English sentence say that something does or can do harm?"""
    return _states(sentence) and wording.RISK.search(sentence.text) is not None


def _states(sentence: Sentence) -> bool:
    text = sentence.text
    return not (
        sentence.is_question
        or len(text.split()) < 4
        or text.rstrip("*_").endswith(":")
        or wording.is_order(text)
        or wording.is_own_search(text)
    )


def is_statement_place(passage: Passage) -> bool:
    """May this passage promise or warn? Headings, care cards and lines of orders may not."""
    asks = passage.context == "check" and passage.sentences[-1].is_question
    return (
        passage.kind != "heading"
        and not asks
        and passage.list != "terms"
        and passage.context not in _CARDS
        and passage.field.partition(".")[0] not in _NO_STATEMENT_FIELDS
    )


@dataclass(frozen=True)
class Statement:
    """A sentence that holds a figure, a benefit or a risk, and whether a mark covers it."""

    kind: str  # figure, benefit, risk
    passage: Passage
    sentence: Sentence
    figures: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Is there a mark in the same paragraph, list item or cell, or in the `cites` of the part?"""
        return bool(self.passage.marks)

    @property
    def marked_at_hand(self) -> bool:
        """Is there a mark in the same sentence, or, in a part, anywhere in its line?"""
        return bool(self.sentence.marks) or (self.passage.field != "body" and self.marked)


def statements(document: Document, passages: tuple[Passage, ...]) -> Iterator[Statement]:
    """Every figure, and in English every benefit and risk, that a procedure guide states. Site pages state none."""
    if document.kind != Kind.PROCEDURE:
        return
    english = document.language.startswith("en")
    for passage in passages:
        for sentence in passage.sentences:
            found = figures(sentence.text, heading=passage.kind == "heading")
            if found:
                yield Statement("figure", passage, sentence, found)
            if english and is_statement_place(passage):
                if states_benefit(sentence):
                    yield Statement("benefit", passage, sentence)
                if states_risk(sentence):
                    yield Statement("risk", passage, sentence)


def borrowed(document: Document, statement: Statement) -> tuple[elsewhere.Elsewhere, ...]:
    """The other products, places or groups this figure comes from and its sentence does not name.

    Years alone are no figures here. Marks in the sentence decide; where it has none, the `cites` of its part, if all of
    them are about the same other thing.
    """
    passage, sentence = statement.passage, statement.sentence
    if statement.kind != "figure" or all(
        _YEAR.fullmatch(figure) for figure in figures(_DATE.sub(" ", sentence.text), heading=True)
    ):
        return ()
    if passage.list in ("claims", "terms"):
        return ()
    text = f"{passage.about} {sentence.text}"
    if sentence.marks:
        return elsewhere.unnamed(text, sentence.marks)
    found = elsewhere.unnamed(text, passage.cites)
    return tuple(subject for subject in found if all(subject.covers(key) for key in passage.cites))
