"""The style guide: each component with the longest live text, words too long, nothing at all, and right to left.

The examples are made by the same functions as readers' pages, so none can go stale. `mesoinfo.urls` lets only staff in.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..document import Document, Kind, changes
from ..models import Clinic
from . import contexts, parts
from .answer import HTML
from .examples import TITLE, WORD, empty, harsh, right_to_left
from .figures import drawn
from .frame import frame, guide_frame
from .letters import Letter
from .live import Shelf, Shown, Signed, each
from .releases import worded
from .sheet import Sheet

DAY = datetime.date(2026, 11, 22)


@dataclass(frozen=True)
class Case:
    """One guide that all components are shown with."""

    name: str
    item: Shown
    clinic: Clinic


@dataclass(frozen=True)
class Example:
    """One component made from one case; `html` is empty where the component shows nothing."""

    case: str
    language: str
    direction: str
    html: str


def cases() -> tuple[Case, ...]:
    """The first live guide, if there is one, and the made ones."""
    live = next((item for item in each() if item.document.kind == Kind.PROCEDURE), None)
    signed = Signed(WORD, "MD, PhD", "123", own_text=True, date=DAY, next_due=datetime.date(2020, 1, 1))
    found = [Case(_("Real text"), live, Clinic(name="Green Street Clinic", phone="212-555-0100"))] if live else []
    long = Clinic(name=TITLE, address=WORD, phone="212-555-0100", phone_after_hours="212-555-0199")
    return (
        *found,
        Case(_("Words of sixty letters"), _shown(harsh(), review=signed), long),
        Case(_("Empty"), _shown(empty()), Clinic()),
        Case(
            _("Right to left"), _shown(right_to_left(), review=replace(signed, name="ד״ר כהן", next_due=DAY)), Clinic()
        ),
    )


def _shown(document: Document, *, review: Signed | None = None) -> Shown:
    return Shown(document=document, written=DAY, hash="", review=review)


def _document(case: Case) -> Document:
    return case.item.document


def _frame(case: Case, *, preview: bool = False) -> Any:
    document = case.item.document
    middle = document.sections[len(document.sections) // 2]
    path = f"{case.item.home}{middle.address}/"
    shelf = Shelf(language=document.language, clinic=case.clinic, guide=case.item, site=case.item)
    return guide_frame(shelf, case.item, path, name=middle.title, current=middle.address, preview=preview)


def _choose(name: str, make: Callable[[Sheet], Any]) -> Callable[[Case], dict[str, Any]]:
    return lambda case: {name: make(Sheet(case.item.document))}


def _around(case: Case) -> dict[str, Any]:
    around = _frame(case)
    return {"frame": around, "contents": around.contents, "line": around.review_line}


def _body(case: Case) -> dict[str, Any]:
    document = case.item.document
    longest = max(document.sections, key=lambda section: len(section.body))
    shelf = Shelf(language=document.language, clinic=case.clinic, guide=case.item)
    context = contexts.section(shelf, case.item, longest, guides={})
    return {"runs": context["part"].runs, "sources": context["sources"]}


def _figures(case: Case) -> list[dict[str, Any]]:
    sheet = Sheet(case.item.document)
    return [{"figure": drawn(sheet, figure)} for figure in case.item.document.figures]


def _differences(case: Case) -> dict[str, Any]:
    document = _document(case)
    return {"changes": worded(changes(replace(document, summary=WORD, questions=()), document))}


COMPONENTS: dict[str, tuple[str, Callable[[Case], Any]]] = {
    "Header": ("header", _around),
    "Preview": ("preview_banner", _around),
    "Breadcrumbs": ("breadcrumbs", _around),
    "Heading": ("heading", lambda case: {"title": _document(case).sections[0].title, "guide_title": _document(case).title}),
    "Emergency line": ("emergency_line", _around),
    "Contents, wide": ("contents", _around),
    "Contents, folded": ("contents_fold", _around),
    "Answers": ("answers", _choose("answers", parts.answers)),
    "Status": ("status", _choose("status", parts.status)),
    "Key facts": ("key_facts", _choose("facts", parts.key_facts)),
    "Text: care cards, do and do not, note, check, table": ("body", _body),
    "Figures": ("figure", _figures),
    "After a section": ("after", lambda case: {"part": _everything_after(case)}),
    "Choices": ("choices", _choose("choices", parts.options)),
    "How to reach the clinic": ("reach", _around),
    "Review line": ("review_line", _around),
    "Differences": ("differences", _differences),
    "Previous and next": ("pager", _around),
    "Sources": ("sources", _body),
    "Search form": ("search_form", lambda case: {"frame": _frame(case), "query": WORD, "longest": 200}),
    "Letters": ("letters", lambda case: {"letters": [Letter(key, key.upper(), "/", key == "b") for key in "abcmz"]}),
    "Guides": ("guides", lambda case: {"guides": [contexts.guide_pages(case.item)]}),
    "Footer": ("footer", _around),
}  # fmt: skip
"""Name of a component on the page → its template, and what makes its context from a case (or a list of them)."""


def _everything_after(case: Case) -> dict[str, Any]:
    sheet = Sheet(case.item.document)
    return {
        "questions": parts.questions(sheet),
        "stages": parts.stages(sheet),
        "costs": parts.costs(sheet),
        "signs": parts.warning_signs(sheet),
    }


def examples() -> dict[str, list[Example]]:
    """All examples by component, each made in the language of its guide."""
    found: dict[str, list[Example]] = {}
    tried = cases()
    for name, (template, make) in COMPONENTS.items():
        found[name] = []
        component = get_template(f"components/{template}.html")
        for case in tried:
            language = case.item.document.language
            with translation.override(language):
                direction = "rtl" if translation.get_language_bidi() else "ltr"
                made = make(case)
                for context in made if isinstance(made, list) else [made]:
                    html = component.render(context)
                    found[name].append(Example(case.name, language, direction, html))
    return found


_IDS = re.compile(r'(\s(?:id|for|aria-labelledby)="|href="#)([^"#]+")')


def _apart(html: str) -> str:
    """Gives the ids of each example its number: the same component stands on this page several times."""
    pieces = re.split(r'(?=<div class="example">)', html)
    return "".join(
        _IDS.sub(rf"\g<1>example-{number}-\g<2>", piece) if number else piece for number, piece in enumerate(pieces)
    )


@require_safe
def styles(request: HttpRequest) -> HttpResponse:
    """The whole style guide on one page, in the readers' stylesheet."""
    title = _("Styles")
    context = {
        "frame": frame(Shelf(language="en", clinic=Clinic()), "/admin/styles/", title=title, robots="noindex"),
        "components": examples(),
    }
    return HttpResponse(_apart(get_template("procedures/styles.html").render(context)), content_type=HTML)
