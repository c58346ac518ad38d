"""The ways in: login, the second factor, an invitation, a forgotten password. None of them needs to be logged in."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME, get_user_model, login, password_validation, views
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ..requests import client_address
from ..staff import accounts, mail, second_factor, throttle
from .standing import when

BACKEND = "django.contrib.auth.backends.ModelBackend"


def too_many(error: throttle.TooMany) -> str:
    if error.seconds <= 60:
        return ngettext(
            "Too many tries. Wait %(count)s second, then try again.",
            "Too many tries. Wait %(count)s seconds, then try again.",
            error.seconds,
        ) % {"count": error.seconds}
    return _("Too many tries. For your safety the next one is looked at from %(when)s. Then try again.") % {
        "when": when(error.again)
    }


class LoginForm(AdminAuthenticationForm):
    """Django's form with the throttle before it. `retry_after` is set when a try was not looked at."""

    retry_after = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address or user name")

    def clean(self) -> dict[str, Any]:
        typed, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not typed or not password:
            return self.cleaned_data
        name = accounts.account_name(typed)
        try:
            attempt = throttle.begin(name, address=client_address(self.request))  # type: ignore[arg-type]
        except throttle.TooMany as error:
            self.retry_after = error.seconds
            raise ValidationError(too_many(error), code="too_many") from error
        self.cleaned_data["username"] = name
        cleaned: dict[str, Any] = super().clean()
        if second_factor.has(self.get_user()):
            attempt.undone()  # the code that follows decides; a known password must not wipe out wrong codes
        else:
            attempt.succeeded()
        return cleaned


def with_throttle(response: HttpResponse) -> HttpResponse:
    """The answer of the login, as 429 with Retry-After where the try was not looked at (RFC 6585, section 4)."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if seconds := getattr(form, "retry_after", 0):
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
    return response


def next_of(request: HttpRequest) -> str:
    """Where the person wanted to go, if it is a page of this site; else the first page."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own and wanted.startswith(reverse("admin:index")) else reverse("admin:index")


def is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_staff)  # type: ignore[union-attr]


def waiting_for_code(request: HttpRequest) -> HttpResponse | None:
    """Where somebody must go whose password was right and whose second factor is still to come."""
    if not is_staff(request) or second_factor.passed(request):
        return None
    name = "second_factor" if second_factor.has(request.user) else "second_factor_set_up"
    return to(f"admin:{name}", next_of(request))


