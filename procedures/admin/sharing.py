"""A link to one text for somebody without a login: where it is made is where it is stopped."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..models import SHARED_DAYS, Revision, preview_path, stop_previews


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows a new link to one text (GET); makes all links to previews of its guide void (POST)."""
    revision = get_object_or_404(Revision.objects.select_related("guide"), pk=pk)
    if not request.user.has_perm("procedures.view_revision"):
        raise PermissionDenied
    if request.method == "POST":
        stop_previews(revision.guide, by=request.user)
        messages.success(request, _("Stopped. Every link to a preview of this guide made before now leads nowhere."))
        return HttpResponseRedirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": _("Share text %(number)s of “%(guide)s”") % {"number": revision.number, "guide": revision.guide},
        "opts": Revision._meta,
        "original": revision.guide,
        "revision": revision,
        "address": f"{settings.SITE_URL}{preview_path(revision.guide, revision, shared=True)}",
        "days": SHARED_DAYS,
    }
    return TemplateResponse(request, "admin/procedures/guide/share.html", context)
