"""From the bytes somebody sent to a picture that holds nothing but its pixels."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from . import containers

FORMATS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
"""What is decoded, and the ending it is kept under. MPO is what telephones write: a JPEG with further JPEGs behind it."""

LONGEST_SIDE = 20_000
MOST_OBLONG = 20
"""A picture may be this many times as long as it is wide, or the reverse."""


class Refused(Exception):
    """A file that is not taken, with a sentence for whoever sent it."""


@dataclass(frozen=True)
class Inspected:
    """What a picture file is, as it stands. `problems` are sentences; when there are any it must not be shown."""

    width: int
    height: int
    ext: str
    sha256: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Cleaned:
    """A picture encoded anew: its bytes, its size in pixels, the ending of its file name."""

    data: bytes
    width: int
    height: int
    ext: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def clean(data: bytes) -> Cleaned:
    """Decodes a JPEG, PNG or WebP file and encodes its pixels anew; nothing else of the file survives.

    The picture is turned as its EXIF orientation says; CMYK becomes RGB; of several pictures in a telephone's JPEG
    the first is kept. Size and shape are checked before a pixel is decoded. Raises Refused with a sentence.
    """
    picture = _opened(data)
    try:
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return _encoded(_plain(picture), lossless=data[12:16] == b"VP8L")
    except Exception as error:  # decoders raise whatever broken data leads them to
        raise Refused(_("The picture is damaged and cannot be read. Save it again in a picture program.")) from error


def inspect(data: bytes) -> Inspected:
    """Looks at a picture file without changing it: is it one that may be shown byte for byte? Never raises.

    `width`, `height` and `ext` are 0, 0 and "" when the file cannot be read at all.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        picture = _opened(data)
        picture.load()
        container = containers.read(data)
    except Refused as refused:
        return Inspected(0, 0, "", sha256, (str(refused),))
    except Exception:  # as in `clean`
        return Inspected(0, 0, "", sha256, (_("The picture is damaged and cannot be read."),))
    problems = []
    assert container is not None  # _opened refuses such files
    if container.extra:
        problems.append(
            _("The file holds more than a picture (%(parts)s), such as where it was taken. Run clean_image on it.")
            % {"parts": ", ".join(container.extra[:5])}
        )
    if container.end != len(data):
        problems.append(
            _("There are %(count)s bytes after the end of the picture. Run clean_image on it.")
            % {"count": len(data) - container.end}
        )
    return Inspected(*picture.size, container.ext, sha256, tuple(problems))


def _opened(data: bytes) -> Image.Image:
    """The picture, its header read, nothing decoded yet. Raises Refused."""
    if not data:
        raise Refused(_("The file is empty."))
    if len(data) > settings.IMAGE_MAX_BYTES:
        raise Refused(
            _("The file is larger than %(most)s MB. Make the picture smaller first.")
            % {"most": settings.IMAGE_MAX_BYTES // (1024 * 1024)}
        )
    try:
        container = containers.read(data)
    except (containers.Broken, ValueError) as error:
        raise Refused(_("The picture is damaged: part of it is missing. Save it again.")) from error
    if container is None:
        raise Refused(_("This is not a JPEG, PNG or WebP picture. Save it as one of these first."))
    try:
        picture = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
        if FORMATS[picture.format or ""] != container.ext:
            raise Refused(_("This is not a JPEG, PNG or WebP picture. Save it as one of these first."))
        _within_limits(*picture.size)
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) != 1:
            raise Refused(_("The picture moves. Only still pictures can be used; save one frame of it."))
    except Image.DecompressionBombError as error:
        raise Refused(_too_many_pixels()) from error
    except Refused:
        raise
    except Exception as error:  # as in `clean`
        raise Refused(_("The picture is damaged and cannot be read. Save it again in a picture program.")) from error
    return picture


def _too_many_pixels() -> str:
    return _("The picture has more than %(most)s million pixels. Make it smaller first.") % {
        "most": settings.IMAGE_MAX_PIXELS // 1_000_000
    }


def _within_limits(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Refused(_("The picture has no pixels."))
    if width * height > settings.IMAGE_MAX_PIXELS:
        raise Refused(_too_many_pixels())
    if max(width, height) > LONGEST_SIDE or max(width, height) > MOST_OBLONG * min(width, height):
        raise Refused(
            _("The picture is too long and narrow (%(width)s × %(height)s). Cut out the part that matters.")
            % {"width": width, "height": height}
        )


def _plain(picture: Image.Image) -> Image.Image:
    """The same pixels in a mode its format can hold, with nothing in `info` but what makes pixels transparent."""
    kind = FORMATS[picture.format or "PNG"] if picture.format else "png"
    keep = {"jpg": {"L", "RGB"}, "png": {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}, "webp": {"RGB", "RGBA"}}[kind]
    transparency = picture.info.get("transparency")
    picture.info = {} if transparency is None else {"transparency": transparency}
    if picture.mode not in keep:
        with_alpha = kind != "jpg" and (transparency is not None or picture.mode in ("LA", "PA", "RGBa", "La"))
        converted = picture.convert("RGBA" if with_alpha else "RGB")
        converted.format = picture.format
        converted.info = {}
        return converted
    return picture


def _encoded(picture: Image.Image, *, lossless: bool) -> Cleaned:
    kind = FORMATS[picture.format or ""]
    out = io.BytesIO()
    if kind == "jpg":
        picture.save(out, "JPEG", quality=90, optimize=True, progressive=True, exif=b"", icc_profile=None)
    elif kind == "png":
        picture.save(out, "PNG", optimize=True, icc_profile=None)
    else:
        picture.save(out, "WEBP", lossless=lossless, quality=88, method=4, exif=b"", icc_profile=b"")
    return Cleaned(out.getvalue(), *picture.size, kind)
