"""A telephone gets a telephone's worth of a picture; files and pages that hold one stay the same everywhere."""

from __future__ import annotations

import hashlib
import io
import random
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from PIL import Image as Pillow

from procedures import publishing
from procedures.document import text_of, token
from procedures.images import add, clean, inspect, render, replace, take_down
from procedures.models import Guide, Image, PictureFile, part_of, preview_path

from ..security.test_damaged_text import damage


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def noise(kind: str, size: tuple[int, int], mode: str = "RGB") -> bytes:
    """A picture whose pixels hardly compress."""
    count = size[0] * size[1] * len(mode)
    out = io.BytesIO()
    Pillow.frombytes(mode, size, random.Random(7).randbytes(count)).save(out, kind)
    return out.getvalue()


def files(original: str) -> set[tuple[str, int, int]]:
    rows = PictureFile.objects.filter(original=original).exclude(file=original)
    return {(row.file.rpartition(".")[2], row.width, row.height) for row in rows}


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "ext"), [("JPEG", "jpg"), ("PNG", "png")])
def test_renditions_are_narrower_in_both_formats_and_named_by_their_bytes(media: Path, kind: str, ext: str) -> None:
    row = add(clean(noise(kind, (700, 350))), words="Nothing but noise", by=None)
    assert files(row.file) == {
        ("webp", 320, 160), (ext, 320, 160), ("webp", 640, 320), (ext, 640, 320), ("webp", 700, 350)
    }  # fmt: skip
    for file in PictureFile.objects.all():
        data = (media / file.file).read_bytes()
        assert file.file == f"{hashlib.sha256(data).hexdigest()}.{file.file.rpartition('.')[2]}"
        assert not inspect(data).problems, "a rendition holds nothing but pixels"
        assert Pillow.open(io.BytesIO(data)).size == (file.width, file.height)
        assert file.file == row.file or len(data) < (media / row.file).stat().st_size
    before = {path.name for path in media.iterdir()}
    render(row.file)
    assert {path.name for path in media.iterdir()} == before


@pytest.mark.django_db
def test_a_small_picture_is_never_made_wider() -> None:
    row = add(clean(noise("WEBP", (200, 100))), words="Nothing but noise", by=None)
    assert files(row.file) == set()


@pytest.mark.django_db
def test_what_is_transparent_stays_transparent(media: Path) -> None:
    row = add(clean(noise("PNG", (400, 100), "RGBA")), words="Nothing but noise", by=None)
    made = PictureFile.objects.filter(original=row.file).exclude(file=row.file)
    assert made.count() == 3
    for file in made:
        assert Pillow.open(media / file.file).mode == "RGBA", file


def with_picture(guide: Guide, key: str) -> Guide:
    section = guide.sections.get(key="overview")
    section.body += f"\n![Nothing but noise](image:{key})\n"
    section.save()
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)
    guide.refresh_from_db()
    return guide


@pytest.fixture
def pictured(live_guide: Guide) -> Guide:
    """A guide whose overview shows a JPEG of 700 × 350 pixels."""
    return with_picture(live_guide, add(clean(noise("JPEG", (700, 350))), words="Nothing but noise", by=None).key)


def figure(page: str) -> str:
    found = re.search(r'<figure class="picture">.*?</figure>', page, re.DOTALL)
    assert found, page
    return found[0]


