"""The checks of what is said: figures, promises and warnings without a mark, borrowed figures, words regulators cite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from ..document import Document
from . import evidence, wording
from .finding import Finding, short
from .passages import Passage, Sentence

_MISSING = {
    "figure": (
        "figure-without-mark",
        _lazy(
            "“%(text)s” gives a figure (%(figures)s) and no mark. Readers cannot see where it comes from. Add "
            "[^key] of a claim or source, or take the figure out."
        ),
    ),
    "benefit": (
        "benefit-without-mark",
        _lazy(
            "“%(text)s” speaks of a benefit and no mark stands in this paragraph. Add [^key] of the proof, also "
            "when it says that something does not work."
        ),
    ),
    "risk": (
        "risk-without-mark",
        _lazy(
            "“%(text)s” speaks of harm and no mark stands in this paragraph. Add [^key] of the proof, so that "
            "readers can weigh it."
        ),
    ),
}
_NAMES = {"figure": _lazy("figure"), "benefit": _lazy("benefit"), "risk": _lazy("harm")}


def statement_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    for statement in evidence.statements(document, passages):
        passage, text = statement.passage, short(statement.sentence.text)
        if not statement.marked:
            check, sentence = _MISSING[statement.kind]
            values = {"text": text, "figures": ", ".join(statement.figures)}
            yield _at(passage, "error", check, str(sentence) % values)
        elif not statement.marked_at_hand:
            message = _(
                "“%(text)s” speaks of a %(what)s, and its mark stands in another sentence of the paragraph. Put a mark in "
                "this sentence too."
            )
            yield _at(passage, "warning", "mark-elsewhere", message % {"text": text, "what": _NAMES[statement.kind]})
        for subject in evidence.borrowed(document, statement):
            yield _at(
                passage,
                "error",
                "borrowed-figure",
                _(
                    "“%(text)s” gives a figure that comes from %(subject)s, and does not say so. Say it in the "
                    "same sentence (%(words)s)."
                )
                % {"text": text, "subject": _(subject.name), "words": _(" or ").join(subject.words[:3])},
            )


def wording_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    """Phrases regulators have cited (error without a mark), and words they have cited (warning). English only."""
    speaks = _what_marks_say(document)
    for passage in passages:
        if passage.list == "terms" or passage.field == "question":
            continue
        for sentence in passage.sentences:
            if sentence.is_question:
                continue
            phrases = list(_phrases(passage, sentence))
            yield from phrases
            if not phrases:
                yield from _words(passage, sentence, speaks)


def _phrases(passage: Passage, sentence: Sentence) -> Iterator[Finding]:
    for pattern, reason in wording.CITED_PHRASES:
        match = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", sentence.text, re.IGNORECASE)
        if match and not passage.marks and not _only_named(sentence.text, match.start()):
            yield _at(
                passage,
                "error",
                "cited-phrase",
                _(
                    "“%(phrase)s” in “%(text)s” is a phrase regulators have cited: %(reason)s. Say plainly what "
                    "was found and add [^key], or take it out."
                )
                % {"phrase": match[0], "text": short(sentence.text), "reason": _(reason)},
            )


def _words(passage: Passage, sentence: Sentence, speaks: dict[str, str]) -> Iterator[Finding]:
    text = sentence.text
    proof = " ".join(speaks.get(key, "") for key in (*sentence.marks, *passage.cites))
    for pattern, stem in wording.CITED_WORDS:
        for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?!\w)", text, re.IGNORECASE):
            if (
                wording.negated(text, match.start())
                or _only_named(text, match.start())
                or stem in proof
                or (stem in ("permanent", "painless") and wording.RISK.match(text, _skip(text, match.end())))
            ):
                continue
            yield _at(
                passage,
                "warning",
                "cited-word",
                _(
                    "“%(word)s” in “%(text)s” is a word regulators have cited in advertising. Say what was "
                    "measured, with a mark whose claim says so too, or take it out."
                )
                % {"word": match[0], "text": short(text)},
            )
            break


def _only_named(text: str, start: int) -> bool:
    """Does the text speak about the word, or tell the reader to ask about it, without saying it itself?"""
    return wording.quoted(text, start) or wording.ordered(text, start)


def _skip(text: str, start: int) -> int:
    """Past the space, and past one or two plain words, to where a word of harm may begin (`permanent deep scars`)."""
    for match in re.finditer(r"\s+(?=\w)", text[start:]):
        if wording.RISK.match(text, start + match.end()):
            return start + match.end()
        if text[start : start + match.end()].count(" ") > 2:
            break
    return start


def _what_marks_say(document: Document) -> dict[str, str]:
    """For each key a mark may name, the text its proof is known by, in small letters."""
    said = {source.key: f"{source.title} {source.note}".lower() for source in document.sources}
    said.update({claim.key: f"{claim.says} {claim.study}".lower() for claim in document.claims})
    return said


def _at(passage: Passage, level: str, check: str, message: str) -> Finding:
    return Finding(level, check, passage.unit, passage.line, message, passage.field)  # type: ignore[arg-type]
