"""The lists of a guide, one page each, and the order of what stands in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
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
from .clashes import opened_with
from .edits import last_edits, record_changes, texts_of, unit_name
from .forms import AnswerForm, FigureForm, NoFields, UnitForm
from .standing import ago, name_of

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


class UnitRows(BaseInlineFormSet):
    """Rows of which some may have been removed by somebody else while they were written.

    Django would refuse the whole page and forget their text. Here such a row comes in as one to be added, with the key
    that its mark names, so that its form finds the clash.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data = self._regrouped(self.data)

    def _regrouped(self, data: Any) -> Any:
        try:
            total, initial = (int(data[f"{self.prefix}-{name}_FORMS"]) for name in ("TOTAL", "INITIAL"))
        except (KeyError, ValueError):
            return data  # Django says what is wrong with it
        rows = list(self.get_queryset())
        there, keys = {str(row.pk) for row in rows}, {row.key: str(row.pk) for row in rows}
        gone: dict[int, str] = {}
        for place in range(min(initial, total, self.absolute_max)):
            key = opened_with(data.get(f"{self.prefix}-{place}-token", "")).unit.rpartition("/")[2]
            if key and data.get(f"{self.prefix}-{place}-id") not in there:
                gone[place] = key
        if not gone:
            return data
        back = [place for place, key in gone.items() if key in keys]  # removed, and put back as another row
        first = [place for place in range(initial) if place not in gone or place in back]
        order = [*first, *range(initial, total), *(place for place in gone if place not in back)]
        found = data.copy()
        for name in data:
            place, _hyphen, rest = name.removeprefix(f"{self.prefix}-").partition("-")
            if name.startswith(f"{self.prefix}-") and place.isdecimal() and rest:
                del found[name]
        for number, place in enumerate(order):
            for name in [name for name in data if name.startswith(f"{self.prefix}-{place}-")]:
                found.setlist(f"{self.prefix}-{number}-{name.split('-', 2)[2]}", data.getlist(name))
            if place in gone:
                found[f"{self.prefix}-{number}-key"] = gone[place]
                found[f"{self.prefix}-{number}-id"] = keys.get(gone[place], "")
        found[f"{self.prefix}-INITIAL_FORMS"] = str(len(first))
        return found

    @cached_property
    def forms(self) -> Any:
        """The forms, each told who saved its row last."""
        found = super().forms
        last = last_edits([form.instance.unit for form in found if form.instance.pk])
        for form in found:
            if form.instance.pk and (edit := last.get(form.instance.unit)):
                form.last_by, form.last_ago = name_of(edit.by), ago(edit.at)
        return found


class Rows(Fields, admin.StackedInline):
    form = UnitForm
    formset = UnitRows
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
        own = unit_name(form.instance)
        lists = [f"{own}#{inline.model.LIST}" for inline in self.get_inline_instances(request, form.instance)]  # type: ignore[attr-defined]
        count = record_changes(form.instance, before=request._before, by=request.user, of=[own, *lists])  # type: ignore[attr-defined]
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
        if not getattr(form, "skipped", False):
            self.write(obj, form=form, change=change)

    def clash_context(self, obj: Any) -> dict[str, Any]:
        return {"guide": obj}

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

    def last_saved(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        return {}  # each row says it for itself

    def page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context: dict[str, Any] = {"title": PAGES[self.name], "subtitle": None}
        guide = self.get_object(request, unquote(object_id))
        if guide is not None and self.has_view_or_change_permission(request, guide):
            context["panel"] = panel.of_list(guide, self.name, self.known(request, guide).document)
        return self.changeform_view(request, object_id, "", context)
