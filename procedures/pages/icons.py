"""The site's mark and the picture a shared link shows, drawn in the colours of the token file.

There is no front-end build: `manage.py draw_icons` writes the files, and a test fails while they are not current.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).resolve().parents[2] / "static"
FOLDER = STATIC / "icons"
SHARED_SIZE = (1200, 630)
"""Of the picture of a shared link, in pixels (Open Graph: at least 1200 × 630 for a large card)."""

TOUCH_SIZE = 180
FINER = 4
"""Everything is drawn this many times larger and made smaller, which smooths its edges."""

MARK = ((7, 23), (7, 9), (16, 18), (25, 9), (25, 23))
"""The mark's one line in a square of 32 units."""


def palette(tokens: str) -> dict[str, str]:
    """The raw colours of the token file, by name. Raises KeyError later for a name that is gone."""
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{3,6})\s*;", tokens))


def drawn(colours: Mapping[str, str]) -> dict[str, bytes]:
    """Every file by name: the mark as SVG and as a touch icon, and the picture of a shared link."""
    return {
        "icon.svg": _svg(colours).encode(),
        f"icon-{TOUCH_SIZE}.png": _png(_touch(colours)),
        "share.png": _png(_share(colours)),
    }


def current() -> dict[str, bytes]:
    """The files as they should be now."""
    return drawn(palette((STATIC / "css" / "tokens.css").read_text(encoding="utf-8")))


def _svg(colours: Mapping[str, str]) -> str:
    line = "M" + "L".join(f"{x} {y}" for x, y in MARK)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" '
        f'fill="{colours["teal"]}"/><path d="{line}" fill="none" stroke="{colours["paper"]}" stroke-width="3.2" '
        f'stroke-linejoin="round" stroke-linecap="round"/></svg>\n'
    )


def _touch(colours: Mapping[str, str]) -> Image.Image:
    size = TOUCH_SIZE * FINER
    picture = Image.new("RGB", (size, size), colours["teal"])
    _mark(ImageDraw.Draw(picture), colours["paper"], at=(0, 0), side=size)
    return picture.resize((TOUCH_SIZE, TOUCH_SIZE), Image.Resampling.LANCZOS)


def _share(colours: Mapping[str, str]) -> Image.Image:
    """The mark beside the layers of the skin, which is what the guides draw; no words: they stand beside it as text."""
    width, height = (side * FINER for side in SHARED_SIZE)
    picture = Image.new("RGB", (width, height), colours["paper"])
    pen = ImageDraw.Draw(picture)
    unit = height // 21
    pen.rounded_rectangle((3 * unit, 6 * unit, 12 * unit, 15 * unit), radius=2 * unit, fill=colours["teal"])
    _mark(pen, colours["paper"], at=(3 * unit, 6 * unit), side=9 * unit)
    left = 17 * unit
    for top, colour in ((6, "paper-deep"), (7, "hair"), (10, "paper-deep"), (15, "hair")):
        pen.rectangle((left, top * unit, width, height), fill=colours[colour])
        pen.line((left, top * unit, width, top * unit), fill=colours["teal"], width=FINER * 3)
    x = 29 * unit
    pen.rectangle((x - unit // 2, 2 * unit, x + unit // 2, 5 * unit), outline=colours["clay"], width=FINER * 6)
    pen.line((x, 5 * unit, x, 12 * unit), fill=colours["clay"], width=FINER * 6)
    pen.ellipse((x - unit // 2, 12 * unit - unit // 2, x + unit // 2, 12 * unit + unit // 2), fill=colours["clay"])
    return picture.resize(SHARED_SIZE, Image.Resampling.LANCZOS)


def _mark(pen: ImageDraw.ImageDraw, colour: str, *, at: tuple[int, int], side: int) -> None:
    thick = round(side * 3.2 / 32)
    points = [(at[0] + x * side / 32, at[1] + y * side / 32) for x, y in MARK]
    pen.line(points, fill=colour, width=thick)
    for x, y in points:  # round ends and corners
        pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    return data.getvalue()
