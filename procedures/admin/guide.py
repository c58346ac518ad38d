"""The hub page of a guide: its own fields, the five answers and key facts, ways to everything else, and the buttons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ..document import Kind, own_unit
from ..models import PARTS, Guide, preview_path
from . import panel, past, release
from .edits import recorded
from .forms import GuideForm
from .lists import PAGES, ROWS, AnswerRows, KeyFactRows, ListPage, WithRows, move
from .overview import standing_of, with_standing
from .standing import standing

OWN = [field.name for field in Guide._meta.concrete_fields if field.editable and not field.primary_key]
FIXED = ("folder", "kind", "language")
"""Name units and addresses; changing them would leave edits and files behind."""


@admin.register(Guide)
class GuideAdmin(WithRows):
    form = GuideForm
    change_form_template = "admin/procedures/guide/hub.html"
    list_display = ("title", "kind", "language", "standing")
    list_display_links = ("title",)
    ordering = ("kind", "title", "language")

    @admin.display(description=_("standing"))
    def standing(self, guide: Guide) -> str:
        return standing_of(guide).short

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request)
        match = request.resolver_match
        return with_standing(found) if match and match.url_name == "procedures_guide_changelist" else found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        place = [("folder", "language"), "kind", "slug"]
        words = ["title", "summary"]
        if obj is None:
            rest = [*words, "decision", ("emergency_call", "emergency_place")]
            return [(None, {"fields": [*rest, *place, "token"]})]
        if obj.kind == Kind.SITE:
            return [
                (None, {"fields": [*words, "token"]}),
                (_("Where it is"), {"fields": place, "classes": ["collapse"]}),
            ]
        return [
            (None, {"fields": [*words, "decision", "token"]}),
            (_("What regulators say"), {"fields": ["status_is", "status_note", "status_cites"]}),
            (_("In an emergency"), {"fields": [("emergency_call", "emergency_place")]}),
            (_("Where it is"), {"fields": place, "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return FIXED if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [AnswerRows, KeyFactRows] if obj is not None and obj.kind == Kind.PROCEDURE else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.known, form.guide = self.known(request, obj), obj
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was live must stay on record; a guide nobody should see is taken down

    def write(self, obj: Guide, *, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=OWN)  # never the pointers: `publishing` may have moved them meanwhile
        else:
            obj.save()

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "procedures_guide_"
        return [
            *(
                path(
                    f"<path:object_id>/list/{key}/",
                    site.admin_view(ListPage(site, key).page),
                    name=f"{name}{key}",
                )
                for key in ROWS
            ),
            path("<int:pk>/list/claims/", site.admin_view(self.claims), name=f"{name}claims"),
            path("<int:pk>/order/<str:list_name>/", site.admin_view(require_POST(self.order)), name=f"{name}order"),
            path("<int:pk>/send/", site.admin_view(require_POST(release.send)), name=f"{name}send"),
            path("<int:pk>/publish/", site.admin_view(require_POST(release.publish)), name=f"{name}publish"),
            path("<int:pk>/publish-at/", site.admin_view(release.publish_at), name=f"{name}publish_at"),
            path("<int:pk>/compare/", site.admin_view(past.compare), name=f"{name}compare"),
            path("<int:pk>/saves/", site.admin_view(past.unit), name=f"{name}saves"),
            path("<int:pk>/take-down/", site.admin_view(release.take_down), name=f"{name}take_down"),
            *super().get_urls(),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        guide = self.get_object(request, unquote(object_id))
        if guide is None:
            raise Http404
        return past.of_guide(request, guide)

    def order(self, request: HttpRequest, pk: int, list_name: str) -> HttpResponse:
        """Moves a section or an option up or down. The order is a unit of its own, with an edit of its own."""
        model = PARTS.get(list_name)
        if model is None or not request.user.has_perm(f"procedures.change_{model._meta.model_name}"):
            raise PermissionDenied
        with transaction.atomic():
            guide = Guide.objects.select_for_update().get(pk=pk)
            with recorded(guide, by=request.user):
                move(model, guide, key=request.POST.get("key", ""), way=request.POST.get("way", ""))
        if list_name == "claims":
            return HttpResponseRedirect(reverse("admin:procedures_guide_claims", args=[pk]))
        return HttpResponseRedirect(f"{reverse('admin:procedures_guide_change', args=[pk])}#{list_name}")

    def claims(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The claims of a guide, each a link to its page."""
        guide = get_object_or_404(Guide, pk=pk)
        if not request.user.has_perm("procedures.view_claim"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": PAGES["claims"],
            "original": guide,
            "opts": self.opts,
            "parts": panel.of_guide(guide, self.known(request, guide).document).beside(
                guide.claims.select_related("guide").order_by("position", "pk")
            ),
            "may_change": request.user.has_perm("procedures.change_claim"),
            "may_add": request.user.has_perm("procedures.add_claim"),
        }
        return TemplateResponse(request, "admin/procedures/guide/claims.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        guide = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if guide is not None and self.has_view_or_change_permission(request, guide):
            may = request.user.has_perm
            found = panel.of_guide(guide, self.known(request, guide).document)
            context = {
                "title": str(guide),
                "subtitle": None,
                "standing": standing(guide, user=request.user),
                "preview": preview_path(guide),
                "panel": found,
                "sections": found.beside(guide.sections.order_by("position", "pk")),
                "options": found.beside(guide.options.order_by("position", "pk")),
                "lists": _lists(guide, found) if guide.kind == Kind.PROCEDURE else [],
                "is_procedure": guide.kind == Kind.PROCEDURE,
                "may_change_sections": may("procedures.change_section"),
                "may_add_sections": may("procedures.add_section"),
                "may_change_options": may("procedures.change_option"),
                "may_add_options": may("procedures.add_option"),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.saved(request, changed=True)
        return HttpResponseRedirect(reverse("admin:procedures_guide_change", args=[obj.pk]))


def _lists(guide: Guide, found: panel.Panel) -> Iterator[dict[str, Any]]:
    for key, words in PAGES.items():
        yield {
            "name": words,
            "url": reverse(f"admin:procedures_guide_{key}", args=[guide.pk]),
            "count": PARTS[key]._default_manager.filter(guide=guide).count(),
            "found": found.within(f"{own_unit(guide.place)}#{key}/"),
        }
    if count := guide.old_addresses.count():
        url = f"{reverse('admin:procedures_oldaddress_changelist')}?guide__id__exact={guide.pk}"
        yield {"name": _("Old addresses that lead here"), "url": url, "count": count}
