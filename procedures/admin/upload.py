"""A picture sent from the editor: cleaned, stored in the library, named for the text."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from .. import images
from ..images.forms import ImageForm
from .answers import for_staff, refusal


@for_staff(permission="procedures.add_image", most_bytes=settings.IMAGE_MAX_BYTES + 64 * 1024)
def upload(request: HttpRequest) -> JsonResponse:
    """Takes `image`, `words` and `credit`: {"key": …, "words": …, "url": …, "message": …}, or 400 with a sentence each."""
    form = ImageForm(request.POST, request.FILES)
    if not form.is_valid():
        fields = {name: [str(message) for message in found] for name, found in form.errors.items()}
        return refusal(next(iter(fields.values()))[0], status=400, fields=fields)
    row = images.add(
        form.cleaned_data["image"],
        words=form.cleaned_data["words"],
        credit=form.cleaned_data["credit"],
        by=request.user,  # type: ignore[arg-type]
    )
    return JsonResponse(
        {
            "key": row.key,
            "words": row.words,
            "url": f"{settings.MEDIA_URL}{row.file}",
            "message": _("The picture is in the library."),
        },
        status=201,
    )
