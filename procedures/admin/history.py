"""What happened: to be read, never written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from ..models import Edit, PublicationEvent, Revision
from . import past, signing


class Kept(admin.ModelAdmin):
    """A list nobody can change, not even a superuser: the database refuses it too."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:], **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PublicationEvent)
class PublicationEventAdmin(Kept):
    list_display = ("at", "guide", "step", "by", "why")
    list_filter = ("step", "guide")
    list_select_related = ("guide", "by")
    fields = ("at", "guide", "step", "by", "why")


@admin.register(Edit)
class EditAdmin(Kept):
    list_display = ("at", "unit", "by", "origin")
    list_filter = ("origin", "guide")
    search_fields = ("unit",)
    list_select_related = ("by",)
    fields = ("at", "unit", "by", "origin", "text")


@admin.register(Revision)
class RevisionAdmin(Kept):
    list_display = ("guide", "number", "state", "kind", "by", "at")
    list_filter = ("guide", "state", "kind")
    list_select_related = ("guide", "by")
    fields = ("guide", "number", "state", "kind", "note", "by", "at", "scheduled_for")

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "procedures_revision_"
        return [
            path("<int:pk>/sign/", site.admin_view(signing.sign), name=f"{name}sign"),
            path("<int:pk>/send-back/", site.admin_view(signing.send_back), name=f"{name}send_back"),
            path("<int:pk>/bring-back/", site.admin_view(past.bring_back), name=f"{name}bring_back"),
            *super().get_urls(),
        ]
