"""What somebody has typed into a form and not saved: kept for this person alone, offered back, never a text of the guide."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Unsaved
from .answers import for_staff, refusal

KEPT = datetime.timedelta(days=30)
LIMIT = Unsaved._meta.get_field("unit").max_length


@for_staff(permission="procedures.change_section", most_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
def autosave(request: HttpRequest) -> JsonResponse:
    """Keeps `text` (the fields of a form as a JSON object) for the page `unit`; an empty text is forgotten."""
    unit, text = request.POST.get("unit", ""), request.POST.get("text", "")
    if not unit.startswith(reverse("admin:index")) or len(unit) > (LIMIT or 0):
        return refusal(_("This is not a page whose text can be kept."), status=400)
    user: Any = request.user
    if not text:
        forget(user, unit)
        return JsonResponse({})
    if not _is_form(text):
        return refusal(_("This is not the text of a form."), status=400)
    Unsaved.objects.update_or_create(user=user, unit=unit, defaults={"text": text})
    Unsaved.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return JsonResponse({}, status=201)


def forget(user: Any, unit: str) -> None:
    """What was typed there has been saved, or is not wanted."""
    Unsaved.objects.filter(user=user, unit=unit).delete()


def offered(request: HttpRequest) -> dict[str, Any]:
    """What a form's page needs to keep what is typed there and to offer back what was kept."""
    unit = request.get_full_path()
    if not request.user.has_perm("procedures.change_section") or len(unit) > (LIMIT or 0):
        return {}
    row = Unsaved.objects.filter(user=request.user, unit=unit, at__gte=timezone.now() - KEPT).first()  # type: ignore[misc]
    return {"keeps": unit, "kept": row.text if row else "", "kept_at": row.at if row else None}


def _is_form(text: str) -> bool:
    try:
        fields = json.loads(text)
    except ValueError:
        return False
    return isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
