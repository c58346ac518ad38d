"""What was written and handed in before: every save of a piece, every handed-in text, what differs, and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import publishing
from ..document import SHARED_FILES, Document, field_changes
from ..document.difference import TITLES
from ..models import SHARED, Edit, Guide, Part, Revision, Shared, preview_path
from .differences import KINDS, ShownField, shown_changes, shown_fields, what_of
from .edits import unit_name
from .forms import ANSWERS
from .standing import name_of

SAVES = 20
"""Saves on one page of a history."""
TEXTS = 30
"""Handed-in texts on one page."""
SHARED_LISTS = {SHARED_FILES[model.SHAPE]: name for name, model in SHARED.items()}


@dataclass(frozen=True)
class Save:
    """One save of a unit, in words, with what it changed. `fields` is empty where nothing was kept before it."""

    edit: Edit
    who: str
    what: Any
    title: Any
    kind_words: Any = ""
    fields: tuple[ShownField, ...] = ()


def place_of(unit: str) -> tuple[str, str]:
    """The list a unit belongs to and its key; ("", "") is the guide's own fields, an empty key the order of a list."""
    file, _hash, rest = unit.partition("#")
    if file in SHARED_LISTS:
        return SHARED_LISTS[file], rest
    if file.endswith(".md"):
        return "sections", file.rpartition("/")[2].removesuffix(".md")
    name, _slash, key = rest.partition("/")
    return name, key


def plain_texts(text: str) -> dict[str, str]:
    """The fields of a unit's stored text as plain text. "" (a unit that is gone) has none, nor has a damaged text."""
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    if isinstance(value, list):
        return {"order": "\n".join(map(str, value))}
    return {name: words for name, words in _flat(value) if name != "key"}


