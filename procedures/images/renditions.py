"""Smaller files of a picture, so that a telephone fetches a telephone's worth of it.

Each is named by the hash of its own bytes like every picture, and known to `PictureFile`, where pages find it.
"""

from __future__ import annotations

import io
import logging

from django.db import transaction
from PIL import Image as Pillow

from .. import pictures
from ..models import PictureFile
from .cleaning import FORMATS
from .storage import keep, register

logger = logging.getLogger(__name__)
WIDTHS = (320, 640, 960, 1280)
"""Widths in pixels. Never wider than the picture; a picture wider than the last is shown at that width at most."""
QUALITY = 80


def render(file: str) -> list[PictureFile]:
    """Makes the renditions of a stored picture and gives all its rows, those of earlier runs included.

    In WebP and in the picture's own format, at each of WIDTHS below its width and, in WebP, at its own if that is not
    above them. What would be as large in bytes as the picture itself is left out. Made once, and made again only to
    mend those that are gone or damaged. A picture that is gone from the disk or cannot be decoded is logged and has none:
    pages then show the file they have.
    """
    there = list(PictureFile.objects.filter(original=file))
    known = {row.file for row in there} - {file}
    if known and all(pictures.path_of(name) is not None for name in known):
        return there
    try:
        path = pictures.path_of(file)
        if path is None:
            raise FileNotFoundError("it is nowhere")
        data = path.read_bytes()
        with Pillow.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as picture:
            picture.load()
            made = _encoded(picture, most_bytes=len(data))
            size = picture.size
    except Exception as error:  # decoders raise whatever broken data leads them to
        logger.warning("No renditions of the picture %s could be made: %s", file, error)
        return there
    with transaction.atomic():
        own = register(file, width=size[0], height=size[1])
        for bytes_, width, height in made:
            name = keep(bytes_)
            if known and name not in known:
                continue  # another version of the encoder: it mends nothing, and the picture has its files
            PictureFile.objects.get_or_create(
                file=name,
                original=file,
                defaults={"width": width, "height": height, "taken_down": own.taken_down},
            )
    return list(PictureFile.objects.filter(original=file))


def _encoded(picture: Pillow.Image, *, most_bytes: int) -> list[tuple[bytes, int, int]]:
    found = []
    kind = FORMATS[picture.format or "PNG"]
    for width in [*(width for width in WIDTHS if width < picture.width), picture.width]:
        if width > WIDTHS[-1]:
            continue
        height = max(1, round(picture.height * width / picture.width))
        smaller = picture if width == picture.width else _smaller(picture, width, height)
        for form in dict.fromkeys(("webp", kind)):
            if form == kind and width == picture.width:
                continue  # that is the picture itself
            data = _bytes(smaller, form)
            if len(data) < most_bytes:
                found.append((data, width, height))
    return found


def _smaller(picture: Pillow.Image, width: int, height: int) -> Pillow.Image:
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    plain = picture.convert("RGBA" if transparent else "RGB")
    return plain.resize((width, height), Pillow.Resampling.LANCZOS)


def _bytes(picture: Pillow.Image, form: str) -> bytes:
    out = io.BytesIO()
    if form == "webp":
        ready = picture if picture.mode in ("RGB", "RGBA") else _smaller(picture, *picture.size)
        ready.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"")
    elif form == "jpg":
        picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True, exif=b"", icc_profile=None)
    else:
        picture.save(out, "PNG", optimize=True, icc_profile=None)
    return out.getvalue()
