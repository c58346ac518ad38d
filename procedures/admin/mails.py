"""Whether somebody wants mails about what waits for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..models import NoMail


@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: HttpRequest) -> HttpResponse:
    """Says whether mails are sent to whoever asks (GET); turns them on or off (POST with `on` 1 or 0)."""
    user: Any = request.user
    if request.method == "POST":
        if request.POST.get("on") == "1":
            NoMail.objects.filter(user=user).delete()
            messages.success(request, _("You get mails about what waits for you."))
        else:
            NoMail.objects.get_or_create(user=user)
            messages.success(request, _("You get no more mails about what waits for you. Your desk still says it."))
        return HttpResponseRedirect(reverse("admin:procedures_mails"))
    context = {
        **admin.site.each_context(request),
        "title": _("Mails to you"),
        "on": not NoMail.objects.filter(user=user).exists(),
        "address": user.email,
    }
    return TemplateResponse(request, "admin/accounts/mails.html", context)
