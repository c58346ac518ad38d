"""Each thing that is wrong with django-markdownx as it comes is right here: one test for each."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client, override_settings
from django.urls import include, path
from PIL import Image as Pillow

from procedures.admin.preview import markdownify
from procedures.models import Edit, Guide, Image, PictureFile
from tests.conftest import OWN
from tests.images.test_cleaning import SECRETS, manifest, picture

PREVIEW, UPLOAD = "/admin/procedures/preview/", "/admin/procedures/upload/"
WORDS = "A needle beside a coin"


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def kept(media: Path) -> list[str]:
    """The pictures that were stored, without the smaller files made of them."""
    smaller = set(PictureFile.objects.exclude(file=F("original")).values_list("file", flat=True))
    return sorted(file.name for file in media.iterdir() if file.name not in smaller) if media.exists() else []


def send(client: Client, data: bytes, *, name: str = "x.png", kind: str = "image/png", words: str = WORDS):  # type: ignore[no-untyped-def]
    return client.post(UPLOAD, {"image": SimpleUploadedFile(name, data, kind), "words": words})


class mounted:
    """Addresses as somebody might write them who follows django-markdownx's own instructions."""

    from procedures.pages.urls import urlpatterns as pages

    urlpatterns = [path("markdownx/", include("markdownx.urls"))]


def test_its_own_views_are_mounted_nowhere_and_a_check_refuses_them() -> None:
    assert not [found for found in run_checks(tags=["security"]) if found.id == "procedures.E001"]
    for address in ("/markdownx/upload/", "/markdownx/markdownify/"):
        assert Client().post(address, {"content": "x"}).status_code in (404, 405)
    with override_settings(ROOT_URLCONF=mounted):
        assert [found.id for found in run_checks(tags=["security"]) if found.id == "procedures.E001"] == [
            "procedures.E001"
        ]


def test_who_may_not_gets_a_sentence_in_json_and_nothing_is_stored(guide: Guide, at_desk, media: Path) -> None:  # type: ignore[no-untyped-def]
    for client in (
        Client(),
        Client(enforce_csrf_checks=True),
        at_desk("rea", "Medical reviewer"),
        at_desk("pia", "Publisher"),
        at_desk("none"),
    ):
        for answer in (
            client.post(PREVIEW, {"text": "x", "guide": guide.pk}),
            send(client, picture()),
            client.get(PREVIEW),
            client.get(UPLOAD),
        ):
            assert answer.status_code == 403
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.json()["error"].endswith(".")
    assert kept(media) == []
    assert not Image.objects.exists()


def test_who_may_not_has_no_byte_of_the_body_read(db: None) -> None:
    class Body(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    answer = Client(enforce_csrf_checks=True).generic(
        "POST", UPLOAD, b"x" * 10, content_type="multipart/form-data; boundary=x", **{"wsgi.input": Body()}
    )
    assert answer.status_code == 403


def test_a_forged_request_is_refused_in_json(guide: Guide, person, media: Path) -> None:  # type: ignore[no-untyped-def]
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("ana", "Author"))
    for answer in (client.post(PREVIEW, {"text": "x", "guide": guide.pk}), send(client, picture())):
        assert answer.status_code == 403
        assert answer.json()["error"]
    assert kept(media) == []


def test_a_picture_is_cleaned_named_by_us_and_put_in_the_library(at_desk, db: None, media: Path) -> None:  # type: ignore[no-untyped-def]
    answer = send(at_desk("ana", "Author"), picture("JPEG", comment=b"<script>"), name="evil.html", kind="text/html")
    assert answer.status_code == 201
    row = Image.objects.get()
    assert answer.json()["key"] == row.key == "a-needle-beside-a-coin"
    assert kept(media) == [row.file]
    assert answer.json()["url"] == f"/media/{row.file}"
    assert row.file.endswith(".jpg")
    assert b"script" not in (media / row.file).read_bytes()
    assert [edit.unit for edit in Edit.objects.all()] == [f"images.yaml#{row.key}"]


def test_a_script_said_to_be_a_gif_is_refused(at_desk, db: None, media: Path) -> None:  # type: ignore[no-untyped-def]
    answer = send(at_desk("ana", "Author"), b"<script>alert(1)</script>", name="evil.html", kind="image/gif")
    assert answer.status_code == 400
    assert "not a JPEG, PNG or WebP" in answer.json()["error"]
    assert kept(media) == []


def test_every_file_of_the_list_meets_its_verdict_at_the_door(at_desk, db: None, media: Path) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    for entry in manifest():
        before = kept(media)
        answer = send(client, (OWN / "images" / entry["file"]).read_bytes(), name=entry["file"])
        assert answer.headers["Content-Type"] == "application/json"
        if answer.status_code == 201:
            assert entry["expect"] != "refuse", entry
            stored = (media / Image.objects.get(key=answer.json()["key"]).file).read_bytes()
            assert not any(secret in stored for secret in SECRETS), entry
        else:
            assert answer.status_code == 400, entry
            assert entry["expect"].startswith("refuse"), entry
            assert kept(media) == before, entry
            assert answer.json()["error"]


