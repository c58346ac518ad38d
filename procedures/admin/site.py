"""The desk: Django's admin with a first page that says what is to be done, and the editor's three addresses."""

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
    index_title = _("Your desk")
    enable_nav_sidebar = False
    empty_value_display = "–"
    logout_template = "admin/accounts/logged_out.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from . import entrance, me
        from .autosave import autosave
        from .files import files
        from .mails import mails
        from .preview import preview
        from .upload import upload

        return [
            path("procedures/preview/", preview, name="procedures_preview"),
            path("procedures/upload/", upload, name="procedures_upload"),
            path("procedures/autosave/", autosave, name="procedures_autosave"),
            path("procedures/files/", self.admin_view(files), name="procedures_files"),
            path("procedures/mails/", self.admin_view(mails), name="procedures_mails"),
            path("logout/", self.logout, name="logout"),  # also for whoever has not given the second code
            *entrance.urls,
            *me.urls(self),
            *super().get_urls(),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has or needs a second factor reaches nothing of the desk before having proved it."""
        from ..staff import second_factor

        return super().has_permission(request) and second_factor.passed(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from . import entrance

        if request.method == "GET" and (way := entrance.waiting_for_code(request)):
            return way
        self.login_form = entrance.LoginForm
        return entrance.with_throttle(super().login(request, extra_context))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from ..staff import accounts

        answer = super().password_change(request, extra_context)
        if request.method == "POST" and answer.status_code == 302:
            accounts.note("password_changed", by=request.user, why="")
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from .dashboard import blocks
        from .overview import standing_of, with_standing

        guides = list(with_standing(Guide.objects.all())) if request.user.has_perm("procedures.view_guide") else []
        apps = self.get_app_list(request)
        listed: dict[str, list[dict[str, Any]]] = {"library": [], "record": [], "people": []}
        places = {"Source": "library", "GlossaryTerm": "library", "Image": "library", "Clinic": "library"}
        places |= {"OldAddress": "library", "Invitation": "people", "User": "people", "Group": "people"}
        places |= {"PublicationEvent": "record", "Edit": "record", "Revision": "record", "Feedback": "record"}
        for app in apps:
            for model in app["models"] if app["app_label"] in ("procedures", "auth") else ():
                if model["object_name"] in places:
                    listed[places[model["object_name"]]].append(model)
        return super().index(
            request,
            {
                "guides": [standing_of(guide) for guide in guides],
                "blocks": list(blocks(request.user, guides)),
                **listed,
                "other_apps": [app for app in apps if app["app_label"] not in ("procedures", "auth")],
                "may_add_guide": request.user.has_perm("procedures.add_guide"),
                **(extra_context or {}),
            },
        )


desk = Desk()
"""The one desk; `mesoinfo.apps` makes it `django.contrib.admin.site`."""
