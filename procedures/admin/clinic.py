"""The clinic's record: one, never added, never deleted. It acts at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Clinic, PublicationEvent
from ..publishing.announcing import after_commit
from .autosave import forget
from .base import SAVED, Page, stays
from .fields import LineField
from .release import complained


@admin.register(Clinic)
class ClinicAdmin(Page):
    fields = ("name", "phone", "phone_after_hours", "address", "logo", "sells", "paid_by")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "address":
            return LineField(label=_("Address"), required=False)
        field = admin.ModelAdmin.formfield_for_dbfield(self, db_field, request, **kwargs)
        if db_field.name == "logo" and field is not None:
            field.widget = field.widget.widget  # a plain list: pictures are added in the library
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return Clinic.objects.present() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:procedures_clinic_change", args=[1]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"title": _("Clinic"), "subtitle": None, **(extra_context or {})}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stays(request, changed=form.has_changed())
        if not form.has_changed():
            return
        obj.save()
        changed = ", ".join(str(form.fields[name].label) for name in form.changed_data)
        PublicationEvent.objects.create(step="clinic", by=request.user, at=timezone.now(), why=changed)  # type: ignore[misc]
        after_commit(None)  # every page names the clinic

    def saved(self, request: HttpRequest, *, changed: bool) -> None:
        if changed:
            forget(request.user, request.get_full_path())
            self.message_user(request, _("Saved. Patients see it now."), extra_tags=SAVED)
            complained(request)
        else:
            super().saved(request, changed=False)
