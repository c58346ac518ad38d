"""The same pages for programs: Markdown as it is written in the content files, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..document import Document, Kind, Section, Source, Term, to_plain
from ..rendering import used
from . import errors
from .answer import answer
from .contexts import PLACE_OF
from .frame import absolute
from .letters import word_letters, words_are_split
from .live import Shown, shelf
from .overview import overview
from .parts import answer_questions
from .views import found, reader

LISTS = {"questions": "questions", "stages": "stages", "costs": "costs", "signs": "warning_signs"}
"""Which list of a document a part of a page shows."""
MARKDOWN = "text/markdown; charset=utf-8"
JSON = "application/json; charset=utf-8"


@reader
def guide(request: HttpRequest, *, language: str, guide: str, form: str) -> HttpResponse:
    around = shelf(language, slug=guide)
    if around.guide is None:
        if around.site_is_unreadable:
            return errors.missing_or_unreadable(request, language=language, slug=guide)
        if around.site is None:
            raise Http404
        return _section_twin(request, around.site, guide, form)
    item = around.guide
    if form == "json":
        return _json(request, {**_about(item, item.home), "guide": to_plain(item.document)})
    return answer(request, _guide_markdown(item), content_type=MARKDOWN)


@reader
def whole(request: HttpRequest, *, language: str, guide: str, form: str) -> HttpResponse:
    _around, item = found(language, guide)
    if form == "json":
        return _json(request, {**_about(item, f"{item.home}all/"), "guide": to_plain(item.document)})
    texts = [f"# {section.title}\n\n{section.body}" for section in item.document.sections]
    marks = {key for section in item.document.sections for key in used(section.body).marks}
    body = "\n\n".join([_guide_markdown(item, sources=False).strip(), *(text.strip() for text in texts)])
    return answer(request, f"{body}\n{_sources(item.document, marks)}", content_type=MARKDOWN)


@reader
def section(request: HttpRequest, *, language: str, guide: str, section: str, form: str) -> HttpResponse:
    _around, item = found(language, guide)
    return _section_twin(request, item, section, form)


def _section_twin(request: HttpRequest, item: Shown, address: str, form: str) -> HttpResponse:
    document = item.document
    part = next((part for part in document.sections if part.address == address), None)
    if part is None:
        raise Http404
    marks = used(part.summary).marks | used(part.body).marks
    if form == "md":
        return answer(request, _section_markdown(document, part, marks), content_type=MARKDOWN)
    wanted = LISTS.get(PLACE_OF.get(part.key, ""), "") if document.kind == Kind.PROCEDURE else ""
    marks |= _marks_of(document.items(wanted)) if wanted else set()
    content = {
        **_about(item, f"{item.home}{part.address}/"),
        "guide": document.title,
        "section": to_plain(part),
        "parts": {wanted: [to_plain(one) for one in document.items(wanted)]} if wanted else {},
        "claims": [to_plain(claim) for claim in document.claims if claim.key in marks],
        "sources": [to_plain(source) for source in _cited(document, marks)],
    }
    return _json(request, content)


def _marks_of(items: Iterable[Any]) -> set[str]:
    """The keys that parts cite, in their lists and in their texts."""
    found: set[str] = set()
    for plain in (to_plain(item) for item in items):
        found.update(plain.get("cites", ()))
        for value in plain.values():
            for text in value if isinstance(value, list) else [value]:
                found |= used(text).marks if isinstance(text, str) else set()
    return found


@reader
def glossary(request: HttpRequest, *, language: str, form: str) -> HttpResponse:
    """All words with what they mean; where they are many, the list of words, each leading to its letter."""
    there = overview(language)
    if not there:
        raise Http404
    row = word_letters(there.words.initials, language=language)
    if not row:
        return _words(request, there.words.terms(), form)
    listed = (
        (term, f"{letter.url.rstrip('/')}.{form}#{term.key}")
        for letter in row
        for term in there.words.terms(letter.key)
    )
    if form == "json":
        return _terms(request, ({"key": term.key, "term": term.term, "url": url} for term, url in listed))
    lines = [f"# {_('Words explained')}", "", *(f"- [{term.term}]({url})" for term, url in listed), ""]
    return answer(request, "\n".join(lines), content_type=MARKDOWN)


@reader
def glossary_letter(request: HttpRequest, *, language: str, letter: str, form: str) -> HttpResponse:
    """The words of one letter with what they mean."""
    words = overview(language).words
    if letter not in words.initials or not words_are_split(words.initials):
        raise Http404
    return _words(request, words.terms(letter), form)


def _words(request: HttpRequest, terms: Iterable[Term], form: str) -> HttpResponse:
    if form == "json":
        return _terms(request, (to_plain(term) for term in terms))
    lines = [f"# {_('Words explained')}", ""]
    for term in terms:
        lines += [f"## {term.term}", "", term.definition, ""]
    return answer(request, "\n".join(lines), content_type=MARKDOWN)


def _terms(request: HttpRequest, terms: Iterable[dict[str, Any]]) -> HttpResponse:
    """A line for each, made one after another: there may be thousands."""
    lines = ",\n".join(f"  {json.dumps(term, ensure_ascii=False)}" for term in terms)
    return answer(request, f'{{"terms": [\n{lines}\n]}}\n', content_type=JSON)


def _json(request: HttpRequest, content: dict[str, Any]) -> HttpResponse:
    return answer(request, json.dumps(content, ensure_ascii=False, indent=1) + "\n", content_type=JSON)


def _about(item: Shown, path: str) -> dict[str, Any]:
    review = item.review
    return {
        "url": absolute(path),
        "language": item.document.language,
        "written": item.written.isoformat(),
        "hash": item.hash,
        "reviewed": {
            "name": review.name,
            "credentials": review.credentials,
            "date": review.date.isoformat(),
            "next_due": review.next_due.isoformat(),
        }
        if review
        else None,
    }


def _guide_markdown(item: Shown, *, sources: bool = True) -> str:
    document, questions = item.document, answer_questions()
    lines = [f"# {document.title}", "", document.summary, "", document.decision, ""]
    for part in document.answers:
        lines += [f"## {questions.get(part.key, part.key)}", "", _with_marks(part.text, part.cites), ""]
    lines += [f"- **{fact.label}**: {_with_marks(fact.text, fact.cites)}" for fact in document.key_facts]
    lines += ["", *(f"- [{part.title}](section:{part.key})" for part in document.sections), ""]
    cited = [(part.text, part.cites) for part in document.answers] + [
        (part.text, part.cites) for part in document.key_facts
    ]
    marks = {key for text, cites in cited for key in (*cites, *used(text).marks)}
    return "\n".join(lines) + (_sources(document, marks | used(document.summary).marks) if sources else "")


def _section_markdown(document: Document, part: Section, marks: Iterable[str]) -> str:
    """The section as its content file has it (JSON strings are YAML), and the list of its sources."""
    front = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in _front(part) if value]
    return "\n".join(["---", *front, "---", "", part.body.strip(), _sources(document, marks)])


def _front(part: Section) -> list[tuple[str, str]]:
    return [("title", part.title), ("nav", part.nav), ("slug", part.slug), ("summary", part.summary)]


def _with_marks(text: str, cites: Iterable[str]) -> str:
    return text + "".join(f"[^{key}]" for key in cites if key not in used(text).marks)


def _cited(document: Document, marks: Iterable[str]) -> list[Source]:
    """The sources behind these marks, those of claims included."""
    wanted = set(marks)
    for claim in document.claims:
        if claim.key in wanted:
            wanted.update(claim.cites)
    return [source for source in document.sources if source.key in wanted]


def _sources(document: Document, marks: Iterable[str]) -> str:
    wanted = set(marks)
    lines = ["", f"## {_('Sources')}", ""]
    by_key = {source.key: source for source in document.sources}
    for claim in document.claims:
        if claim.key in wanted:
            named = "; ".join(_cite(by_key[key]) for key in claim.cites if key in by_key)
            lines.append(f"- [^{claim.key}] {claim.says} ({named})")
    lines += [f"- [^{key}] {_cite(by_key[key])}" for key in sorted(wanted & by_key.keys())]
    return "\n".join([*lines, ""]) if len(lines) > 3 else "\n"


def _cite(source: Source) -> str:
    words = ". ".join(text for text in (source.author, source.title, source.publisher, source.date) if text)
    address = source.link
    return f"{words}. <{address}>" if address else f"{words}."
