"""How a guide stands, and the buttons that send it for review, publish it and take it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import publishing
from ..document import encode, fingerprint
from ..models import Guide, PublicationEvent, Revision

State = Revision.State


class SendForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was changed"),
        choices=Revision.Change.choices,
        initial=Revision.Change.WORDING,
        error_messages={"required": gettext_lazy("Say what was changed.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=1000)


class TakeDownForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLine"}),
        help_text=gettext_lazy("Kept for the record. Patients do not see it."),
        error_messages={"required": gettext_lazy("Say why the guide is taken down.")},
    )


@dataclass(frozen=True)
class Standing:
    """How a guide stands, in sentences, and what the person looking at it may do now."""

    short: str
    lines: tuple[str, ...]
    form: SendForm
    may_send: bool = False
    may_publish: bool = False
    may_take_down: bool = False


def standing(guide: Guide, *, user: Any = None) -> Standing:
    """What patients see of `guide`, what is on its way, and whether the draft holds more."""
    lines = [_released(guide)]
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).select_related("by").first()
    draft = _mark(guide)
    if waiting is not None:
        lines.append(_on_its_way(waiting))
        if waiting.hash != draft:
            lines.append(_("The draft has been changed since it was sent."))
    unpublished = guide.live is not None and guide.live.hash != draft
    if guide.live is not None:
        lines.append(
            _("The draft holds changes that are not published yet.") if unpublished else _("The draft says the same.")
        )
    short = _("live") if guide.live is not None else _("taken down") if guide.withdrawn is not None else _("draft")
    if unpublished:
        short = _("live, with unpublished changes")
    may = user.has_perm if user is not None else lambda _name: False
    anything_new = guide.live is None or unpublished
    return Standing(
        short=short,
        lines=tuple(lines),
        form=SendForm(),
        may_send=may("procedures.submit_guide") and (anything_new or not guide.live.reviews.exists()),  # type: ignore[union-attr]
        may_publish=may("procedures.publish_guide")
        and (waiting is not None or (anything_new and may("procedures.submit_guide"))),
        may_take_down=may("procedures.publish_guide") and guide.live is not None,
    )


def _mark(guide: Guide) -> str:
    return fingerprint(encode(publishing.frozen_document(guide)))


def when(moment: Any) -> str:
    return date_format(timezone.localtime(moment), _("j F Y, H:i"))  # Translators: form of a date and time


def _released(guide: Guide) -> str:
    shown = guide.live or guide.withdrawn
    if shown is None:
        return _("Draft: patients do not see this guide yet.")
    events = PublicationEvent.objects.filter(guide=guide)
    if guide.live is None:
        event = events.filter(step="withdraw").first()
        return _("Taken down on %(when)s.") % {"when": when(event.at) if event else "–"}
    event = events.filter(to_revision=shown, step__in=["publish", "publish_unreviewed"]).first()
    since = _("Live since %(when)s.") % {"when": when(event.at if event else shown.at)}
    review = shown.reviews.first()
    if review is None:
        return f"{since} {_('No clinician has reviewed it, and the page says so.')}"
    signed = _("Signed by %(name)s on %(date)s.") % {"name": review.name, "date": date_format(review.date, _("j F Y"))}
    return f"{since} {signed}"


def _on_its_way(revision: Revision) -> str:
    about = {"who": revision.by.get_username() if revision.by else _("the system"), "when": when(revision.at)}
    if revision.state == State.IN_REVIEW:
        return _("A text that %(who)s sent on %(when)s waits for review.") % about
    if revision.state == State.SCHEDULED and revision.scheduled_for:
        return _("A signed text will be published on %(when)s.") % {"when": when(revision.scheduled_for)}
    return _("A text that %(who)s sent on %(when)s is signed and can be published.") % about


def _back(guide: Guide) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:procedures_guide_change", args=[guide.pk]))


def _refused(request: HttpRequest, error: publishing.NotAllowed) -> None:
    messages.error(request, str(error))


def complained(request: HttpRequest) -> None:
    """Tells whoever took a step what went wrong after it: it has happened all the same."""
    if text := publishing.complaint():
        messages.warning(request, text)


def _complaints(request: HttpRequest, form: forms.Form) -> None:
    for found in form.errors.values():
        for message in found:
            messages.error(request, message)


def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the draft for review. POST with kind and note."""
    guide = get_object_or_404(Guide, pk=pk)
    form = SendForm(request.POST)
    if not form.is_valid():
        _complaints(request, form)
        return _back(guide)
    try:
        publishing.submit(guide, by=request.user, kind=form.cleaned_data["kind"], note=form.cleaned_data["note"])  # type: ignore[arg-type]
    except publishing.NotAllowed as error:
        _refused(request, error)
    else:
        messages.success(request, _("Sent for review."))
    return _back(guide)


def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publishes. Whoever may also send gets the present draft out in one step; others the text that was sent."""
    guide = get_object_or_404(Guide, pk=pk)
    user: Any = request.user
    if not user.has_perm("procedures.publish_guide"):
        messages.error(request, str(publishing.STEPS["publish"].refusal))
        return _back(guide)
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).first()
    try:
        if waiting is not None and (waiting.hash == _mark(guide) or not user.has_perm("procedures.submit_guide")):
            revision = waiting
        else:
            form = SendForm(request.POST)
            if not form.is_valid():
                _complaints(request, form)
                return _back(guide)
            if guide.live is not None and guide.live.hash == _mark(guide):
                raise publishing.NotAllowed(_("This text is live already, word for word. Change something first."))
            revision = publishing.submit(guide, by=user, kind=form.cleaned_data["kind"], note=form.cleaned_data["note"])
            messages.info(request, _("Sent for review."))
        if revision.state in (State.APPROVED, State.SCHEDULED):
            publishing.publish(revision, by=user)
        else:
            publishing.publish_unreviewed(revision, by=user)
    except publishing.NotAllowed as error:
        _refused(request, error)
    else:
        messages.success(request, _("Published. Patients see this text now."))
        complained(request)
    return _back(guide)


def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason (GET), then takes the guide down (POST)."""
    guide = get_object_or_404(Guide, pk=pk)
    if not request.user.has_perm("procedures.publish_guide"):
        raise PermissionDenied
    form = TakeDownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.withdraw(guide, by=request.user, why=form.cleaned_data["why"])  # type: ignore[arg-type]
        except publishing.NotAllowed as error:
            _refused(request, error)
        else:
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
    return TemplateResponse(request, "admin/procedures/guide/take_down.html", context)
