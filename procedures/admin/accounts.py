"""Accounts, roles and invitations, for superusers: Django's own screens with plain lists to choose from.

Its two-box chooser names its icons in a way assistive technology must ignore, and cannot be used without scripts.
Nobody is deleted: whoever leaves is closed out, and what they wrote stays theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_otp.plugins import otp_static, otp_totp
from django_otp.plugins.otp_static import admin as _static_screens  # noqa: F401
from django_otp.plugins.otp_totp import admin as _app_screens  # noqa: F401

from ..models import Invitation
from ..staff import accounts, mail, second_factor
from ..staff.roles import ROLES

# Importing their screens registers them, so that taking them away here is the last word: those of the second factor
# would show and set the secrets of other people.
admin.site.unregister([User, Group, otp_static.models.StaticDevice, otp_totp.models.TOTPDevice])


class ForSuperusers(admin.ModelAdmin):
    """Whoever may change accounts may become anybody, so a permission that could be handed on is not enough."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)  # type: ignore[union-attr]

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)  # type: ignore[union-attr]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def only_superusers(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied


@admin.register(User)
class People(ForSuperusers, UserAdmin):
    change_form_template = "admin/accounts/person.html"
    change_list_template = "admin/accounts/people.html"
    filter_horizontal = ()
    readonly_fields = ("is_active", "last_login", "date_joined")
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        accounts.note("account_added", by=request.user, why=accounts.called(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Also a password that was set: Django calls this there. The names of fields stand on record, never their values."""
        entry = super().log_change(request, obj, message)
        accounts.note("account_changed", by=request.user, why=f"{accounts.called(obj)}: {entry.get_change_message()}")
        return entry

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site

        def step(do: Callable[..., Any], said: Any) -> Any:
            def view(request: HttpRequest, pk: int) -> HttpResponse:
                return self._step(request, pk, do, said)

            return site.admin_view(require_POST(view))

        return [
            path(
                "<int:pk>/close/",
                step(accounts.deactivate, gettext_lazy("The account is closed, and every session of it has ended.")),
                name="auth_user_close",
            ),
            path(
                "<int:pk>/open/",
                step(accounts.reactivate, gettext_lazy("The account is open again.")),
                name="auth_user_open",
            ),
            path(
                "<int:pk>/reset-second-factor/",
                step(
                    accounts.reset_second_factor,
                    gettext_lazy("The second step is removed. The person sets up a new one at the next login."),
                ),
                name="auth_user_reset_second_factor",
            ),
            *super().get_urls(),
        ]

    def _step(self, request: HttpRequest, pk: int, do: Callable[..., Any], said: Any) -> HttpResponse:
        self.only_superusers(request)
        user = get_object_or_404(User, pk=pk)
        try:
            do(user, by=request.user)
        except accounts.Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(said))
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        about = {"has_factor": second_factor.has(user), "is_me": user.pk == request.user.pk} if user else {}
        return super().change_view(request, object_id, form_url, {**about, **(extra_context or {})})


@admin.register(Group)
class Roles(ForSuperusers, GroupAdmin):
    filter_horizontal = ()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        accounts.note("role_changed", by=request.user, why=str(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        accounts.note("role_changed", by=request.user, why=f"{obj}: {entry.get_change_message()}")
        return entry


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ("name", "email", "roles")
        widgets = {"roles": forms.CheckboxSelectMultiple}
        error_messages = {
            "name": {"required": gettext_lazy("Say who it is for; the mail begins with the name.")},
            "email": {"required": gettext_lazy("Say which address the mail goes to.")},
            "roles": {"required": gettext_lazy("Choose at least one role.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = Group.objects.filter(name__in=ROLES)  # type: ignore[attr-defined]
        self.fields["roles"].help_text = ""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


@admin.register(Invitation)
class InvitationAdmin(ForSuperusers):
    """Invite, send again, take back. What was sent is not edited."""

    actions = None
    change_form_template = "admin/accounts/invitation.html"
    list_display = ("name", "email", "asked_for", "stands")
    show_facets = admin.ShowFacets.NEVER
    fields = ("name", "email", "roles")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("roles"))
    def asked_for(self, row: Invitation) -> str:
        return ", ".join(role.name for role in row.roles.all())

    @admin.display(description=gettext_lazy("standing"))
    def stands(self, row: Invitation) -> str:
        if row.accepted_at:
            return _("accepted")
        if row.revoked_at:
            return _("taken back")
        return _("waits for an answer") if timezone.now() <= row.sent_at + accounts.LASTS else _("too old: send again")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("roles")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("name", "email", "asked_for", "by", "sent_at", "stands") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj) or ("name", "email", "roles")

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        return [
            path("<int:pk>/send/", site.admin_view(require_POST(self.send)), name="procedures_invitation_send"),
            path("<int:pk>/revoke/", site.admin_view(require_POST(self.revoke)), name="procedures_invitation_revoke"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The row is made by `accounts.invite` in `response_add`'s place: see `add_view`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing of the kind."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        self.only_inviters(request)
        form = InvitationForm(request.POST or None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                sent = form.cleaned_data
                try:
                    row, failed = accounts.invite(
                        sent["email"],
                        name=sent["name"],
                        roles=sent["roles"],
                        by=request.user,  # type: ignore[arg-type]
                    )
                except accounts.Refused as error:
                    form.add_error("email", str(error))
                else:
                    self._said(request, row, failed)
                    return HttpResponseRedirect(reverse("admin:procedures_invitation_change", args=[row.pk]))
        from .entrance import answer

        return answer(
            request, "invite", status=status, title=_("Invite somebody"), form=form, opts=self.opts, roles=ROLES
        )

    def only_inviters(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.only_inviters(request)
        row = get_object_or_404(Invitation, pk=pk)
        try:
            self._said(request, row, accounts.send(row))
        except accounts.Refused as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:procedures_invitation_change", args=[pk]))

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.only_inviters(request)
        try:
            accounts.revoke(get_object_or_404(Invitation, pk=pk), by=request.user)  # type: ignore[arg-type]
        except accounts.Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Taken back. The link in the mail leads nowhere now."))
        return HttpResponseRedirect(reverse("admin:procedures_invitation_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"title": row.name, "subtitle": None, "open": not (row.accepted_at or row.revoked_at)} if row else {}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _said(self, request: HttpRequest, row: Invitation, failed: str) -> None:
        if failed:
            messages.warning(
                request,
                _("The mail could not be sent (%(why)s). The invitation stands: send it again later.")
                % {"why": failed},
            )
        elif mail.is_set_up():
            messages.success(request, _("Sent to %(email)s. The link works for 7 days.") % {"email": row.email})
        else:
            messages.warning(
                request,
                _("No mail server is set up, so the server has printed the mail. Copy the link from there."),
            )
