"""What the editor shows beside the text: the one pipeline, with what is wrong line by line."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..document import BODY_LIMIT, normal
from ..models import Guide
from ..quality import grade_body
from ..rendering import Page, References, check, plain
from .answers import for_staff, refusal
from .known import Known, known_of

ENOUGH_TO_GRADE = 20
"""Words; under it one long word moves a grade by years."""


def markdownify(text: str) -> str:
    """Markdown to safe HTML for django-markdownx. It hands over only the text, so keys lead nowhere."""
    return "".join(str(piece.html) for piece in Page(References()).body(normal(text)))


@for_staff(permission="procedures.change_section", most_bytes=4 * BODY_LIMIT)
def preview(request: HttpRequest) -> JsonResponse:
    """Renders `text` as a section of `guide`: {"html": …, "problems": [{"line": …, "message": …}], "counts": …}."""
    text, number = request.POST.get("text"), request.POST.get("guide", "")
    if text is None:
        return refusal(_("There is no text to show."), status=400)
    guide = (
        Guide.objects.filter(pk=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 18
        else None
    )
    if guide is None:
        return refusal(_("This guide is not there any more."), status=404)
    text = normal(text)
    if len(text.encode("utf-8", "replace")) > BODY_LIMIT:
        return refusal(_("The text is too long. Divide it into two sections."), status=413)
    known = known_of(guide)
    titles = {figure.key: figure.title for figure in known.document.figures}
    pieces = [(piece, titles.get(piece.figure, "")) for piece in Page(known.references).body(text)]
    problems = [{"line": problem.line, "message": problem.message} for problem in check(text, known.references)]
    html = render_to_string("admin/preview.html", {"pieces": pieces})
    return JsonResponse({"html": html, "problems": problems, "counts": counted(text, known)})


def counted(text: str, known: Known) -> str:
    """How long a body is and how hard to read, in words. Grades are for English, and of a few words they say nothing."""
    number = len(plain(text).split())
    words = ngettext("%(count)s word", "%(count)s words", number) % {"count": number}
    if number < ENOUGH_TO_GRADE or known.document.language != "en":
        return words
    terms = [name for term in known.document.terms for name in (term.term, *term.also)]
    measured = grade_body(text, terms=terms).adjusted
    grade = _("reading grade %(grade)s") % {"grade": round(measured.flesch_kincaid, 1)}
    longest = _("longest sentence %(count)s words") % {"count": measured.longest}
    return f"{words} · {grade} · {longest}"
