"""The desk: Django's admin with a calm first page and the editor's two addresses."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from ..models import Guide


class Desk(AdminSite):
    site_title = _("Staff pages")
    site_header = _("Staff pages")
    index_title = _("Guides")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from .preview import preview
        from .upload import upload

        return [
            path("procedures/preview/", preview, name="procedures_preview"),
            path("procedures/upload/", upload, name="procedures_upload"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from .standing import standing

        guides = Guide.objects.select_related("live") if request.user.has_perm("procedures.view_guide") else []
        apps = self.get_app_list(request)
        listed: dict[str, list[dict[str, Any]]] = {"library": [], "record": []}
        places = {"Source": "library", "GlossaryTerm": "library", "Image": "library", "Clinic": "library"}
        places |= {"PublicationEvent": "record", "Edit": "record", "Revision": "record", "Feedback": "record"}
        for app in apps:
            for model in app["models"] if app["app_label"] == "procedures" else ():
                if model["object_name"] in places:
                    listed[places[model["object_name"]]].append(model)
        return super().index(
            request,
            {
                "guides": [(guide, standing(guide, user=request.user)) for guide in guides],
                **listed,
                "other_apps": [app for app in apps if app["app_label"] != "procedures"],
                "may_add_guide": request.user.has_perm("procedures.add_guide"),
                **(extra_context or {}),
            },
        )


desk = Desk()
"""The one desk; `mesoinfo.apps` makes it `django.contrib.admin.site`."""
