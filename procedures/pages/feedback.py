"""What readers say of a page: useful or not, and a few words. No cookie, no address, no name; staff read it.

There is no session to forge here, so no token is asked for; a form sent from another site is refused by its Origin.
A flood is stopped by counting what was stored, whoever sent it; before that, `limits` counts by address without keeping one.
"""

from __future__ import annotations

import datetime
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..document import DEFAULT_LANGUAGE
from ..models import Feedback, UnreadableText
from ..rendering import Link
from . import errors
from .answer import page as answered
from .frame import frame, prefix
from .limits import limited
from .live import Shelf, shelf
from .trust import MARK

LARGEST = 10_240
"""Bytes of a form as sent; 2,000 letters of English or Spanish fit with room to spare."""
A_MINUTE, A_DAY = 30, 1_000
"""How many words of readers are taken in a minute and in a day, from all of them together."""
NOT_OURS = frozenset(["feedback", "version", "version-none", "search"])


class FeedbackForm(forms.Form):
    useful = forms.ChoiceField(
        label=gettext_lazy("Was this page useful?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose Yes or No, or leave both empty.")},
    )
    text = forms.CharField(
        label=gettext_lazy("What was wrong, missing or hard to understand?"),
        help_text=gettext_lazy(
            "Please write nothing about your health, and no name, phone or address. Nobody can answer you here."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": Feedback.LONGEST, "autocomplete": "off"}),
        max_length=Feedback.LONGEST,
        required=False,
        error_messages={
            "max_length": gettext_lazy("This is too long. Shorten it to 2,000 letters; nothing was sent yet."),
            "null_characters_not_allowed": gettext_lazy("This holds signs that cannot be stored. Type it by hand."),
        },
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not values.get("useful") and not values.get("text"):
            raise forms.ValidationError(_("Choose Yes or No, or write a few words."))
        return values


@csrf_exempt
@limited("feedback", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """`/feedback/?page=/mesotherapy/risks/`. Refusals: 403 sent from elsewhere, 413 too large, 422 not usable, 429 too many."""
    about = known_page(request.GET.get("page", ""))
    language = DEFAULT_LANGUAGE
    if about:
        language = str(resolve(about).kwargs.get("language", DEFAULT_LANGUAGE))
    with translation.override(language):
        if request.method != "POST":
            return _shown(request, FeedbackForm(), about, language)
        refused = _refusal(request)
        if refused is not None:
            return refused
        form = FeedbackForm(request.POST)
        if not form.is_valid():
            return _shown(request, form, about, language, status=422)
        around = _around(about, language)
        useful = form.cleaned_data["useful"]
        Feedback.objects.create(
            page=about or "/",
            release=around.guide.hash[:MARK] if around.guide else "",
            useful=useful == "yes" if useful else None,
            text=form.cleaned_data["text"],
            at=timezone.now(),
        )
        query = urlencode({"page": about or "/", "sent": 1})
        response = HttpResponseRedirect(f"/feedback/?{query}")
        response.status_code = 303  # the answer is to be fetched by GET (RFC 9110, 15.4.4)
        return response


def known_page(path: str) -> str:
    """`path` if it reads as the address of one of our pages, otherwise nothing."""
    if not re.fullmatch(r"/(?:[a-z0-9-]+/){0,4}", path) or len(path) > 200:
        return ""
    try:
        match = resolve(path)
    except (Resolver404, Http404):
        return ""
    ours = match.app_name == "procedures" and match.url_name not in NOT_OURS and "token" not in match.kwargs
    return path if ours else ""


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if _foreign(request):
        return errors.refused(
            request,
            _("This form was sent from another site"),
            _("Nothing was kept. Open the page here and use its own form."),
            status=403,
        )
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        size = 0
    if size > LARGEST:
        return errors.refused(
            request,
            _("This is too long"),
            _("Nothing was kept. Go back, shorten it to 2,000 letters and send it again."),
            status=413,
        )
    now = timezone.now()
    newest = Feedback.objects.filter(at__gt=now - datetime.timedelta(days=1)).values_list("at", flat=True)[:A_DAY]
    times = list(newest)
    if len(times) >= A_DAY or sum(at > now - datetime.timedelta(minutes=1) for at in times) >= A_MINUTE:
        response = errors.refused(
            request,
            _("Too much is coming in at this moment"),
            _("Nothing was kept. Go back and send it again in a few minutes."),
            status=429,
        )
        response.headers["Retry-After"] = "300"
        return response
    return None


def _foreign(request: HttpRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    own = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    return origin not in {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in own}


def _around(about: str, language: str) -> Shelf:
    try:
        return shelf(language, slug=str(resolve(about).kwargs.get("guide", "")) if about else "")
    except UnreadableText:  # what readers say of it is kept all the same
        return shelf(language)


def _shown(request: HttpRequest, form: FeedbackForm, about: str, language: str, *, status: int = 200) -> HttpResponse:
    sent = status == 200 and request.GET.get("sent") == "1"
    around = _around(about, language)
    home = prefix(language)
    made = frame(
        around,
        "/feedback/",
        title=_("Thank you") if sent else _("Was this page useful?"),
        crumbs=(Link(home, _("Home")),),
        robots="noindex",
    )
    context = {
        "frame": made,
        "form": form,
        "page": about,
        "sent": sent,
        "action": f"/feedback/?{urlencode({'page': about})}" if about else "/feedback/",
    }
    response = answered(request, "procedures/feedback.html", context, status=status)
    if sent:
        response.headers["Cache-Control"] = "no-store"
    return response
