"""What the editor shows beside the text: the one pipeline, with what is wrong line by line."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ..document import BODY_LIMIT, normal
from ..models import Guide
from ..rendering import Page, References, check
from .answers import for_staff, refusal
from .known import known_of


def markdownify(text: str) -> str:
    """Markdown to safe HTML for django-markdownx. It hands over only the text, so keys lead nowhere."""
    return "".join(str(piece.html) for piece in Page(References()).body(normal(text)))


@for_staff(permission="procedures.change_section", most_bytes=4 * BODY_LIMIT)
def preview(request: HttpRequest) -> JsonResponse:
    """Renders `text` as a section of `guide`: {"html": …, "problems": [{"line": …, "message": …}]}."""
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
    return JsonResponse({"html": render_to_string("admin/preview.html", {"pieces": pieces}), "problems": problems})
