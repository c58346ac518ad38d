"""Does the guide answer each fact? Finds the sentence of a ledger entry on the page and the marks beside it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from procedures.document import Document
from procedures.quality.passages import Passage, passages
from procedures.rendering import Page
from procedures.rendering.of_document import references_of

ANSWERS = {"stated", "in-context", "corrected", "not-repeated"}
MOST_USES = 3


def page_texts(document: Document, all_passages: Iterable[Passage]) -> dict[str, str]:
    """What a reader sees of each section: its summary and body, rendered, without marks; of `guide`: all its parts."""
    page = Page(references_of(document))
    texts = {"guide": " ".join(passage.text for passage in all_passages if not passage.section)}
    for section in document.sections:
        pieces = "\n".join(str(piece.html) for piece in page.body(section.body))
        texts[section.key] = _words(f"{page.line(section.summary)}\n{pieces}")
    return texts


def _words(markup: str) -> str:
    without_marks = re.sub(r"<sup\b[^>]*>.*?</sup>", "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", without_marks)).split())


def paragraphs(all_passages: Iterable[Passage], section: str, says: str) -> list[Passage]:
    """The paragraphs, items and cells of a section that hold a sentence."""
    return [
        passage
        for passage in all_passages
        if (passage.section == section or (section == "guide" and not passage.section)) and says in passage.text
    ]


def supported(document: Document, passage: Passage) -> set[str]:
    """The ids that the sources behind a paragraph's marks support."""
    sources = {source.key: source for source in document.sources}
    claims = {claim.key: claim for claim in document.claims}
    keys = [key for mark in passage.marks for key in (claims[mark].cites if mark in claims else (mark,))]
    return {entry for key in keys if key in sources for entry in sources[key].supports}


def faults(document: Document, ledger: Mapping[str, list[dict[str, str]]], rows: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the ledger of a guide, one sentence each."""
    read = passages(document)
    texts = page_texts(document, read)
    for part in ("facts", "corrections"):
        have = Counter(entry["id"] for entry in ledger[part])
        for missing in rows[part].keys() - have.keys():
            yield f"{missing} is not answered"
        for unknown in have.keys() - rows[part].keys():
            yield f"{unknown} is no id"
        for twice in (key for key, count in have.items() if count > 1):
            yield f"{twice} is answered twice"
        uses = Counter(entry["says"] for entry in ledger[part])
        for says in (says for says, count in uses.items() if count > MOST_USES):
            yield f"{says!r} answers {uses[says]} ids"
        for entry in ledger[part]:
            yield from _entry(document, read, entry, texts, rows[part].get(entry["id"], {}), is_fact=part == "facts")


def _entry(
    document: Document,
    read: Iterable[Passage],
    entry: Mapping[str, str],
    texts: Mapping[str, str],
    row: Mapping[str, Any],
    *,
    is_fact: bool,
) -> Iterator[str]:
    name, section, says = entry["id"], entry["section"], entry["says"]
    if is_fact and entry.get("answer") not in ANSWERS:
        yield f"{name}: {entry.get('answer')!r} is no answer"
    if section not in texts:
        yield f"{name}: there is no section {section!r}"
        return
    if says not in texts[section]:
        yield f"{name}: the page {section!r} does not say {says!r}"
        return
    wanted = {name, *row.get("by", ())}
    citable = bool(row.get("by")) or any(name in source.supports for source in document.sources)
    if row.get("ok") or not citable:
        return
    places = paragraphs(read, section, says)
    if not any(supported(document, place) & wanted for place in places):
        have = sorted(set().union(*(supported(document, place) for place in places)))
        yield f"{name}: no mark beside {says!r} rests on {sorted(wanted)}; it rests on {have}"