def test_no_file_name_has_an_effect_at_the_door(at_desk, db: None, media: Path) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    names = json.loads((OWN / "images/filenames.json").read_text())
    for name in names:
        words = b'--b\r\nContent-Disposition: form-data; name="words"\r\n\r\nA needle and coin\r\n'
        escaped = name.replace('"', '\\"').encode()
        head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="' + escaped + b'"\r\n'
        body = words + head + b"Content-Type: image/png\r\n\r\n" + picture() + b"\r\n--b--\r\n"
        answer = client.generic("POST", UPLOAD, body, content_type="multipart/form-data; boundary=b")
        assert answer.status_code in (201, 400), (name, answer.content)
        assert answer.json()
    assert len(kept(media)) == 1


def test_what_breaks_it_gives_a_sentence_and_never_500(guide: Guide, at_desk, media: Path) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    png = picture()
    answers = {
        "corrupt": (send(client, png[:50]), 400),
        "empty": (send(client, b""), 400),
        "GET": (client.get(UPLOAD), 405),
        "no field": (client.post(UPLOAD), 400),
        "no file": (client.post(UPLOAD, {"image": "text", "words": WORDS}), 400),
        "no words": (send(client, png, words=""), 400),
        "two words": (send(client, png, words="a needle"), 400),
        "too large": (
            client.generic("POST", UPLOAD, b"x" * (9 * 1024 * 1024), content_type="multipart/form-data; boundary=x"),
            413,
        ),
        "no multipart": (client.generic("POST", UPLOAD, b"rubbish", content_type="multipart/form-data"), 400),
        "preview GET": (client.get(PREVIEW), 405),
        "preview no text": (client.post(PREVIEW, {"guide": guide.pk}), 400),
        "preview no guide": (client.post(PREVIEW, {"text": "x"}), 404),
        "preview other guide": (client.post(PREVIEW, {"text": "x", "guide": "9" * 30}), 404),
        "preview odd guide": (client.post(PREVIEW, {"text": "x", "guide": "²"}), 404),
        "preview too long": (client.post(PREVIEW, {"text": "x" * 61_500, "guide": guide.pk}), 413),
    }
    for name, (answer, status) in answers.items():
        assert answer.status_code == status, (name, answer.status_code, answer.content)
        assert answer.json()["error"].strip(), name
    assert kept(media) == []


def test_size_and_orientation_are_kept(at_desk, db: None, media: Path) -> None:  # type: ignore[no-untyped-def]
    turned = Pillow.Exif()
    turned[0x0112] = 6
    assert send(at_desk("ana", "Author"), picture("JPEG", size=(900, 600), exif=turned.tobytes())).status_code == 201
    row = Image.objects.get()
    assert (row.width, row.height) == (600, 900)
    assert Pillow.open(media / row.file).size == (600, 900)


def test_the_preview_is_the_page_and_names_what_is_wrong(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    text = (
        "## A *heading*\n\nA [probe](glossary:probe).[^trial]\n\n<script>alert(1)</script>\n\n"
        "[x](javascript:alert(1))\n\nBad.[^triel]\n\n::: figure course\n:::\n"
    )
    answer = client.post(PREVIEW, {"text": text.replace("\n", "\r\n"), "guide": guide.pk})
    assert answer.status_code == 200
    html = answer.json()["html"]
    assert "<em>heading</em>" in html
    assert "/glossary/#probe" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "Drawing: A course" in html
    assert [problem["line"] for problem in answer.json()["problems"]] == [7, 9]
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "words" in answer.json()["counts"]


def test_the_preview_counts_words_and_grades_english(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    text = "The needle is small and it goes into the skin. " * 3
    counts = client.post(PREVIEW, {"text": text, "guide": guide.pk}).json()["counts"]
    assert counts == "30 words · reading grade 2.5 · longest sentence 10 words"
    guide.language = "he"
    guide.save()
    assert client.post(PREVIEW, {"text": text, "guide": guide.pk}).json()["counts"] == "30 words"


def test_the_markdown_function_of_the_settings_is_the_one_pipeline() -> None:
    html = markdownify("## One\r\n\r\n<img src=x onerror=alert(1)> ![x](https://example.org/x.png) [^key]")
    assert "<h2" in html
    assert "<img" not in html
    assert "[?key]" in html


def test_its_script_is_not_loaded_and_the_box_is_a_plain_textarea(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    section = guide.sections.get(key="overview")
    shown = at_desk("ana", "Author").get(f"/admin/procedures/section/{section.pk}/change/").content.decode()
    assert "markdownx/js" not in shown
    assert "data-markdownx" not in shown
    assert 'type="module"' in shown
    box = shown[shown.index("<textarea", shown.index('class="editor"')) :].split(">", 1)[0]
    assert 'spellcheck="true"' in box
    assert 'name="body"' in box


def test_the_editors_script_is_small_and_trusts_only_our_preview() -> None:
    script = (Path(__file__).parents[2] / "static/js/editor.js").read_text()
    assert len(script.encode()) <= 12 * 1024
    assert script.count("innerHTML") == 1
    assert "pane.innerHTML = got.html" in script
    for never in (
        "eval(",
        "document.write",
        "insertAdjacentHTML",
        "outerHTML",
        "localStorage",
        'key === "Tab"',
        "https://",
    ):
        assert never not in script, never
