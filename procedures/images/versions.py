"""What happens to a picture of the library after it was added: a new version, taken down, put back.

Taking down acts on every file the picture ever had, because released text keeps the one it was released with.
"""

from __future__ import annotations

import json

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..document import text_of, token
from ..models import Edit, Guide, Image, PictureFile, PublicationEvent, part_of, record
from .cleaning import Cleaned, Refused
from .renditions import render
from .storage import keep, register

TAKEN_DOWN, PUT_BACK = "picture_down", "picture_back"
"""Steps of the events these write."""


def replace(row: Image, cleaned: Cleaned, *, shown: str, by: AbstractUser | None) -> bool:
    """Puts other pixels under the same key; words and credit stay. Gives whether anything changed.

    Text that was sent or released keeps the file it has. `shown` is the mark of the row as the person saw it
    (`document.token`); raises Refused when somebody has changed it since.
    """
    name = keep(cleaned.data)
    render(name)
    with transaction.atomic():
        stored = Image.objects.select_for_update().get(pk=row.pk)
        if token(text_of(part_of(stored))) != shown:
            raise Refused(
                _("Somebody has changed this picture meanwhile. Look at it as it is now, then send yours again.")
            )
        if stored.file == name:
            return False
        stored.file, stored.width, stored.height = name, cleaned.width, cleaned.height
        stored.save(update_fields=["file", "width", "height"])
        record(stored.unit, text_of(part_of(stored)), origin=Edit.Origin.ADMIN, by=by)
    row.refresh_from_db()
    return True


def versions(row: Image) -> list[str]:
    """Every file this picture has or had, as far as it is kept anywhere: the present one first."""
    found = [row.file]
    for text in Edit.objects.filter(unit=row.unit).exclude(text="").values_list("text", flat=True):
        found.append(json.loads(text).get("file", ""))
    for guide in Guide.objects.live().filter(live__document__contains=f'"key":"{row.key}"'):
        # What a damaged text named, the record of edits names too.
        if guide.live is not None and guide.live.is_readable:
            found += [item.file for item in guide.live.read().images if item.key == row.key]
    return [file for file in dict.fromkeys(found) if file]


@transaction.atomic
def take_down(row: Image, *, why: str, by: AbstractUser | None) -> None:
    """No reader gets this picture any more, in any version, from the commit on. Raises Refused with a sentence.

    The caller tells the rest of the site afterwards (`publishing.after_commit(None)`).
    """
    if not why.strip():
        raise Refused(_("Say why the picture is taken down; the reason is kept for the record."))
    stored = Image.objects.select_for_update().get(pk=row.pk)
    files = versions(stored)
    if not PictureFile.objects.filter(original__in=files, taken_down=False).exists() and stored.taken_down:
        raise Refused(_("This picture is taken down already."))
    for file in files:
        register(file, width=stored.width, height=stored.height)
    PictureFile.objects.filter(original__in=files).update(taken_down=True)
    _note(TAKEN_DOWN, stored, why=why, by=by)


@transaction.atomic
def put_back(row: Image, *, why: str = "", by: AbstractUser | None) -> None:
    """Shows the present version again. Raises Refused with a sentence.

    Older versions stay down: one of them may be why it was taken down. A page released with one shows the picture again
    when the present one has been taken over into its guide.
    """
    stored = Image.objects.select_for_update().get(pk=row.pk)
    if not stored.taken_down:
        raise Refused(_("This picture is not taken down, so there is nothing to put back."))
    PictureFile.objects.filter(original=stored.file).update(taken_down=False)
    _note(PUT_BACK, stored, why=why, by=by)


def _note(step: str, row: Image, *, why: str, by: AbstractUser | None) -> None:
    words = f"{row.unit}: {why.strip()}" if why.strip() else row.unit
    PublicationEvent.objects.create(step=step, by=by, at=timezone.now(), why=words)  # type: ignore[misc]
