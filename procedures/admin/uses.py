"""Where a source, word or picture is used, whose released text holds it as it was, and taking the newer one over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import publishing
from ..models import SHARED, Guide, Section, Shared
from ..rendering import used
from .known import guides_using

LIST_OF = {model: name for name, model in SHARED.items()}
EVERY = 0
"""In place of a guide: all of them."""


@dataclass(frozen=True)
class Use:
    """A guide that uses it: in its draft, in what is live, and the sections of the draft whose text names it."""

    guide: Guide
    url: str
    draft: bool
    live: bool
    sections: tuple[tuple[str, str], ...] = ()


def uses_of(row: Shared) -> list[Use]:
    """Every guide whose draft or released text uses a row of the library, by title."""
    name = LIST_OF[type(row)]
    drafts = {guide.pk: guide for guide in guides_using(name, row.key)}
    live = {
        guide.pk: guide
        for guide in Guide.objects.live().filter(live__document__contains=f'"key":"{row.key}"')
        if guide.live.is_readable and any(item.key == row.key for item in guide.live.read().items(name))
    }
    found = {**live, **drafts}
    return [
        Use(guide, _hub(guide), pk in drafts, pk in live, _sections(guide, name, row.key) if pk in drafts else ())
        for pk, guide in sorted(found.items(), key=lambda pair: str(pair[1]))
    ]


def _sections(guide: Guide, name: str, key: str) -> tuple[tuple[str, str], ...]:
    kind = {"sources": "marks", "terms": "terms", "images": "images"}[name]
    return tuple(
        (section.title, reverse("admin:procedures_section_change", args=[section.pk]))
        for section in guide.sections.order_by("position", "pk")
        if any(key in getattr(used(text), kind) for text in (section.summary, section.body))
    )


def pictures_in_use() -> dict[str, list[str]]:
    """Key of each picture a section's text shows → the guides' titles. Reads only sections that show any."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = Section.objects.filter(body__contains="image:").select_related("guide").order_by("guide__title")
    for section in rows:
        for key in used(section.body).images:
            if str(section.guide) not in found[key]:
                found[key].append(str(section.guide))
    return found


def context_of(request: HttpRequest, row: Shared) -> dict[str, Any]:
    """What the page of a row shows of where it is used."""
    older = list(publishing.holding_older(row))
    may = request.user.has_perm("procedures.submit_guide")
    return {
        "uses": uses_of(row),
        "older": [(held, _hub(held.guide)) for held in older],
        "may_take_over": may,
        "several": may and sum(not held.hindrance for held in older) > 1,
        "take_over_all": EVERY,
    }


def take_over(request: HttpRequest, row: Shared, guide: int) -> HttpResponse:
    """Sends one guide (or, for EVERY, each that can be sent) for review with the library as it is. POST."""
    if not request.user.has_perm("procedures.submit_guide"):
        raise PermissionDenied
    if guide == EVERY:
        wanted = [held.guide for held in publishing.holding_older(row) if not held.hindrance]
    else:
        wanted = [get_object_or_404(Guide, pk=guide)]
    for one in wanted:
        try:
            publishing.take_over(one, row, by=request.user)  # type: ignore[arg-type]
        except publishing.NotAllowed as error:
            messages.error(request, f"{one}: {error}")
        else:
            messages.success(request, _("%(guide)s: sent for review with the newer wording.") % {"guide": one})
    if not wanted:
        messages.info(request, _("No guide can be sent now. Each line below says why."))
    return HttpResponseRedirect(reverse(f"admin:procedures_{row._meta.model_name}_change", args=[row.pk]))


def _hub(guide: Guide) -> str:
    return reverse("admin:procedures_guide_change", args=[guide.pk])
