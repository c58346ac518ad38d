"""Sections and options: one page each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from ..document import CELL_KEYS, order_unit
from ..models import Claim, Guide, Option, Section, next_position, preview_path
from . import merging, panel, past
from .base import Page, stays
from .clashes import mark_of_unit
from .edits import last_edit, record_changes, recorded, texts_of
from .forms import CELLS, ClaimForm, OptionForm, UnitForm
from .standing import name_of


class PartPage(Page):
    """A part of a guide on a page of its own, reached from the guide's hub."""

    part_list: str
    change_form_template = "admin/procedures/guide/part.html"
    delete_confirmation_template = "admin/procedures/guide/delete.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # not on the first page: the hub leads here

    def guide_of(self, request: HttpRequest, obj: Any = None) -> Guide:
        if obj is not None:
            return obj.guide  # type: ignore[no-any-return]
        guide = Guide.objects.filter(
            pk=request.GET.get("guide") if str(request.GET.get("guide")).isdecimal() else None
        ).first()
        if guide is None:
            raise Http404(_("Start from the page of a guide."))
        return guide

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.guide = self.guide_of(request, obj)
        form.known = self.known(request, form.guide)
        if obj is not None and "body" in form.base_fields:
            found = panel.of_part(obj, form.known.document)
            form.base_fields["body"].widget.lines = SimpleLazyObject(lambda: list(found.lines()))
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and obj is None:
            unit = merging.removed(request)
            if unit is not None and self.has_add_permission(request):
                return self._removed(request, unit)
            return super().changeform_view(request, object_id, form_url, extra_context)
        guide = self.guide_of(request, obj)
        context = {
            "guide": guide,
            "hub": reverse("admin:procedures_guide_change", args=[guide.pk]),
            "up": self.up(guide),
            **(extra_context or {}),
        }
        if obj is not None:
            context |= {"title": self.title(obj), "subtitle": None, "preview": self.preview(guide, obj)}
            context["panel"] = panel.of_part(obj, self.known(request, guide).document)
        return super().changeform_view(request, object_id, form_url, context)

    def _removed(self, request: HttpRequest, unit: merging.Removed) -> HttpResponse:
        """Somebody removed what was being written: its text is kept, shown, and can be put back by one button."""
        guide, add = unit.guide, reverse(f"admin:procedures_{self.opts.model_name}_add")
        request.GET = QueryDict(f"guide={guide.pk}")  # type: ignore[assignment]
        sent = request.POST.copy()
        sent["key"] = unit.key
        form = self.get_form(request, None, fields=flatten_fieldsets(self.get_fieldsets(request, None)))(sent)
        if not form.is_valid() or form.clash is None:  # what is wrong with it is told first, in a form to add it
            request.POST = form.data  # type: ignore[assignment]
            return self.changeform_view(request)
        return merging.answer(request, form, [], to=f"{add}?guide={guide.pk}", guide=guide)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return past.of_row(request, obj, up=reverse(f"admin:procedures_{self.opts.model_name}_change", args=[obj.pk]))

    def up(self, guide: Guide) -> str:
        """Where one comes from and goes back to: the page that lists what is of this kind."""
        return reverse("admin:procedures_guide_change", args=[guide.pk])

    def title(self, obj: Any) -> str:
        return str(obj)

    def preview(self, guide: Guide, obj: Any) -> str:
        return preview_path(guide)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.skipped:
            stays(request, changed=False)
            return
        before = texts_of(obj.guide)
        if not change:
            obj.position = next_position(type(obj), obj.guide)
        obj.save()
        of = [obj.unit, order_unit(obj.guide.place, obj.LIST)]
        stays(request, changed=bool(record_changes(obj.guide, before=before, by=request.user, of=of)))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks (GET), then deletes (POST) the text that was shown. 409: somebody saved another meanwhile, and it is shown."""
        with transaction.atomic():
            rows = self.get_queryset(request)
            if request.method == "POST":
                rows = rows.select_for_update(of=("self",))  # nobody saves between the comparison and the end
            obj = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
            if obj is None or not self.has_delete_permission(request, obj):
                return super().delete_view(request, object_id, extra_context)
            sent, now = request.POST.get("token", ""), mark_of_unit(obj)
            context = {
                "guide": obj.guide,
                "up": self.up(obj.guide),
                "change": reverse(f"admin:procedures_{self.opts.model_name}_change", args=[obj.pk]),
                "token": now,
                **(extra_context or {}),
            }
            if request.method != "POST" or sent == now:
                return super().delete_view(request, object_id, context)
            last = last_edit(obj)
            context |= {
                **self.admin_site.each_context(request),
                "clash": True,
                "who": name_of(last.by) if last is not None else _("Somebody"),
                "when": last.at if last is not None else None,
                "fields": merging.changed_since(obj, mark=sent),
                "object": obj,
                "title": _("Somebody saved this while you were reading"),
                "opts": self.opts,
            }
            response = self.render_delete_form(request, context)
            response.status_code = 409
            return response

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic(), recorded(obj.guide, by=request.user):
            request._guide = obj.guide  # type: ignore[attr-defined]
            obj.delete()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.saved(request, changed=True)
        return HttpResponseRedirect(reverse(f"admin:procedures_{self.opts.model_name}_change", args=[obj.pk]))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        self.message_user(request, _("Deleted from the draft: %(name)s.") % {"name": obj_display})
        return HttpResponseRedirect(self.up(request._guide))  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:procedures_guide_changelist"))


@admin.register(Section)
class SectionAdmin(PartPage):
    form = UnitForm
    part_list = "sections"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        place = (_("Where it is"), {"fields": ["key", ("nav", "slug")], "classes": ["collapse"] if obj else []})
        return [(None, {"fields": ["title", "summary", "body", "token"]}), place]

    def preview(self, guide: Guide, obj: Any) -> str:
        return f"{preview_path(guide)}{obj.address}/"


@admin.register(Option)
class OptionAdmin(PartPage):
    form = OptionForm
    part_list = "options"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        cells = [
            (
                CELLS[key],
                {"fields": [f"{key}_state", f"{key}_text", f"{key}_cites"]}
                if self._writes(request, obj)
                else {"fields": []},
            )
            for key in CELL_KEYS
        ]
        if not self._writes(request, obj):
            return [(None, {"fields": ["name", "role", "key", "cells"]})]
        return [(None, {"fields": ["name", "role", "key", "token"]}), *cells]

    def _writes(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)

    def title(self, obj: Any) -> str:
        return _("Choice table: %(name)s") % {"name": obj}

    def preview(self, guide: Guide, obj: Any) -> str:
        return f"{preview_path(guide)}options/"


@admin.register(Claim)
class ClaimAdmin(PartPage):
    form = ClaimForm
    part_list = "claims"
    fields = ("says", "study", "people", "who", "certainty", "as_of", "cites", "key", "token")

    def up(self, guide: Guide) -> str:
        return reverse("admin:procedures_guide_claims", args=[guide.pk])