def _flat(value: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        path = f"{before}{name}"
        if isinstance(inner, dict) and name != "data":
            yield from _flat(inner, f"{path}.")
        elif isinstance(inner, list):
            yield path, "\n".join(map(str, inner))
        elif isinstance(inner, dict):
            yield path, json.dumps(inner, ensure_ascii=False, indent=1)
        else:
            yield path, "" if inner is None else str(inner)


def saves(edits: Iterable[Edit], *, of_one: bool) -> list[Save]:
    """Saves in words, newest first. `of_one`: all are of one unit, so that each is compared with the one after it.

    Words that lost a conflict never stood in the draft; they are compared with what did, and nothing with them.
    """
    rows = list(edits)
    found = []
    for place, edit in enumerate(rows):
        name, key = place_of(edit.unit)
        texts = plain_texts(edit.text)
        title = ANSWERS.get(key) if name == "answers" else ""
        title = title or next((texts[field] for field in TITLES if texts.get(field)), "") or key
        save = Save(edit, name_of(edit.by), what_of(name), title if key else _("order") if name else "")
        if of_one:
            stood = (row for row in rows[place + 1 :] if row.origin != Edit.Origin.CONFLICT)
            before = next(stood, None)
            save = _compared(save, name, before)
        found.append(save)
    return found


def _compared(save: Save, name: str, before: Edit | None) -> Save:
    after = plain_texts(save.edit.text)
    if before is None:
        return save
    earlier = plain_texts(before.text)
    kind = "removed" if not after else "changed" if earlier else "added"
    return Save(
        save.edit, save.who, save.what, save.title, KINDS[kind], shown_fields(name, field_changes(earlier, after))
    )


def _must(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(f"procedures.{permission}"):
        raise PermissionDenied


def _answer(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    whole = {**admin.site.each_context(request), "opts": Guide._meta, **context}
    return TemplateResponse(request, f"admin/procedures/guide/{template}.html", whole, status=status)


@require_safe
def of_guide(request: HttpRequest, guide: Guide) -> HttpResponse:
    """Every text of a guide that was handed in, and its latest saves."""
    _must(request, "view_revision")
    _must(request, "view_edit")
    texts = _page(request, guide.revisions.defer("document").select_related("by").order_by("-number"), TEXTS, "texts")
    edits = _page(request, guide.edits.select_related("by"), SAVES, "page")
    rows = list(texts.object_list.prefetch_related("reviews"))
    return _answer(
        request,
        "history",
        title=_("History of “%(guide)s”") % {"guide": guide},
        original=guide,
        texts=[(row, name_of(row.by), preview_path(guide, row)) for row in rows],
        text_pages=texts,
        newest=rows[0].pk if rows else None,
        second=rows[1].pk if len(rows) > 1 else None,
        saves=saves(edits.object_list, of_one=False),
        edit_pages=edits,
        may_bring_back=request.user.has_perm("procedures.submit_guide"),
    )


@require_safe
def of_unit(request: HttpRequest, unit: str, *, guide: Guide | None, up: str, name: Any) -> HttpResponse:
    """Every save of one unit, each with the words it changed."""
    _must(request, "view_edit")
    rows = Edit.objects.filter(unit=unit).select_related("by")
    page = _page(request, rows, SAVES, "page")
    last = page.end_index()
    beyond = (
        list(rows[last : last + SAVES]) if page.has_next() else []
    )  # what the last one on the page is compared with
    shown = saves([*page.object_list, *beyond], of_one=True)[: len(page.object_list)]
    return _answer(
        request,
        "unit_history",
        title=_("History of “%(name)s”") % {"name": name},
        guide=guide,
        up=up,
        name=name,
        saves=shown,
        edit_pages=page,
        two=_two(rows, old=request.GET.get("old", ""), new=request.GET.get("new", "")),
    )


def _two(rows: Any, *, old: str, new: str) -> dict[str, Any] | None:
    """What differs between any two saves of a unit; None while nobody has chosen two of them."""
    chosen = [number for number in (old, new) if number.isascii() and number.isdigit() and len(number) < 18]
    found = rows.in_bulk([int(number) for number in chosen])
    if len(chosen) < 2 or any(int(number) not in found for number in chosen):
        return None
    earlier, later = (found[int(number)] for number in chosen)
    list_name, _key = place_of(later.unit)
    fields = shown_fields(list_name, field_changes(plain_texts(earlier.text), plain_texts(later.text)))
    return {"old": earlier, "new": later, "fields": fields}


def of_row(request: HttpRequest, row: Part | Shared, *, up: str) -> HttpResponse:
    """The history of a row that has a page of its own."""
    guide = row.guide if isinstance(row, Part) else None
    return of_unit(request, unit_name(row), guide=guide, up=up, name=capfirst(str(row)))


@require_safe
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """The history of any unit of a guide, named in the address: ?unit=mesotherapy/guide.yaml%23costs/one."""
    _must(request, "view_edit")
    guide = get_object_or_404(Guide, pk=pk)
    name = request.GET.get("unit", "")
    found = guide.edits.filter(unit=name).first()
    if found is None:
        raise Http404(_("Nothing was saved under this name."))
    (save,) = saves([found], of_one=False)
    up = reverse("admin:procedures_guide_history", args=[pk])
    return of_unit(request, name, guide=guide, up=up, name=save.title or save.what)


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between two texts of a guide: ?old=…&new=… are numbers of handed-in texts, or "draft"."""
    _must(request, "view_revision")
    guide = get_object_or_404(Guide, pk=pk)
    (old, old_name), (new, new_name) = (_text(guide, request.GET.get(side, "")) for side in ("old", "new"))
    about = {"old": old_name, "new": new_name}
    return _answer(
        request,
        "compare",
        title=_("From %(old)s to %(new)s") % about,
        original=guide,
        changes=shown_changes(old, new),
    )


def _text(guide: Guide, number: str) -> tuple[Document, str]:
    if number == "draft":
        return publishing.frozen_document(guide), _("the draft")
    revision = guide.revisions.filter(pk=number).first() if number.isascii() and number.isdigit() else None
    if revision is None:
        raise Http404(_("There is no such text of this guide."))
    return revision.read(), _("text %(number)s") % {"number": revision.number}


def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what would change in the draft (GET), then writes an older text into it (POST)."""
    _must(request, "submit_guide")
    revision = get_object_or_404(Revision.objects.select_related("guide", "by"), pk=pk)
    guide, status = revision.guide, 200
    if request.method == "POST":
        try:
            publishing.restore(revision, by=request.user)  # type: ignore[arg-type]
        except publishing.NotAllowed as error:
            messages.error(request, str(error))
            status = 409
        else:
            messages.success(
                request,
                _("Text %(number)s is the draft again. What stood there before is kept in the history.")
                % {"number": revision.number},
            )
            return HttpResponseRedirect(reverse("admin:procedures_guide_change", args=[guide.pk]))
    old = publishing.frozen_document(guide)
    return _answer(
        request,
        "bring_back",
        status,
        title=_("Bring text %(number)s back as draft?") % {"number": revision.number},
        original=guide,
        revision=revision,
        changes=shown_changes(old, revision.read(), shared=False),
    )


def _page(request: HttpRequest, rows: Any, number: int, name: str) -> Page:
    return Paginator(rows, number).get_page(request.GET.get(name))
