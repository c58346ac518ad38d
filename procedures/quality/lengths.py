"""The checks of length and reading grade: words of pages, sentences, words of the trade."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .. import rendering
from ..document import Document, Kind, Section, base, own_unit, section_unit
from . import readability, wording
from .finding import Finding, short
from .passages import Passage
from .sentences import words

LONGEST_SENTENCE = 35
LONG_AVERAGE = 20
HARD_AS_WRITTEN = 10.0
HARD_ADJUSTED = 8.0
SECTION_WORDS = 700
GUIDE_PAGE_WORDS = 350
GUIDE_WORDS = 6_000
GUIDE_PAGE_LISTS = ("answers", "key_facts")
ELSEWHERE = ("answers", "options", "claims", "terms")
"""Lists that are not on the page that holds the whole guide."""


def section_words(section: Section) -> int:
    """Words of a section as its page shows them: title, summary and body, tables included."""
    return sum(
        len(text.split())
        for text in (section.title, rendering.plain(section.summary, inline=True), rendering.plain(section.body))
    )


def guide_page_words(passages: tuple[Passage, ...]) -> int:
    """Words of the guide's own page: its lines, the five answers and the key facts."""
    return sum(len(passage.text.split()) for passage in passages if passage.list in ("", *GUIDE_PAGE_LISTS))


def guide_words(passages: tuple[Passage, ...]) -> int:
    """Words of the page that holds the whole guide. The answers, the choice table and the glossary have other pages."""
    return sum(len(passage.text.split()) for passage in passages if passage.list not in ELSEWHERE)


def length_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    place = base(document.folder, document.language)
    message = _(
        "%(what)s has %(count)s words; at most %(most)s are read. Shorten it, or move a part to another section."
    )
    for section in document.sections:
        count = section_words(section)
        if count > SECTION_WORDS:
            values = {"what": _("The section"), "count": count, "most": SECTION_WORDS}
            yield Finding("warning", "length", section_unit(place, section.key), 1, message % values, "body")
    if document.kind != Kind.PROCEDURE:
        return
    count = guide_page_words(passages)
    if count > GUIDE_PAGE_WORDS:
        values = {
            "what": _("The guide's own page (summary, answers, key facts)"),
            "count": count,
            "most": GUIDE_PAGE_WORDS,
        }
        yield Finding("warning", "length", own_unit(place), 1, message % values)
    count = guide_words(passages)
    if count > GUIDE_WORDS:
        values = {"what": _("The whole guide"), "count": count, "most": GUIDE_WORDS}
        yield Finding("warning", "length", own_unit(place), 1, message % values)


def terms_of(document: Document) -> tuple[str, ...]:
    """The glossary's terms and their other names."""
    return tuple(name for term in document.terms for name in (term.term, *term.also))


def reading_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    """Grades and sentence lengths, English only."""
    terms = terms_of(document)
    for section in document.sections:
        unit = section_unit(base(document.folder, document.language), section.key)
        grades = readability.grade_body(section.body, summary=section.summary, terms=terms)
        written, adjusted = grades.written.flesch_kincaid, grades.adjusted.flesch_kincaid
        if written > HARD_AS_WRITTEN or adjusted > HARD_ADJUSTED:
            message = _(
                "The section reads at school grade %(written).1f (%(adjusted).1f with medical terms counted as "
                "easy); at most %(high).0f and %(low).0f are wanted. Shorten sentences and words."
            )
            values = {"written": written, "adjusted": adjusted, "high": HARD_AS_WRITTEN, "low": HARD_ADJUSTED}
            yield Finding("warning", "reading-grade", unit, 1, message % values, "body")
        if grades.written.average > LONG_AVERAGE:
            message = _(
                "Sentences are %(average).0f words long on average; at most %(most)s are wanted. Cut some in two."
            )
            values = {"average": grades.written.average, "most": LONG_AVERAGE}
            yield Finding("warning", "average-sentence", unit, 1, message % values, "body")
    for passage in passages:
        for sentence in passage.sentences:
            count = len(words(sentence.text))
            if count > LONGEST_SENTENCE:
                message = _(
                    "“%(text)s” has %(count)s words; after %(most)s a reader has lost the beginning. Cut it in two."
                )
                told = message % {"text": short(sentence.text), "count": count, "most": LONGEST_SENTENCE}
                yield Finding("warning", "long-sentence", passage.unit, passage.line, told, passage.field)


def term_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    """Words of the trade in a section that the glossary does not hold, or that are not linked to it. English only."""
    known = readability.term_pattern(terms_of(document))
    for section in document.sections:
        linked = rendering.used(section.body).terms | rendering.used(section.summary).terms
        names = {name.lower() for term in document.terms if term.key in linked for name in (term.term, *term.also)}
        seen: set[str] = set()
        for passage in passages:
            if passage.section != section.key or passage.kind == "heading":
                continue
            for match in wording.JARGON.finditer(passage.text):
                word = match[0].lower()
                inside = (
                    [
                        found[0].lower()
                        for found in known.finditer(passage.text)
                        if found.start() <= match.start() < found.end()
                    ]
                    if known
                    else []
                )
                if word in seen or any(term.rstrip("s") in names or term in names for term in inside):
                    continue
                seen.add(word)
                message = _(
                    "“%(word)s” is not linked to the glossary in this section. Link its first use, or use a plain word."
                )
                if not inside:
                    message = _(
                        "“%(word)s” is a medical word the glossary does not explain. Use a plain word, or add it to the "
                        "glossary and link it."
                    )
                told = message % {"word": match[0]}
                yield Finding("warning", "undefined-term", passage.unit, passage.line, told, passage.field)
