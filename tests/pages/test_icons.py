"""The mark and the picture of shared links follow the colours of the token file."""

from __future__ import annotations

import io
import re

from django.core.management import call_command
from django.test import Client
from PIL import Image, ImageChops

from procedures.pages import icons


def test_the_drawn_files_are_current() -> None:
    for name, data in icons.current().items():
        stored = (icons.FOLDER / name).read_bytes()
        if name.endswith(".svg"):
            assert stored == data, f"{name} is stale: run manage.py draw_icons"
            continue
        one, other = (Image.open(io.BytesIO(found)).convert("RGB") for found in (stored, data))
        assert one.size == other.size
        # Pixels, not bytes: another zlib packs the same picture differently.
        assert ImageChops.difference(one, other).getbbox() is None, f"{name} is stale: run manage.py draw_icons"


def test_another_colour_makes_other_pictures() -> None:
    colours = icons.palette((icons.STATIC / "css" / "tokens.css").read_text())
    before, after = icons.drawn(colours), icons.drawn({**colours, "teal": "#123456"})
    assert all(before[name] != after[name] for name in before)
    assert "#123456" in after["icon.svg"].decode()


def test_the_command_writes_what_is_missing(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(icons, "FOLDER", tmp_path)
    call_command("draw_icons")
    assert {file.name for file in tmp_path.iterdir()} == {"icon.svg", "icon-180.png", "share.png"}
    assert "static/icons/share.png" in capsys.readouterr().out


def test_a_shared_link_shows_the_picture(client: Client, live_guide) -> None:
    html = client.get("/testing/").content.decode()
    found = re.search(r'<meta property="og:image" content="([^"]+)">', html)
    assert found is not None
    assert found[1].startswith("http")
    assert found[1].endswith("/static/icons/share.png")
    picture = Image.open(icons.FOLDER / "share.png")
    assert picture.size == (1200, 630)
    assert (icons.FOLDER / "share.png").stat().st_size < 40_000
    assert '<meta property="og:image:width" content="1200">' in html
