"""Every file of the outside list meets its verdict, and nothing but pixels comes through."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from procedures.images import Refused, clean, inspect

from ..conftest import OWN

SECRETS = (b"<script", b"<?php", b"GPS", b"Exif", b"PK\x03\x04", b"<html", b"xmp", b"alert(")


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (12, 8), **more: object) -> bytes:
    out = io.BytesIO()
    Pillow.new(mode, size, 0).save(out, kind, **more)
    return out.getvalue()


def manifest() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((OWN / "images/manifest.json").read_text())
    assert len(found) == 46
    return found


def test_each_file_of_the_list_meets_its_verdict() -> None:
    for entry in manifest():
        data = (OWN / "images" / entry["file"]).read_bytes()
        try:
            cleaned = clean(data)
        except Refused as refused:
            assert entry["expect"].startswith("refuse"), f"{entry['file']}: {refused}"
            assert str(refused).endswith("."), "a refusal is a sentence"
            assert inspect(data).problems
            continue
        assert entry["expect"] != "refuse", f"{entry['file']} was taken: {entry['why']}"
        assert not inspect(cleaned.data).problems, f"{entry['file']}: {inspect(cleaned.data).problems}"
        assert not any(secret in cleaned.data for secret in SECRETS), entry["file"]
        if entry["expect"] == "accept_strip":
            assert inspect(data).problems, f"{entry['file']} still holds what must go, yet nothing was found"


def test_a_turned_photograph_is_stored_upright() -> None:
    cleaned = clean((OWN / "images/exif_gps_orient6.jpg").read_bytes())
    assert (cleaned.width, cleaned.height) == (40, 60)
    assert Pillow.open(io.BytesIO(cleaned.data)).size == (40, 60)
    assert not Pillow.open(io.BytesIO(cleaned.data)).getexif()


def test_hostile_files_never_take_much_memory() -> None:
    program = (
        "import django, pathlib, re, sys; django.setup()\n"
        "from procedures.images import Refused, clean, inspect\n"
        "for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    data = file.read_bytes()\n"
        "    inspect(data)\n"
        "    try: clean(data)\n"
        "    except Refused: pass\n"
        # VmHWM is this program's own peak; ru_maxrss also remembers the process it was started from
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(OWN / "images")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"DJANGO_SETTINGS_MODULE": "mesoinfo.settings.test", "PATH": "", "PYTHONPATH": str(Path.cwd())},
    )
    assert int(done.stdout) < 200, f"{done.stdout.strip()} MB"


def test_malformed_files_from_outside_are_refused_or_read_but_never_break_us(corpora: Path) -> None:
    files = sorted((corpora / "third-party/pillow_malformed").iterdir())
    assert files
    for file in files:
        try:
            assert clean(file.read_bytes()).ext in ("jpg", "png", "webp")
        except Refused as refused:
            assert str(refused).endswith(".")
        inspect(file.read_bytes())


@pytest.mark.parametrize(
    ("kind", "mode", "ext", "kept"),
    [
        ("JPEG", "RGB", "jpg", "RGB"),
        ("JPEG", "L", "jpg", "L"),
        ("JPEG", "CMYK", "jpg", "RGB"),
        ("PNG", "RGBA", "png", "RGBA"),
        ("PNG", "P", "png", "P"),
        ("PNG", "1", "png", "1"),
        ("PNG", "LA", "png", "LA"),
        ("PNG", "I;16", "png", "I;16"),
        ("WEBP", "RGB", "webp", "RGB"),
        ("WEBP", "RGBA", "webp", "RGBA"),
    ],
)
def test_a_picture_keeps_its_format(kind: str, mode: str, ext: str, kept: str) -> None:
    cleaned = clean(picture(kind, mode))
    again = Pillow.open(io.BytesIO(cleaned.data))
    assert (cleaned.ext, again.mode, again.size) == (ext, kept, (12, 8))
    assert not inspect(cleaned.data).problems


def test_metadata_and_colour_profiles_do_not_survive() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "my-secret", zip=False)
    for data in (
        picture("PNG", pnginfo=text, icc_profile=b"my-secret" * 20),
        picture("JPEG", comment=b"my-secret", icc_profile=b"my-secret" * 20, xmp=b"my-secret"),
        picture("WEBP", icc_profile=b"my-secret" * 20, xmp=b"my-secret"),
    ):
        assert inspect(data).problems
        cleaned = clean(data)
        assert b"my-secret" not in cleaned.data
        assert not inspect(cleaned.data).problems


def test_bytes_behind_the_end_are_reported_and_removed() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        data = picture(kind) + b"<script>alert(1)</script>"
        assert any("after the end" in problem for problem in inspect(data).problems), kind
        assert b"script" not in clean(data).data


def test_moving_pictures_are_refused() -> None:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
        with pytest.raises(Refused, match="moves"):
            clean(out.getvalue())


def test_limits_hold(settings) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused, match="long and narrow"):
        clean(picture(size=(2, 50)))
    assert clean(picture(size=(2, 40))).height == 40
    settings.IMAGE_MAX_PIXELS = 100
    assert clean(picture(size=(10, 10))).width == 10
    with pytest.raises(Refused, match="pixels"):
        clean(picture(size=(10, 11)))
    settings.IMAGE_MAX_BYTES = 20
    with pytest.raises(Refused, match="larger than"):
        clean(picture())


def test_what_is_looked_at_is_described() -> None:
    data = picture("JPEG")
    found = inspect(data)
    assert (found.width, found.height, found.ext, found.problems) == (12, 8, "jpg", ())
    assert len(found.sha256) == 64
    broken = inspect(b"no picture")
    assert (broken.width, broken.height, broken.ext) == (0, 0, "")
    assert broken.problems
