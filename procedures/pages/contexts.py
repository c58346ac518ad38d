"""What each template gets. Texts are rendered here in the order a reader meets them, because marks are numbered so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .. import structured_data
from ..document import Section
from ..rendering import Link, data_block, plain, used
from . import parts
from .figures import Drawn, drawn
from .frame import Frame, absolute, frame, guide_frame, prefix, review_line, twin_links
from .letters import is_split, letters, word_letters
from .live import Shelf, Shown
from .overview import Line, Overview
from .sheet import Sheet
from .words import Explained, Words

Context = dict[str, Any]

PLACE_OF = {"candidacy": "questions", "recovery": "stages", "costs": "costs", "risks": "signs", "side-effects": "signs"}
"""Which part follows the body of which section (design: pages)."""


LISTS_AFTER = {"questions": "questions", "stages": "stages", "costs": "costs", "signs": "warning_signs"}


@dataclass(frozen=True)
class Run:
    """A run of a body: HTML, or a figure that stands at this place."""

    html: SafeString
    figure: Drawn | None = None


@dataclass(frozen=True)
class SectionPart:
    """A section with what follows its body; the lists are empty where nothing belongs there."""

    key: str
    title: str
    url: str
    summary: SafeString
    runs: tuple[Run, ...]
    questions: tuple[parts.Question, ...] = ()
    stages: tuple[parts.Stage, ...] = ()
    costs: tuple[parts.Cost, ...] = ()
    signs: tuple[parts.Signs, ...] = ()
    changed: str = ""
    """The words that its title changed since the review."""


def home(shelf: Shelf, there: Overview, only: Shown | None) -> Context:
    """With one guide its five answers stand here at once; with several, the list of guides, with many, their letters."""
    path = prefix(shelf.language)
    sheet = Sheet(only.document, since=only.since, behind=only.behind) if only else None
    document = only.document if only else None
    around = frame(
        shelf,
        path,
        title=_("%(guide)s: five questions, plain answers") % {"guide": document.title} if document else "",
        description=plain(document.summary, inline=True) if document else "",
        emergency=document.emergency if document else None,
        help_url=f"{only.home}get-help/" if only and only.document.warning_signs else "",
        review_line=review_line(only) if only else None,
        wide=True,
    )
    return {
        **_base(around),
        "only": only is not None,
        "decision": sheet.text(document.decision, since=sheet.own("decision")) if sheet and document else "",
        "compare": f"{only.home}options/" if only and document and document.options else "",
        "answers": parts.answers(sheet) if sheet else (),
        "letters": letters(there.initials, language=shelf.language),
        "guides": [] if is_split(there.initials) else [_entry(line) for line in there.guides()],
        "sources": sheet.sources() if sheet else None,
        "graph": data_block(structured_data.home(around.canonical, name=around.site_title, language=shelf.language)),
    }


def letter(shelf: Shelf, there: Overview, key: str) -> Context:
    """The guides of one letter, among the letters of all."""
    row = letters(there.initials, language=shelf.language, current=key)
    here = next(item for item in row if item.current)
    around = frame(
        shelf,
        here.url,
        title=_("Guides: %(letter)s") % {"letter": here.title},
        crumbs=(Link(prefix(shelf.language), _("Home")),),
    )
    return {**_base(around), "letters": row, "guides": [_entry(line) for line in there.guides(key)]}


def guide(shelf: Shelf, item: Shown) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind)
    around = guide_frame(shelf, item, item.home, twins=True)
    return {
        **_base(around),
        "summary": sheet.text(item.document.summary, since=sheet.own("summary")),
        "decision": sheet.text(item.document.decision, since=sheet.own("decision")),
        "status": parts.status(sheet),
        "answers": parts.answers(sheet),
        "key_facts": parts.key_facts(sheet),
        "changed": sheet.note(sheet.own("title"), part="guide.yaml"),
        "removed": sheet.gone("answers", "key_facts", "sections"),
        "sources": sheet.sources(),
        "graph": _graph(around, item, sheet),
    }


def section(shelf: Shelf, item: Shown, part: Section, *, guides: Mapping[str, Link]) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind, guides=guides)
    around = guide_frame(
        shelf,
        item,
        f"{item.home}{part.address}/",
        name=part.title,
        description=plain(part.summary or item.document.summary, inline=True),
        current=part.address,
        twins=True,
    )
    built = _section(sheet, item, part)
    return {
        **_base(around),
        "part": built,
        "guide_title": item.document.title,
        "removed": sheet.gone(*(LISTS_AFTER[name] for name in [PLACE_OF.get(part.key)] if name)),
        "sources": sheet.sources(),
        "graph": _graph(around, item, sheet, part=part),
    }


def whole(shelf: Shelf, item: Shown, *, guides: Mapping[str, Link]) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind, guides=guides, whole=True)
    around = guide_frame(shelf, item, f"{item.home}all/", name=_("The whole guide"), current="all", twins=True)
    context = {
        **_base(around),
        "guide_title": item.document.title,
        "summary": sheet.text(item.document.summary, since=sheet.own("summary")),
        "decision": sheet.text(item.document.decision, since=sheet.own("decision")),
        "status": parts.status(sheet),
        "key_facts": parts.key_facts(sheet),
    }
    shown: set[str] = set()
    sections = []
    for part in item.document.sections:
        wanted = PLACE_OF.get(part.key, "")
        sections.append(_section(sheet, item, part, with_part=wanted not in shown))
        shown.add(wanted)
    rest = set(PLACE_OF.values()) - shown
    return {
        **context,
        "parts": sections,
        "removed": sheet.gone("key_facts", "sections", *LISTS_AFTER.values()),
        "rest": SectionPart(key="", title="", url="", summary=sheet.text(""), runs=(), **_parts(sheet, rest)),
        "sources": sheet.sources(),
        "graph": _graph(around, item, sheet),
    }


def options(shelf: Shelf, item: Shown) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind)
    name = _("Compare the choices")
    around = guide_frame(shelf, item, f"{item.home}options/", name=name, current="options", wide=True)
    return {
        **_base(around),
        "name": name,
        "guide_title": item.document.title,
        "decision": sheet.text(item.document.decision, since=sheet.own("decision")),
        "choices": parts.options(sheet),
        "removed": sheet.gone("options"),
        "sources": sheet.sources(),
        "graph": _graph(around, item, sheet, name=name),
    }


def get_help(shelf: Shelf, item: Shown) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind)
    name = _("When to get help")
    signs = parts.warning_signs(sheet)
    around = guide_frame(shelf, item, f"{item.home}get-help/", name=name, current="get-help")
    return {
        **_base(around),
        "name": name,
        "guide_title": item.document.title,
        "urgent": [group for group in signs if group.urgency == "emergency"],
        "later": [group for group in signs if group.urgency != "emergency"],
        "spans": parts.span_titles(),
        "changed": sheet.note(sheet.own("emergency")),
        "removed": sheet.gone("warning_signs"),
        "sources": sheet.sources(),
        "graph": _graph(around, item, sheet, name=name),
    }


def glossary(shelf: Shelf, words: Words) -> Context:
    """All words with what they mean; where they are many, the list of words, each leading to its letter."""
    path = f"{prefix(shelf.language)}glossary/"
    row = word_letters(words.initials, language=shelf.language)
    around = frame(
        shelf,
        path,
        title=_("Words explained"),
        description=_("Medical words of these guides in plain words."),
        crumbs=(Link(prefix(shelf.language), _("Home")),),
        twins=twin_links(path),
    )
    if not row:
        return _words(around, words.explained())
    graph = structured_data.glossary(around.canonical, name=around.title, language=shelf.language, terms=())
    index = [(letter, words.terms(letter.key)) for letter in row]
    return {**_base(around), "letters": row, "index": index, "graph": data_block(graph)}


def glossary_letter(shelf: Shelf, words: Words, key: str) -> Context:
    """The words of one letter with what they mean, among the letters of all."""
    row = word_letters(words.initials, language=shelf.language, current=key)
    here = next(item for item in row if item.current)
    home = prefix(shelf.language)
    around = frame(
        shelf,
        here.url,
        title=_("Words explained: %(letter)s") % {"letter": here.title},
        description=_("Medical words of these guides in plain words."),
        crumbs=(Link(home, _("Home")), Link(f"{home}glossary/", _("Words explained"))),
        twins=twin_links(here.url),
    )
    return {**_words(around, words.explained(key)), "letters": row}


def _words(around: Frame, explained: Explained) -> Context:
    sheet = Sheet(explained.document)
    terms = [
        {
            "key": term.key,
            "term": term.term,
            "also": term.also,
            "definition": sheet.text(term.definition, term.cites),
        }
        for term in explained.terms
    ]
    graph = structured_data.glossary(
        around.canonical,
        name=around.title,
        language=explained.document.language,
        terms=[(term.key, term.term, plain(term.definition, inline=True)) for term in explained.terms],
    )
    return {**_base(around), "terms": terms, "sources": sheet.sources(), "graph": data_block(graph)}


def site_page(shelf: Shelf, item: Shown, part: Section) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind)
    path = f"{item.home}{part.address}/"
    around = frame(
        shelf,
        path,
        title=part.title,
        description=plain(part.summary, inline=True),
        crumbs=(Link(item.home, _("Home")),),
        twins=twin_links(path),
        review_line=review_line(item),
    )
    built = _section(sheet, item, part)
    graph = structured_data.site_page(
        around.canonical,
        name=part.title,
        description=around.description,
        language=item.document.language,
        trail=_trail(around),
        modified=item.written,
    )
    return {**_base(around), "part": built, "sources": sheet.sources(), "graph": data_block(graph)}


def guides_used(*texts: str) -> set[str]:
    """The folders of the guides these texts link to."""
    return {folder for text in texts for folder in used(text).guides}


def _base(around: Frame) -> Context:
    return {"frame": around}


def _entry(line: Line) -> dict[str, Any]:
    return {"title": line.title, "url": line.url, "summary": plain(line.summary, inline=True)}


def _section(sheet: Sheet, item: Shown, part: Section, *, with_part: bool = True) -> SectionPart:
    figures = {figure.key: figure for figure in item.document.figures}
    wanted = {PLACE_OF[part.key]} if with_part and part.key in PLACE_OF else set()
    titles_only = sheet.whole or "stages" in wanted
    earlier = sheet.before("sections", part.key)
    summary = sheet.text(
        part.summary, since=sheet.differs("sections", part.key) and _was(earlier, "summary") != part.summary
    )
    runs = tuple(
        Run(piece.html, drawn(sheet, figures[piece.figure], titles_only=titles_only) if piece.figure else None)
        for piece in sheet.body(part.body, key=part.key)
    )
    return SectionPart(
        key=part.key,
        title=part.title,
        url=f"{item.home}{part.address}/",
        summary=summary,
        runs=runs,
        changed=sheet.note(earlier is not None and earlier.title != part.title, part=f"{part.key}.md"),
        **_parts(sheet, wanted),
    )


def _was(section: Section | None, name: str) -> str:
    return str(getattr(section, name)) if section is not None else ""


def _parts(sheet: Sheet, wanted: set[str]) -> dict[str, Any]:
    made: dict[str, Callable[[Sheet], Any]] = {
        "questions": parts.questions,
        "stages": parts.stages,
        "costs": parts.costs,
        "signs": parts.warning_signs,
    }
    return {name: make(sheet) for name, make in made.items() if name in wanted}


def _trail(around: Frame) -> list[tuple[str, str]]:
    here = around.title.split(" – ")[0]
    return [*((link.title, absolute(link.url)) for link in around.crumbs), (here, around.canonical)]


def _graph(around: Frame, item: Shown, sheet: Sheet, *, part: Section | None = None, name: str = "") -> SafeString:
    cited = [citation for entry in sheet.sources().entries for citation in entry.citations]
    policy = next((absolute(link.url) for link in around.footer if link.url.endswith("/editorial-policy/")), "")
    return data_block(
        structured_data.guide_page(
            around.canonical,
            item.document,
            name=name or (part.title if part else item.document.title),
            description=around.description,
            guide_url=absolute(item.home),
            trail=_trail(around),
            cited=[(entry.source, entry.url) for entry in cited],
            modified=item.written,
            review=item.review,
            policy=policy,
            publisher=around.clinic.name,
            sections=[(section.title, absolute(f"{item.home}{section.address}/")) for section in item.document.sections]
            if part is None and not name
            else [],
        )
    )


def guide_pages(item: Shown) -> Context:
    """A guide with links to its sections, for pages that help a reader who is lost."""
    document = item.document
    return {
        "title": document.title,
        "url": item.home,
        "sections": [Link(f"{item.home}{section.address}/", section.short) for section in document.sections],
    }
