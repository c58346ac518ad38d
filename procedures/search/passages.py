"""From a live document to the passages that can be found: each with the address of its very heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ..document import DEFAULT_LANGUAGE, CellState, Document, Kind, Section
from ..rendering import blocks, headings, plain
from ..rendering.of_document import home_of
from . import words

PLACES = {"questions": ("candidacy", "questions"), "stages": ("recovery", "stages"), "costs": ("costs", "prices")}
"""List of a guide → the section its page shows it in, and the id of its heading there."""


@dataclass(frozen=True)
class Passage:
    """A run of text under one heading. `key` names what is found (`mesotherapy/risks`, `glossary:ntm`)."""

    kind: str
    key: str
    url: str
    guide_title: str
    title: str
    text: str
    heading: str = ""
    names: tuple[str, ...] = ()

    def head(self, language: str) -> str:
        """Stems of what names it, other names included."""
        return words.stems(" ".join((self.title, self.heading, *self.names, self.guide_title)), language=language)

    def body(self, language: str) -> str:
        return words.stems(self.text, language=language)


def passages(document: Document) -> tuple[Passage, ...]:
    """All passages of a document in page order, then its words and its sources."""
    with override(document.language):
        return tuple(_passages(document))


def _passages(document: Document) -> Iterator[Passage]:
    if document.kind == Kind.PROCEDURE:
        yield _guide(document)
    for section in document.sections:
        yield from _section(document, section)
    yield from _lists(document)
    yield from _signs(document)
    yield from _options(document)
    prefix = "/" if document.language == DEFAULT_LANGUAGE else f"/{document.language}/"
    for term in document.terms:
        yield Passage(
            kind="term",
            key=f"glossary:{term.key}",
            url=f"{prefix}glossary/#{term.key}",
            guide_title="",
            title=term.term,
            names=term.also,
            text=plain(term.definition, inline=True),
        )
    for source in document.sources:
        about = (source.author, source.publisher, source.date, source.kind, source.doi, source.pmid, source.pmcid)
        yield Passage(
            kind="source",
            key=f"source:{source.key}",
            url=f"{home_of(document)}all/#sources" if document.kind == Kind.PROCEDURE else home_of(document),
            guide_title="",
            title=source.title or source.publisher,
            text=" · ".join(part for part in about if part),
        )


def _guide(document: Document) -> Passage:
    texts = [document.summary, document.decision, *(fact.text for fact in document.key_facts)]
    return Passage(
        kind="guide",
        key=document.slug,
        url=home_of(document),
        guide_title=document.title,
        title=document.title,
        text="\n".join(plain(text, inline=True) for text in texts if text),
    )


def _section(document: Document, section: Section) -> Iterator[Passage]:
    url = f"{home_of(document)}{section.address}/"
    key = f"{document.slug}/{section.key}"
    named: dict[str, Any] = {
        "kind": "section",
        "key": key,
        "guide_title": _guide_title(document),
        "title": section.title,
        "names": (section.nav,) if section.nav else (),
    }
    text = [plain(section.summary, inline=True)] if section.summary else []
    fragment, heading = "", ""
    upcoming = iter([found for found in headings(section.body) if found.text])
    for block in blocks(section.body):
        if block.kind != "heading":
            text.append(block.text)
            continue
        if text or not heading:
            yield Passage(url=f"{url}{fragment}", heading=heading, text="\n".join(text), **named)
        found = next(upcoming)
        fragment, heading, text = f"#{found.id}", found.text, []
    yield Passage(url=f"{url}{fragment}", heading=heading, text="\n".join(text), **named)


def _lists(document: Document) -> Iterator[Passage]:
    """Stages, prices and questions, each as one passage of the page that shows it."""
    titles = {"questions": _("Questions to ask the clinic"), "stages": _("Day by day"), "costs": _("Prices we found")}
    texts = {
        "questions": [part for item in document.questions for part in (item.question, item.why)],
        "stages": [part for stage in document.stages for part in (stage.title, stage.expect, *stage.do, *stage.dont)],
        "costs": [part for cost in document.costs for part in (cost.what, cost.basis, *cost.includes, *cost.excludes)],
    }
    for name, (place, fragment) in PLACES.items():
        lines = [plain(text, inline=True) for text in texts[name] if text]
        section = document.section(place)
        if not lines:
            continue
        yield Passage(
            kind="section",
            key=f"{document.slug}/{section.key if section else 'all'}",
            url=f"{home_of(document)}{section.address if section else 'all'}/#{fragment}",
            guide_title=_guide_title(document),
            title=section.title if section else document.title,
            heading=titles[name],
            text="\n".join(lines),
        )


def _signs(document: Document) -> Iterator[Passage]:
    for sign in document.warning_signs:
        yield Passage(
            kind="page",
            key=f"{document.slug}/get-help",
            url=f"{home_of(document)}get-help/#{sign.key}",
            guide_title=document.title,
            title=_("When to get help"),
            text="\n".join(plain(text, inline=True) for text in (sign.sign, sign.do, sign.call) if text),
        )


def _options(document: Document) -> Iterator[Passage]:
    for option in document.options:
        cells = [cell.text for cell in option.cells.values() if cell.state == CellState.TEXT]
        yield Passage(
            kind="page",
            key=f"{document.slug}/options",
            url=f"{home_of(document)}options/",
            guide_title=document.title,
            title=_("Compare the choices"),
            heading=option.name,
            text="\n".join(plain(text, inline=True) for text in cells),
        )


def _guide_title(document: Document) -> str:
    return document.title if document.kind == Kind.PROCEDURE else ""
