"""How JPEG, PNG and WebP files are laid out, read without decoding: which parts they hold and where they end.

Sources: ISO/IEC 10918-1 annex B (JPEG), ISO/IEC 15948 section 5 (PNG), RFC 9649 section 2 (WebP).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD", b"pHYs"}
)
_WEBP_PARTS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_JPEG_EXTRA = frozenset({*range(0xE1, 0xEE), 0xEF, *range(0xF0, 0xFE), 0xFE})  # APP1-13, APP15, JPGn, COM
_MOST_PARTS = 100_000


@dataclass(frozen=True)
class Container:
    """`ext`: file name ending; `extra`: names of parts that are not pixels; `end`: where the picture ends, in bytes."""

    ext: str
    extra: tuple[str, ...]
    end: int


class Broken(ValueError):
    """The file is not laid out as its kind demands."""


def _png(data: bytes) -> Iterator[tuple[str, bool, int]]:
    at = len(_PNG_START)
    while at < len(data):
        if at + 12 > len(data):
            raise Broken
        (length,) = struct.unpack(">I", data[at : at + 4])
        name = data[at + 4 : at + 8]
        at += 12 + length
        if at > len(data):
            raise Broken
        yield name.decode("latin-1"), name not in _PNG_PARTS, at
        if name == b"IEND":
            return
    raise Broken


def _jpeg(data: bytes) -> Iterator[tuple[str, bool, int]]:
    at = 2
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            raise Broken
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        at += 2
        if marker == 0xD9:
            yield "EOI", False, at
            return
        if at + 2 > len(data):
            raise Broken
        (length,) = struct.unpack(">H", data[at : at + 2])
        at += length
        if length < 2 or at > len(data):
            raise Broken
        yield f"{marker:02X}", marker in _JPEG_EXTRA, at
        if marker == 0xDA:
            at = _after_scan(data, at)


def _after_scan(data: bytes, at: int) -> int:
    """Where the next marker stands after a scan's coded pixels, in which FF is followed by 00 or a restart marker."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Broken
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _webp(data: bytes) -> Iterator[tuple[str, bool, int]]:
    end = 8 + struct.unpack("<I", data[4:8])[0]
    if end > len(data):
        raise Broken
    at = 12
    while at + 8 <= end:
        name = data[at : at + 4]
        (length,) = struct.unpack("<I", data[at + 4 : at + 8])
        at += 8 + length + length % 2
        if at > end + 1:
            raise Broken
        yield name.decode("latin-1"), name not in _WEBP_PARTS, min(at, end)


def read(data: bytes) -> Container | None:
    """What kind of picture file `data` is and what it holds besides pixels; None if it is none of the three.

    Raises Broken when it begins like one but is cut short or laid out wrongly.
    """
    kinds: tuple[tuple[bool, str, Callable[[bytes], Iterator[tuple[str, bool, int]]]], ...] = (
        (data.startswith(_PNG_START), "png", _png),
        (data.startswith(b"\xff\xd8\xff"), "jpg", _jpeg),
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP", "webp", _webp),
    )
    for begins, ext, parts in kinds:
        if not begins:
            continue
        extra, end = [], 0
        for count, (name, is_extra, at) in enumerate(parts(data)):
            if count > _MOST_PARTS:
                raise Broken
            if is_extra:
                extra.append(name)
            end = at
        return Container(ext, tuple(dict.fromkeys(extra)), end)
    return None
