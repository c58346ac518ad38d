"""The reviewer's own screen: the text as patients will see it, what changed in it, one button to sign, one to send back."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from .. import publishing
from ..document import Document, Kind
from ..models import Profile, Review, Revision, preview_path, printed_name
from .differences import shown_changes
from .standing import name_of

State = Revision.State


def a_year_from_now() -> datetime.date:
    today = timezone.localdate()
    try:
        return today.replace(year=today.year + 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year + 1, day=28)


class SignForm(forms.Form):
    """What stands under a signature. The name is the person's own, as “My account” says it is printed."""

    credentials = forms.CharField(
        label=gettext_lazy("Your credentials"),
        max_length=200,
        help_text=gettext_lazy("As patients will read them, such as: RN, nurse practitioner."),
        error_messages={"required": gettext_lazy("Say which credentials you sign with.")},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    registration = forms.CharField(
        label=gettext_lazy("Your registration"),
        max_length=200,
        help_text=gettext_lazy("The register and your number in it, so that a patient can look you up."),
        error_messages={"required": gettext_lazy("Say where you are registered, and your number there.")},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    next_due = forms.DateField(
        label=gettext_lazy("Review again by"),
        initial=a_year_from_now,
        help_text=gettext_lazy("After that day the page says that its review is overdue."),
        error_messages={
            "required": gettext_lazy("Choose the day by which the text is to be reviewed again."),
            "invalid": gettext_lazy("Write the day as year-month-day, such as 2030-01-31."),
        },
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("For the record; not needed."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLine"}),
    )


class SendBackForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("What is to be changed"),
        max_length=2000,
        help_text=gettext_lazy("The author reads this."),
        error_messages={"required": gettext_lazy("Say what is to be changed, so that the author can do it.")},
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLine"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows a text to be signed (GET) and signs it (POST). A refusal keeps what was typed: 422, or 409 by the rules."""
    revision = _asked(request, pk)
    if request.method != "POST":
        return _screen(request, revision)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _screen(request, revision, form=form, status=422)
    try:
        publishing.approve(revision, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
    except publishing.NotAllowed as error:
        messages.error(request, str(error))
        return _screen(request, revision, form=form, status=409)
    messages.success(request, _("Signed, with your name under exactly this text. A publisher can publish it now."))
    return _to_guide(revision)


@require_http_methods(["POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns a text to its author with what is to be changed."""
    revision = _asked(request, pk)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _screen(request, revision, back=form, status=422)
    try:
        publishing.send_back(revision, by=request.user, note=form.cleaned_data["why"])  # type: ignore[arg-type]
    except publishing.NotAllowed as error:
        messages.error(request, str(error))
        return _screen(request, revision, back=form, status=409)
    messages.success(request, _("Sent back. The author sees your note on the guide's page."))
    return _to_guide(revision)


def _asked(request: HttpRequest, pk: int) -> Revision:
    if not request.user.has_perm("procedures.review_guide"):
        raise PermissionDenied
    return get_object_or_404(Revision.objects.select_related("guide__live", "by"), pk=pk)


def _to_guide(revision: Revision) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:procedures_guide_change", args=[revision.guide_id]))


def _screen(
    request: HttpRequest,
    revision: Revision,
    *,
    form: SignForm | None = None,
    back: SendBackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user: Any = request.user
    document = revision.read()
    signed = publishing.signed_before(revision)
    live = revision.guide.live if revision.guide.live_id != revision.pk else None
    earlier = signed or live
    if earlier is not None and not earlier.is_readable:
        messages.warning(
            request,
            _("What is stored of text %(number)s was damaged, so this text cannot be compared with it. Read all of it.")
            % {"number": earlier.number},
        )
        earlier = None
    own = publishing.wrote(revision, by=user)
    context = {
        **admin.site.each_context(request),
        "title": _("Read and sign “%(guide)s”") % {"guide": document.title},
        "opts": Revision._meta,
        "revision": revision,
        "guide": revision.guide,
        "who": name_of(revision.by),
        "waits": revision.state == State.IN_REVIEW,
        "own": own,
        "may_sign": not own or settings.SELF_REVIEW,
        "pages": _pages(revision, document),
        "signed": signed.reviews.first() if signed else None,
        "earlier": earlier,
        "changes": shown_changes(earlier.read(), document) if earlier else [],
        "name": printed_name(user),
        "form": form or SignForm(initial=_as_before(user)),
        "back": back or SendBackForm(auto_id="back_%s"),
    }
    return TemplateResponse(request, "admin/procedures/guide/sign.html", context, status=status)


def _as_before(user: Any) -> dict[str, Any]:
    """What “My account” says of this person; what it leaves empty, as they signed last."""
    profile, last = Profile.objects.filter(user=user).first(), Review.objects.filter(by=user).first()
    return {
        name: (profile and getattr(profile, name)) or (last and getattr(last, name)) or ""
        for name in ("credentials", "registration")
    }


def _pages(revision: Revision, document: Document) -> list[tuple[str, str]]:
    """The pages of exactly this text as patients will see them: (address, name)."""
    base = preview_path(revision.guide, revision)
    sections = [(f"{base}{section.address}/", section.short) for section in document.sections]
    if document.kind == Kind.SITE:
        return sections
    found = [(base, _("First page")), *sections]
    if document.options:
        found.append((f"{base}options/", _("Choice table")))
    return [*found, (f"{base}get-help/", _("Get help")), (f"{base}all/", _("Everything on one page"))]
