"""The checks of how a text is built: markup and keys, headings, pictures, links, lengths, sentences, terms, balance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import mean, median

from django.utils.translation import gettext as _

from .. import rendering
from ..document import (
    PARTS,
    CellState,
    Document,
    Form,
    Kind,
    Section,
    base,
    own_unit,
    part_unit,
    section_unit,
    shared_unit,
    slots,
)
from ..rendering.of_document import references_of
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
PICTURE_WORDS = (3, 30)
WEIGHT = 0.25
GUIDE_PAGE_LISTS = ("answers", "key_facts")

_PICTURE = re.compile(r"!\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]\(\s*image:([^)\s]+)[^)]*\)")
_TO_HEADING = re.compile(r"\]\(\s*(?:section:([a-z0-9-]+))?#([^)\s]+)\s*\)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")


def markup_findings(document: Document, *, guides: Mapping[str, rendering.Link] | None) -> Iterator[Finding]:
    """What `rendering.check` says of each text: unknown keys, broken links, unclosed cards, jumping headings."""
    references = replace(references_of(document), guides=_EveryGuide() if guides is None else guides)
    for section in document.sections:
        unit = section_unit(base(document.folder, document.language), section.key)
        jumps = set(rendering.check(_headings_only(section.body), references))
        for problem in rendering.check(section.body, references):
            name = "heading-order" if problem in jumps else "markup"
            yield Finding("error", name, unit, problem.line, _sentence(problem.message), "body")
        yield from _line_findings(unit, "summary", section.summary, references)
    for unit, field, text in _lines(document):
        yield from _line_findings(unit, field, text, references)


def _line_findings(unit: str, field: str, text: str, references: rendering.References) -> Iterator[Finding]:
    for problem in rendering.check(text, references, inline=True) if text else ():
        yield Finding("error", "markup", unit, 1, _sentence(problem.message), field)


class _EveryGuide(Mapping[str, rendering.Link]):
    """Guides nobody has listed: each is taken to exist."""

    def __getitem__(self, key: str) -> rendering.Link:
        return rendering.Link("/", key)

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _sentence(message: str) -> str:
    message = message[:1].upper() + message[1:]
    return message if message.endswith((".", "!", "?")) else message + "."


def _headings_only(body: str) -> str:
    """The body with every line but its headings emptied, so that lines keep their numbers."""
    kept = {block.line for block in rendering.blocks(body) if block.kind == "heading"}
    lines = re.split(r"\r\n?|\n", body)
    return "\n".join(
        match[1] + " x" if number in kept and (match := _HEADING.match(line)) else ""
        for number, line in enumerate(lines, start=1)
    )


def _lines(document: Document) -> Iterator[tuple[str, str, str]]:
    """Every one-line text outside the sections, as written: unit, field, text."""
    place = base(document.folder, document.language)
    yield own_unit(place), "summary", document.summary
    yield own_unit(place), "decision", document.decision
    if document.status is not None:
        yield own_unit(place), "status.note", document.status.note
    for name in (*PARTS, "terms"):
        for item in document.items(name):
            unit = shared_unit(item) if name == "terms" else part_unit(place, name, item.key)
            for slot in slots(type(item)):
                value = getattr(item, slot.attribute)
                if slot.form is Form.LINE:
                    yield unit, slot.name, value
                elif slot.form is Form.LINES:
                    yield from ((unit, slot.name, text) for text in value)
                elif slot.form is Form.CELLS:
                    yield from ((unit, f"cells.{row}", cell.text) for row, cell in value.items())


def link_findings(document: Document) -> Iterator[Finding]:
    """Links to a heading that is not there."""
    anchors = {section.key: _anchors(section) for section in document.sections}
    for section in document.sections:
        unit = section_unit(base(document.folder, document.language), section.key)
        for number, line in enumerate(section.body.split("\n"), start=1):
            for match in _TO_HEADING.finditer(line):
                there = anchors.get(match[1] or section.key)
                if there is not None and match[2] not in there:
                    message = _("The link to “#%(name)s” leads to a heading that is not there. Use one of: %(names)s.")
                    names = ", ".join(sorted(there)[:8]) or "–"
                    yield Finding(
                        "error", "broken-link", unit, number, message % {"name": match[2], "names": names}, "body"
                    )


def _anchors(section: Section) -> set[str]:
    found: Counter[str] = Counter()
    names = set()
    for block in rendering.blocks(section.body):
        if block.kind == "heading":
            name = rendering.heading_id(block.text)
            found[name] += 1
            names.add(name if found[name] == 1 else f"{name}-{found[name]}")
    return names


def picture_findings(document: Document) -> Iterator[Finding]:
    """A picture is described in 3 to 30 words, where it stands and in the library."""
    low, high = PICTURE_WORDS
    message = _(
        "The picture “%(key)s” is described in %(count)s words. People who cannot see it hear only these: say in "
        "%(low)s to %(high)s words what it shows."
    )
    for section in document.sections:
        images = rendering.used(section.body).images
        for number, line in enumerate(section.body.split("\n"), start=1):
            for match in _PICTURE.finditer(line):
                count = len(rendering.plain(match[1], inline=True).split())
                if match[2] in images and not low <= count <= high:
                    unit = section_unit(base(document.folder, document.language), section.key)
                    values = {"key": match[2], "count": count, "low": low, "high": high}
                    yield Finding("error", "picture-words", unit, number, message % values, "body")
    for image in document.images:
        count = len(image.words.split())
        if image.words and not low <= count <= high:
            values = {"key": image.key, "count": count, "low": low, "high": high}
            yield Finding("error", "picture-words", shared_unit(image), 1, message % values, "words")


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
    elsewhere = ("answers", "options", "claims", "terms")
    return sum(len(passage.text.split()) for passage in passages if passage.list not in elsewhere)


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
                level = "error" if passage.list == "sections" and passage.kind != "cell" else "warning"
                message = _(
                    "“%(text)s” has %(count)s words; after %(most)s a reader has lost the beginning. Cut it in two."
                )
                values = {"text": short(sentence.text), "count": count, "most": LONGEST_SENTENCE}
                yield Finding(level, "long-sentence", passage.unit, passage.line, message % values, passage.field)  # type: ignore[arg-type]


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
                what = _("is not linked to the glossary in this section. Link its first use, or use a plain word.")
                if not inside:
                    what = _(
                        "is a medical word the glossary does not explain. Use a plain word, or add it to the "
                        "glossary and link it."
                    )
                yield Finding(
                    "warning", "undefined-term", passage.unit, passage.line, f"“{match[0]}” {what}", passage.field
                )


def balance_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    """A harm stands under the same heading as the benefit it belongs to. English only."""
    if document.kind != Kind.PROCEDURE:
        return
    for section in document.sections:
        groups: list[list[Passage]] = []
        for passage in passages:
            if passage.section == section.key and passage.field == "body":
                if passage.kind == "heading" or not groups:
                    groups.append([])
                groups[-1].append(passage)
        for first, *rest in groups:
            about_benefit = section.key == "benefits" or wording.BENEFIT.search(first.text)
            if first.kind != "heading" or not about_benefit or not rest:
                continue
            text = " ".join(passage.text for passage in rest)
            if wording.BENEFIT.search(text) and not wording.RISK.search(text):
                message = _(
                    "Under “%(heading)s” a benefit stands without a harm beside it. Say in the same place what "
                    "can go wrong."
                )
                yield Finding(
                    "warning", "benefit-alone", first.unit, first.line, message % {"heading": short(first.text)}, "body"
                )


def option_findings(document: Document) -> Iterator[Finding]:
    """Each option is described at the same length: words per filled cell within a quarter of the middle option's."""
    weights: dict[str, float] = {}
    for option in document.options:
        filled = [
            rendering.plain(cell.text, inline=True) for cell in option.cells.values() if cell.state == CellState.TEXT
        ]
        if filled:
            weights[option.key] = mean(len(text.split()) for text in filled)
    if len(weights) < 2:
        return
    middle = median(weights.values())
    for option in document.options:
        weight = weights.get(option.key)
        if weight is not None and abs(weight - middle) > WEIGHT * middle:
            message = _(
                "The option “%(name)s” has %(weight).0f words in each filled cell, the others about "
                "%(middle).0f. What is described at greater length looks weightier: bring it within a quarter of "
                "the others."
            )
            unit = part_unit(base(document.folder, document.language), "options", option.key)
            yield Finding(
                "warning",
                "unequal-options",
                unit,
                1,
                message % {"name": option.name, "weight": weight, "middle": middle},
                "cells",
            )
