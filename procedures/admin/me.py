"""“My account”: how a person is printed, their public name, their second step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ..models import Profile
from ..publishing import after_commit
from ..staff import accounts, second_factor
from .entrance import CodeForm, answer, tried
from .release import complained

SIGNING = ("printed_name", "credentials", "register", "number")
"""Fields that only mean something to people who sign."""


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = (*SIGNING, "public_name")

    def __init__(self, *args: Any, signs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "vTextField"
            if name in SIGNING and not signs:
                field.disabled = True
        self.signs = signs

    def shown(self) -> list[Any]:
        return [self[name] for name in self.fields if self.signs or name not in SIGNING]


@require_http_methods(["GET", "HEAD", "POST"])
def my_account(request: HttpRequest) -> HttpResponse:
    """Shows what a person says about themselves (GET) and keeps it (POST). Only ever of whoever asks."""
    user: Any = request.user
    row = Profile.objects.filter(user=user).first() or Profile(user=user)
    form = ProfileForm(request.POST or None, instance=row, signs=user.has_perm("procedures.review_guide"))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with transaction.atomic():
                form.save()
                if "public_name" in form.changed_data:
                    accounts.note("public_name", by=user, why="")  # the name itself must be erasable
                    after_commit(None)  # every page this person wrote for names them, or no longer does
            messages.success(request, _("Saved."))
            complained(request)
            return HttpResponseRedirect(reverse("admin:my_account"))
    return _screen(request, form=form, status=status)


@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes against a code of the app."""
    if (refusal := _proved(request)) is not None:
        return refusal
    codes = second_factor.new_codes(request.user)
    accounts.note("recovery_codes", by=request.user, why="")
    title = _("Keep your recovery codes")
    return answer(request, "recovery", title=title, codes=codes, next=reverse("admin:my_account"))


@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    """Removes the second step against a code of it. Whoever must have one is led to set up a new one."""
    if (refusal := _proved(request)) is not None:
        return refusal
    second_factor.take_away(request.user)
    accounts.note("second_factor_off", by=request.user, why="")
    messages.success(request, _("Your second step is removed. Your password alone opens your account now."))
    return HttpResponseRedirect(reverse("admin:my_account"))


def _proved(request: HttpRequest) -> HttpResponse | None:
    """The answer to whoever sent no right code; None to whoever did."""
    form = CodeForm(request.POST)
    if not second_factor.has(request.user):
        return HttpResponseRedirect(reverse("admin:second_factor_set_up"))
    device, wait = tried(request, form) if form.is_valid() else (None, 0)
    return None if device is not None else _screen(request, code=form, status=422, wait=wait)


def _screen(
    request: HttpRequest,
    *,
    form: ProfileForm | None = None,
    code: CodeForm | None = None,
    status: int = 200,
    wait: int = 0,
) -> HttpResponse:
    user: Any = request.user
    if form is None:
        row = Profile.objects.filter(user=user).first() or Profile(user=user)
        form = ProfileForm(instance=row, signs=user.has_perm("procedures.review_guide"))
    return answer(
        request,
        "me",
        status=status,
        wait=wait,
        title=_("My account"),
        form=form,
        code=code or CodeForm(),
        has_factor=second_factor.has(user),
        codes_left=second_factor.codes_left(user),
        required=second_factor.required(user),
    )


def urls(site: admin.AdminSite) -> list[Any]:
    from django.urls import path

    return [
        path("my-account/", site.admin_view(my_account), name="my_account"),
        path("my-account/recovery-codes/", site.admin_view(new_codes), name="recovery_codes"),
        path("my-account/turn-off/", site.admin_view(turn_off), name="second_factor_off"),
    ]
