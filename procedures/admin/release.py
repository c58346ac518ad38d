"""The buttons that send a guide for review, publish it now or later, and take it down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import publishing
from ..models import Guide, Revision
from . import panel
from .standing import SendForm, mark_of, when

State = Revision.State


class TakeDownForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLine"}),
        help_text=gettext_lazy("Kept for the record. Patients do not see it."),
        error_messages={"required": gettext_lazy("Say why the guide is taken down.")},
    )


def _back(guide: Guide) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:procedures_guide_change", args=[guide.pk]))


def _stays(request: HttpRequest, guide: Guide, form: forms.Form | None = None, *, status: int = 409) -> HttpResponse:
    """The guide's page with what was said and typed, and a status that tells that nothing happened."""
    from django.contrib import admin

    request.path = request.path_info = reverse("admin:procedures_guide_change", args=[guide.pk])
    request.method = "GET"
    request.META["QUERY_STRING"] = ""
    page: Any = admin.site.get_model_admin(Guide)
    response = page.change_view(request, str(guide.pk), form_url=request.path)
    if form is not None and "standing" in getattr(response, "context_data", {}):
        response.context_data["standing"] = replace(response.context_data["standing"], form=form)
    response.status_code = status
    return response  # type: ignore[no-any-return]


def _refused(request: HttpRequest, error: publishing.NotAllowed, *, draft: bool = False) -> None:
    """`draft`: what was refused is the draft, whose findings stand on the page that comes next."""
    if draft and isinstance(error, publishing.Unfit):
        count = len(error.findings)
        said = ngettext(
            "This text cannot be sent yet: %(count)s error stops it. It is listed below with the way to its place. "
            "Correct it and send it again.",
            "This text cannot be sent yet: %(count)s errors stop it. They are listed below with the way to their places. "
            "Correct them and send it again.",
            count,
        )
        messages.error(request, said % {"count": count})
    else:
        messages.error(request, str(error))


def complained(request: HttpRequest) -> None:
    """Tells whoever took a step what went wrong after it: it has happened all the same."""
    if text := publishing.complaint():
        messages.warning(request, text)


def _complaints(request: HttpRequest, form: forms.Form) -> None:
    for found in form.errors.values():
        for message in found:
            messages.error(request, message)


def _must(request: HttpRequest, step: str) -> None:
    """Refuses with the sentence of the step, before anything is looked at, whoever may not take it."""
    if not request.user.has_perm(publishing.STEPS[step].permission):
        raise PermissionDenied(str(publishing.STEPS[step].refusal))


def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the draft for review. POST with kind and note."""
    _must(request, "submit")
    guide = get_object_or_404(Guide, pk=pk)
    form = SendForm(request.POST)
    if not form.is_valid():
        _complaints(request, form)
        return _stays(request, guide, form, status=422)
    try:
        publishing.submit(guide, by=request.user, kind=form.cleaned_data["kind"], note=form.cleaned_data["note"])  # type: ignore[arg-type]
    except publishing.NotAllowed as error:
        _refused(request, error, draft=True)
        return _stays(request, guide, form)
    messages.success(request, _("Sent for review."))
    return _back(guide)


def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publishes. Whoever may also send gets the present draft out in one step; others the text that was sent."""
    _must(request, "publish")
    guide = get_object_or_404(Guide, pk=pk)
    user: Any = request.user
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).first()
    sent = False
    try:
        signed = waiting is not None and waiting.state in (State.APPROVED, State.SCHEDULED)
        if waiting is not None and (
            signed or waiting.hash == mark_of(guide) or not user.has_perm("procedures.submit_guide")
        ):  # a signed text is never replaced by pressing Publish: what was written since waits its turn
            revision = waiting
        else:
            form = SendForm(request.POST)
            if not form.is_valid():
                _complaints(request, form)
                return _stays(request, guide, form, status=422)
            if guide.live is not None and guide.live.hash == mark_of(guide):
                raise publishing.NotAllowed(_("This text is live already, word for word. Change something first."))
            revision = publishing.submit(guide, by=user, kind=form.cleaned_data["kind"], note=form.cleaned_data["note"])
            sent = True
            messages.info(request, _("Sent for review."))
        if revision.state in (State.APPROVED, State.SCHEDULED):
            publishing.publish(revision, by=user)
        else:
            publishing.publish_unreviewed(revision, by=user)
    except publishing.NotAllowed as error:
        _refused(request, error, draft=waiting is None and not sent)
        return _stays(request, guide, SendForm(request.POST))
    messages.success(request, _("Published. Patients see this text now."))
    complained(request)
    return _back(guide)


class LaterForm(forms.Form):
    at = forms.DateTimeField(
        label=gettext_lazy("Day and time"),
        error_messages={
            "required": gettext_lazy("Choose the day and the time."),
            "invalid": gettext_lazy("Write the day and the time like this: 2030-01-31 09:00"),
        },
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def publish_at(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks when a signed text is to be published (GET), then sets that time (POST)."""
    _must(request, "publish")
    guide = get_object_or_404(Guide, pk=pk)
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).first()
    if waiting is None:
        messages.error(request, _("No text of this guide is on its way. Send the draft for review first."))
        return _stays(request, guide) if request.method == "POST" else _back(guide)
    form = LaterForm(request.POST or None, initial={"at": waiting.scheduled_for})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                publishing.publish(waiting, by=request.user, at=form.cleaned_data["at"])  # type: ignore[arg-type]
            except publishing.NotAllowed as error:
                messages.error(request, str(error))
                status = 409
            else:
                messages.success(
                    request, _("It will be published on %(when)s.") % {"when": when(waiting.scheduled_for)}
                )
                return _back(guide)
    from django.contrib import admin

    context = {
        **admin.site.each_context(request),
        "title": _("Publish “%(guide)s” later") % {"guide": guide},
        "opts": Guide._meta,
        "original": guide,
        "form": form,
        "now": when(timezone.now()),
        "panel": panel.of_sent(waiting),
    }
    return TemplateResponse(request, "admin/procedures/guide/publish_at.html", context, status=status)


def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason (GET), then takes the guide down (POST)."""
    _must(request, "publish")
    guide = get_object_or_404(Guide, pk=pk)
    form = TakeDownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.withdraw(guide, by=request.user, why=form.cleaned_data["why"])  # type: ignore[arg-type]
        except publishing.NotAllowed as error:
            _refused(request, error)
            return _stays(request, guide)
        messages.success(request, _("Taken down. Its address says so and keeps the way to help."))
        complained(request)
        return _back(guide)
    from django.contrib import admin

    context = {
        **admin.site.each_context(request),
        "title": _("Take down “%(guide)s”?") % {"guide": guide},
        "opts": Guide._meta,
        "original": guide,
        "form": form,
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/procedures/guide/take_down.html", context, status=status)
