"""The lists of a guide, one page each, and the order of what stands in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ..document import ANSWER_KEYS
from ..models import (
    PARTS,
    Answer,
    CostItem,
    Figure,
    Guide,
    KeyFact,
    Part,
    Question,
    Stage,
    WarningSign,
    next_position,
)
from . import panel
from .base import Fields, Page, stays
from .edits import record_changes, texts_of
from .forms import AnswerForm, FigureForm, NoFields, UnitForm

PAGES = {
    "costs": _("Costs"),
    "stages": _("Recovery"),
    "questions": _("Questions"),
    "warning_signs": _("Warning signs"),
    "claims": _("Claims"),
    "figures": _("Pictures"),
}
"""Lists that have a page of their own, in the order the hub names them. Claims are too many for one form: theirs
leads to a page for each."""


class Rows(Fields, admin.StackedInline):
    form = UnitForm
    template = "admin/procedures/guide/rows.html"
    extra = 0
    ordered = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("position", "pk")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.guide = obj
        return formset


class AnswerRows(Rows):
    model, form, ordered = Answer, AnswerForm, False
    max_num = len(ANSWER_KEYS)
    can_delete = False
    verbose_name_plural = _("The five answers")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(missing_answers(obj))


def missing_answers(guide: Guide | None) -> list[str]:
    have = set(guide.answers.values_list("key", flat=True)) if guide and guide.pk else set()
    return [key for key in ANSWER_KEYS if key not in have]


class KeyFactRows(Rows):
    model = KeyFact


class CostRows(Rows):
    model = CostItem


class StageRows(Rows):
    model = Stage


class QuestionRows(Rows):
    model = Question


class WarningSignRows(Rows):
    model = WarningSign


class FigureRows(Rows):
    model, form = Figure, FigureForm


ROWS: dict[str, type[Rows]] = {
    rows.model.LIST: rows for rows in (CostRows, StageRows, QuestionRows, WarningSignRows, FigureRows)
}


class WithRows(Page):
    """A page of a guide with rows below: keeps places, records edits, moves rows up and down."""

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: InlineModelAdmin, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, AnswerRows):
            kwargs["initial"] = [{"key": key} for key in missing_answers(obj)]
        return kwargs

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form.known = self.known(request, obj)
            yield formset, inline

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        rows = formset.save(commit=False)
        for gone in formset.deleted_objects:
            gone.delete()
        for row in rows:
            if row.pk is None:
                row.position = next_position(type(row), row.guide)
            row.save()
        formset.save_m2m()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._move(request, form.instance)
        count = record_changes(form.instance, before=request._before, by=request.user)  # type: ignore[attr-defined]
        stays(request, changed=bool(count))

    def _move(self, request: HttpRequest, guide: Guide) -> None:
        name, _colon, rest = request.POST.get("_move", "").partition(":")
        key, _colon, way = rest.partition(":")
        shown = {inline.model.LIST for inline in self.get_inline_instances(request, guide) if inline.ordered}  # type: ignore[attr-defined]
        model = PARTS.get(name)
        if model is not None and name in shown and request.user.has_perm(f"procedures.change_{model._meta.model_name}"):
            move(model, guide, key=key, way=way)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        request._before = texts_of(obj if change else None)  # type: ignore[attr-defined]
        self.write(obj, form=form, change=change)

    def write(self, obj: Guide, *, form: Any, change: bool) -> None:
        raise NotImplementedError


def move(model: type[Part], guide: Guide, *, key: str, way: str) -> bool:
    """Exchanges a part with the one above (`way` "up") or below ("down"). Returns whether there was one."""
    rows = list(model._default_manager.select_for_update().filter(guide=guide).order_by("position", "pk"))
    place = next((place for place, row in enumerate(rows) if row.key == key), None)
    other = None if place is None else place + {"up": -1, "down": 1}.get(way, 0)
    if place is None or other is None or other == place or not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])
    return True


class ListPage(WithRows):
    """One list of a guide on a page of its own."""

    form = NoFields
    fields: list[str] = []
    change_form_template = "admin/procedures/guide/list.html"

    def __init__(self, site: AdminSite, name: str) -> None:
        self.name = name
        self.inlines = [ROWS[name]]
        super().__init__(Guide, site)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, obj: Guide, *, form: Any, change: bool) -> None:
        """The guide's own row is not written: nothing of it is on this page."""

    def page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context: dict[str, Any] = {"title": PAGES[self.name], "subtitle": None}
        guide = self.get_object(request, unquote(object_id))
        if guide is not None and self.has_view_or_change_permission(request, guide):
            context["panel"] = panel.of_list(guide, self.name, self.known(request, guide).document)
        return self.changeform_view(request, object_id, "", context)