def to(name: str, wanted: str) -> HttpResponse:
    query = QueryDict(mutable=True)
    query[REDIRECT_FIELD_NAME] = wanted
    return HttpResponseRedirect(f"{reverse(name)}?{query.urlencode(safe='/')}")


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        error_messages={"required": gettext_lazy("Type the six digits your app shows, or a recovery code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": "code", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )


def tried(request: HttpRequest, form: forms.Form, *, first: bool = False) -> tuple[Any, int]:
    """Looks at the code in a valid form: (the device that knows it or None, seconds to wait). Errors go to the form."""
    user: Any = request.user
    try:
        attempt = throttle.begin(user.get_username(), address=client_address(request))
    except throttle.TooMany as error:
        form.add_error(None, too_many(error))
        return None, error.seconds
    if wait := second_factor.wait_of(user):
        attempt.undone()
        form.add_error(None, too_many(throttle.TooMany(timezone.now() + datetime.timedelta(seconds=wait))))
        return None, wait
    device = second_factor.check(user, code=form.cleaned_data["code"])
    if device is None:
        form.add_error("code", _("This code is not right, or was used before. Wait for the next one, then type it."))
        return None, 0
    attempt.succeeded()
    return device, 0


def answer(request: HttpRequest, template: str, *, status: int = 200, wait: int = 0, **about: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), **about}
    response = TemplateResponse(request, f"admin/accounts/{template}.html", context, status=429 if wait else status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_view(request: HttpRequest) -> HttpResponse:
    """Asks for the code of somebody whose password was right."""
    if not is_staff(request):
        return to("admin:login", next_of(request))
    if not second_factor.has(request.user):
        return HttpResponseRedirect(next_of(request))
    if request.user.is_verified():  # type: ignore[union-attr]
        return HttpResponseRedirect(next_of(request))
    form, wait, status = CodeForm(request.POST or None), 0, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            device, wait = tried(request, form)
            if device is not None:
                second_factor.let_in(request, device)
                left = second_factor.codes_left(request.user)
                if device._meta.model_name == "staticdevice":
                    messages.warning(
                        request,
                        ngettext(
                            "That recovery code is used up; %(count)s is left. Get new ones on “My account”.",
                            "That recovery code is used up; %(count)s are left. Get new ones on “My account”.",
                            left,
                        )
                        % {"count": left},
                    )
                return HttpResponseRedirect(next_of(request))
    return answer(
        request, "code", status=status, wait=wait, title=_("Your second step"), form=form, next=next_of(request)
    )


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Shows the QR code of a new secret (GET) and keeps it once the app has shown a right code (POST)."""
    if not is_staff(request):
        return to("admin:login", request.get_full_path())
    user: Any = request.user
    if second_factor.has(user):  # never replaced here: whoever knows only the password would get in
        name = "my_account" if user.is_verified() else "second_factor"
        return HttpResponseRedirect(reverse(f"admin:{name}"))
    form, wait, status = CodeForm(request.POST or None), 0, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if codes := second_factor.turn_on(request, code=form.cleaned_data["code"]):
                accounts.note("second_factor_on", by=user, why="")
                return answer(
                    request, "recovery", title=_("Keep your recovery codes"), codes=codes, next=next_of(request)
                )
            form.add_error("code", _("This code is not right. Look at the app again: it changes every 30 seconds."))
    key = second_factor.new_key(request)
    side, path_data = second_factor.picture(user, key)
    return answer(
        request,
        "set_up",
        status=status,
        wait=wait,
        title=_("Set up your second step"),
        form=form,
        key=second_factor.shown_key(key),
        side=side,
        picture=path_data,
        required=second_factor.required(user),
        next=next_of(request),
    )


class JoinForm(forms.Form):
    """What somebody who was invited says: their name and a password."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "vTextField"}),
        error_messages={"required": gettext_lazy("Say your name; colleagues see it beside what you write.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )
    again = forms.CharField(
        label=gettext_lazy("Password, again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        error_messages={"required": gettext_lazy("Type the same password a second time.")},
    )
    email = ""

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        password = sent.get("password")
        if password and sent.get("again") and password != sent["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        elif password:
            first, _space, last = str(sent.get("name", "")).rpartition(" ")
            person = get_user_model()(username=self.email, email=self.email, first_name=first, last_name=last)
            try:
                password_validation.validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return sent


@never_cache
@sensitive_post_parameters("password", "again")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: name and password, then in. 403 forged, 410 used, old or taken back."""
    title = _("Welcome")
    try:
        row = accounts.invited(token)
        form = JoinForm(request.POST or None, initial={"name": row.name})
        form.email = row.email
        if request.method == "POST" and form.is_valid():
            sent = form.cleaned_data
            user = accounts.accept(token, name=sent["name"], password=sent["password"])
            login(request, user, backend=BACKEND)
            messages.success(request, _("Your account is ready. Next time log in with your e-mail address."))
            return HttpResponseRedirect(reverse("admin:index"))
    except accounts.Refused as error:
        return answer(request, "closed", status=410, title=title, sentence=str(error))
    except (signing.BadSignature, ValueError, TypeError):
        sentence = _("This link is not complete, or not ours. Copy the whole link from the mail.")
        return answer(request, "closed", status=403, title=title, sentence=sentence)
    status = 422 if request.method == "POST" else 200
    roles = [role.name for role in row.roles.all()]
    return answer(request, "join", status=status, title=title, form=form, invitation=row, roles=roles)


class Reset(views.PasswordResetView):
    """The same answer and the same time for every address; three mails an hour to one, ten from one connection."""

    form_class = mail.ResetForm
    template_name = "admin/accounts/reset.html"
    email_template_name = "admin/mail/reset.txt"
    subject_template_name = "admin/mail/reset_subject.txt"
    success_url = reverse_lazy("admin:password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        self.extra_email_context = {"site": settings.SITE_URL}  # never the Host header of whoever asks
        try:
            throttle.may_ask_for_mail(client_address(self.request))
        except throttle.TooMany as error:
            form.add_error(None, too_many(error))
            response = self.form_invalid(form)
            response.status_code, response.headers["Retry-After"] = 429, str(error.seconds)
            return response
        try:
            throttle.may_mail(form.cleaned_data["email"])
        except throttle.TooMany:
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)


class ChosenAnew(views.PasswordResetConfirmView):
    """Where the mail for a forgotten password leads. That a password was chosen so stays on record."""

    template_name = "admin/accounts/reset_confirm.html"
    success_url = reverse_lazy("admin:password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        accounts.note("password_reset", by=self.user, why="")
        return answer


def _framed(view: type[Any], title: Any, **about: Any) -> Any:
    def show(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = {**admin.site.each_context(request), "title": title}
        response: HttpResponse = view.as_view(extra_context=context, **about)(request, **kwargs)
        return response

    reading = view in (views.PasswordResetDoneView, views.PasswordResetCompleteView)
    return never_cache(require_safe(show) if reading else csrf_protect(show))


urls: list[URLPattern] = [
    path("second-factor/", second_factor_view, name="second_factor"),
    path("second-factor/set-up/", set_up, name="second_factor_set_up"),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("password-reset/", _framed(Reset, gettext_lazy("Choose a new password")), name="password_reset"),
    path(
        "password-reset/sent/",
        _framed(
            views.PasswordResetDoneView,
            gettext_lazy("Look into your mail"),
            template_name="admin/accounts/reset_sent.html",
        ),
        name="password_reset_done",
    ),
    path(
        "password-reset/done/",
        _framed(
            views.PasswordResetCompleteView,
            gettext_lazy("Your password has changed"),
            template_name="admin/accounts/reset_complete.html",
        ),
        name="password_reset_complete",
    ),
    path(
        "password-reset/<uidb64>/<token>/",
        _framed(ChosenAnew, gettext_lazy("Choose a new password")),
        name="password_reset_confirm",
    ),
]
