"""How the content files and the working text differ, for superusers: what a load or an export would do."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import loading


@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Lists every unit that was edited here and is not in the files, or the other way round. Reads all files: not fast."""
    if not request.user.is_superuser:  # type: ignore[union-attr]
        raise PermissionDenied
    problems: list[str] = []
    lines: list[str] = []
    summary = ""
    try:
        plan = loading.plan(loading.read(Path(settings.CONTENT_DIR)))
    except loading.ContentError as error:
        problems = [str(problem) for problem in error.problems]
    else:
        summary, lines = plan.line(), list(loading.details(plan))
    context = {
        **admin.site.each_context(request),
        "title": _("Files and what is written here"),
        "summary": summary,
        "lines": lines,
        "problems": problems,
    }
    return TemplateResponse(request, "admin/procedures/guide/files.html", context)