def test_a_page_offers_webp_and_its_own_format_with_size_and_widths(pictured: Guide, client: Any) -> None:
    html = figure(client.get("/testing/overview/").content.decode())
    source, img = re.findall(r"<(?:source|img)[^>]*>", html)
    assert 'type="image/webp"' in source
    assert re.findall(r" (\d+)w", source) == ["320", "640", "700"]
    assert re.findall(r" (\d+)w", img) == ["320", "640", "700"]
    assert 'width="700" height="350"' in img
    assert 'loading="lazy"' in img, "it stands below a heading"
    assert 'sizes="' in source
    named = set(re.findall(r"/media/([0-9a-f]{64}\.\w+)", html))
    assert named == {row.file for row in PictureFile.objects.all()}
    for name in named:
        answer = client.get(f"/media/{name}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_preview_shows_the_same_bytes(pictured: Guide, client: Any) -> None:
    public = figure(client.get("/testing/overview/").content.decode())
    assert figure(client.get(f"{preview_path(pictured)}overview/").content.decode()) == public
    assert figure(client.get("/testing/all/").content.decode()) == public


def test_a_page_with_a_picture_asks_once_more_and_others_do_not(
    pictured: Guide, client: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        client.get("/testing/overview/")
    with django_assert_num_queries(2):
        client.get("/testing/risks/")
    with django_assert_num_queries(2):
        client.get("/testing/")


def test_the_content_folder_holds_the_original_alone(
    pictured: Guide, tmp_path: Path, media: Path, settings: Any
) -> None:
    folder = tmp_path / "content"
    call_command("export_content", str(folder))
    (row,) = {item.file for item in pictured.live.read().images}
    (kept,) = (folder / "images").iterdir()
    assert kept.read_bytes() == (media / row).read_bytes()


def test_a_loaded_picture_has_renditions_too(pictured: Guide, tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "content"
    call_command("export_content", str(folder))
    (file,) = (folder / "images").iterdir()
    data = clean(noise("JPEG", (900, 300))).data
    file.write_bytes(data)
    settings.CONTENT_DIR = folder
    call_command("load_content", take=["file:images.yaml#nothing-but-noise"])
    row = Image.objects.get()
    assert row.width == 900
    assert {width for _ext, width, _height in files(row.file)} == {320, 640, 900}


def test_a_command_makes_those_of_a_database_from_before(pictured: Guide, client: Any, capsys: Any) -> None:
    PictureFile.objects.all().delete()
    plain = figure(client.get("/testing/overview/").content.decode())
    assert "srcset" not in plain
    call_command("make_renditions")
    assert "1 pictures, 6 files made." in capsys.readouterr().out
    assert "srcset" in figure(client.get("/testing/overview/").content.decode())
    call_command("make_renditions")
    assert "0 files made" in capsys.readouterr().out


def test_smaller_files_that_are_damaged_or_gone_are_made_again_and_no_others(pictured: Guide, media: Path) -> None:
    row = Image.objects.get()
    names = sorted(PictureFile.objects.exclude(file=row.file).values_list("file", flat=True))
    assert len(names) > 2
    right = {name: (media / name).read_bytes() for name in names}
    (media / names[0]).write_bytes(right[names[0]][:-1] + b"X")
    (media / names[1]).unlink()
    call_command("make_renditions")
    assert {name: (media / name).read_bytes() for name in names} == right
    assert PictureFile.objects.exclude(file=row.file).count() == len(names)


@pytest.mark.django_db
def test_the_same_picture_as_its_new_version_mends_every_file_of_it_and_changes_nothing_else(media: Path) -> None:
    cleaned = clean(noise("JPEG", (700, 350)))
    row = add(cleaned, words="Nothing but noise", by=None)
    right = {path.name: path.read_bytes() for path in media.iterdir()}
    assert len(right) == 6
    for path in media.iterdir():
        path.write_bytes(b"damaged")
    assert not replace(row, cleaned, shown=token(text_of(part_of(row))), by=None)
    assert {path.name: path.read_bytes() for path in media.iterdir()} == right


def test_renditions_made_after_a_picture_was_taken_down_are_down_too(pictured: Guide, client: Any) -> None:
    row = Image.objects.get()
    PictureFile.objects.all().delete()
    take_down(row, why="A face.", by=None)
    render(row.file)
    assert PictureFile.objects.count() == 6
    assert not PictureFile.objects.filter(taken_down=False).exists()


def test_a_picture_of_a_guide_whose_text_was_damaged_can_be_taken_down(pictured: Guide) -> None:
    row = Image.objects.get()
    damage(pictured.live)
    take_down(row, why="A face.", by=None)
    assert not PictureFile.objects.filter(taken_down=False).exists()


def test_a_damaged_picture_has_none_and_stops_nothing(pictured: Guide, media: Path) -> None:
    PictureFile.objects.all().delete()
    (item,) = pictured.live.read().images
    (media / item.file).write_bytes(b"\xff\xd8\xff no picture")
    assert render(item.file) == []
