"""Pictures are kept under a name of our choosing, whole or not at all, with words."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from procedures.document import ImageRecord, text_of
from procedures.images import Refused, add, clean, inspect, keep
from procedures.images.forms import ImageForm
from procedures.models import Edit, Image, part_of

from ..conftest import OWN
from .test_cleaning import picture


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def test_a_picture_is_kept_once_under_its_hash(media: Path) -> None:
    data = clean(picture()).data
    name = keep(data)
    assert name == f"{hashlib.sha256(data).hexdigest()}.png"
    assert keep(data) == name
    assert [file.name for file in media.iterdir()] == [name]
    assert (media / name).read_bytes() == data
    assert (media / name).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("how", ["a flipped bit", "cut off", "gone"])
def test_the_same_picture_sent_again_mends_one_that_is_damaged(media: Path, how: str) -> None:
    data = clean(picture()).data
    path = media / keep(data)
    if how == "a flipped bit":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif how == "cut off":
        path.write_bytes(data[:-1])
    else:
        path.unlink()
    assert media / keep(data) == path
    assert path.read_bytes() == data


def test_what_is_no_picture_is_not_kept(media: Path) -> None:
    for data in (b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n", b"GIF89a"):
        with pytest.raises(Refused):
            keep(data)
    assert not media.exists()


@pytest.mark.django_db
def test_an_added_picture_has_words_a_key_and_a_record_of_the_edit(person) -> None:  # type: ignore[no-untyped-def]
    ana = person("ana", "Author")
    first = add(clean(picture()), words="A thin needle beside a coin", by=ana)
    second = add(clean(picture(size=(9, 9))), words="A thin needle beside a coin", credit="The clinic", by=ana)
    assert [first.key, second.key] == ["a-thin-needle-beside-a", "a-thin-needle-beside-a-2"]
    edit = Edit.objects.get(unit="images.yaml#a-thin-needle-beside-a")
    assert (edit.by, edit.text) == (ana, text_of(part_of(first)))
    assert isinstance(part_of(second), ImageRecord)
    assert Image.objects.get(key=second.key).credit == "The clinic"


@pytest.mark.django_db
def test_words_no_key_can_be_made_of_still_get_a_key() -> None:
    assert add(clean(picture()), words="針 と 肌", by=None).key == "picture"


def form(name: str = "x.png", data: bytes | None = None, words: str = "A needle and a coin") -> ImageForm:
    upload = SimpleUploadedFile("x", picture() if data is None else data, "image/png")
    upload._name = name  # a client may send any name; the class would tidy it
    return ImageForm({"words": words}, {"image": upload})


def test_no_file_name_has_an_effect(media: Path) -> None:
    names = json.loads((OWN / "images/filenames.json").read_text())
    assert len(names) == 26
    for name in names:
        sent = form(name)
        assert sent.is_valid(), (name, sent.errors)
        keep(sent.cleaned_data["image"].data)
    assert len(list(media.iterdir())) == 1


def test_words_are_required_and_must_say_something() -> None:
    for words in ("", "   ", "needle", "needle coin"):
        sent = form(words=words)
        assert not sent.is_valid()
        assert list(sent.errors) == ["words"]
    assert form(words="  a needle,\n in skin ").is_valid()


def test_a_refusal_is_a_sentence_beside_the_file() -> None:
    for data in (b"", b"<svg/>", picture()[:40], picture(size=(1, 900))):
        sent = form(data=data)
        assert not sent.is_valid()
        assert str(sent.errors["image"][0]).endswith("."), sent.errors


def test_a_command_prepares_a_picture_for_the_content_folder(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(picture("JPEG", comment=b"my-secret"))
    out = io.StringIO()
    call_command("clean_image", file, into=tmp_path / "images", stdout=out)
    (made,) = (tmp_path / "images").iterdir()
    assert not inspect(made.read_bytes()).problems
    assert f"file: {made.name}" in out.getvalue()
    assert "width: 12" in out.getvalue()
    file.write_bytes(b"no picture")
    with pytest.raises(CommandError, match=r"photo\.jpg: This is not"):
        call_command("clean_image", file, into=tmp_path / "images")
