"""Where pictures are kept: one file each, named by the hash of its bytes, so that a changed picture is another file."""

from __future__ import annotations

import hashlib
import logging

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from .. import pictures
from ..document import text_of
from ..models import Edit, Image, PictureFile, part_of, record
from . import containers
from .cleaning import Cleaned, Refused

logger = logging.getLogger(__name__)


def keep(data: bytes) -> str:
    """Stores a picture's bytes in MEDIA_ROOT as `<sha256 in hex>.<ext>` and returns that name.

    The file appears whole or not at all; storing the same bytes again changes nothing, unless what is stored is damaged:
    then it is mended, here and in the shared storage. `data` must have passed `clean` or `inspect`; raises Refused if it is
    not even the beginning of a picture.
    """
    try:
        container = containers.read(data)
    except containers.Broken:
        container = None
    if container is None:
        raise Refused(_("This is not a JPEG, PNG or WebP picture. Save it as one of these first."))
    name = f"{hashlib.sha256(data).hexdigest()}.{container.ext}"
    try:
        pictures.share(name, data)
    except pictures.Unavailable as error:
        logger.warning("A picture was not kept: the shared storage did not answer: %s", error)
        raise Refused(
            _("The storage of pictures does not answer, so the picture was not kept. Try again in some minutes.")
        ) from error
    if not pictures.is_whole(name):
        pictures.write(name, data)
    return name


def register(file: str, *, width: int, height: int) -> PictureFile:
    """The row of a stored picture's own file, made if there is none."""
    row, _made = PictureFile.objects.get_or_create(
        file=file, original=file, defaults={"width": width, "height": height}
    )
    return row


def add(cleaned: Cleaned, *, words: str, credit: str = "", by: AbstractUser | None) -> Image:
    """Stores a cleaned picture and makes its row in the library, with a key from its words, and records the edit."""
    from .renditions import render

    name = keep(cleaned.data)
    render(name)
    with transaction.atomic():
        row = Image(
            key=_free_key(words),
            file=name,
            width=cleaned.width,
            height=cleaned.height,
            words=words,
            credit=credit,
        )
        row.full_clean()
        row.save()
        record(row.unit, text_of(part_of(row)), origin=Edit.Origin.ADMIN, by=by)
    return row


def _free_key(words: str) -> str:
    start = "-".join(slugify(words).replace("_", "-").split("-")[:5])[:50].strip("-") or "picture"
    taken = set(Image.objects.filter(key__startswith=start).values_list("key", flat=True))
    if start not in taken:
        return start
    number = 2
    while f"{start}-{number}" in taken:
        number += 1
    return f"{start}-{number}"
