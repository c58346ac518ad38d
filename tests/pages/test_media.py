"""Pictures: fixed names, fixed headers, gone when taken down."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from procedures import prerender
from procedures.models import PictureFile

BYTES = b"\x89PNG not really"
NAME = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def stored(settings, tmp_path: Path, db: None) -> Path:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / f"{NAME}.png").write_bytes(BYTES)
    return tmp_path


def test_a_picture_is_kept_for_ever_and_can_do_nothing(stored, client):
    response = client.get(f"/media/{NAME}.png")
    assert response.content == BYTES
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


@pytest.mark.parametrize(
    "name", [f"{NAME}.html", f"{NAME}.svg", "evil.png", f"{NAME.upper()}.png", f"{'0' * 64}.png", f"..%2f{NAME}.png"]
)
def test_any_other_name_is_unknown(stored, client, name):
    (stored / f"{NAME}.html").write_text("<script>")
    (stored / f"{NAME}.svg").write_text("<svg/>")
    (stored / "evil.png").write_bytes(BYTES)
    assert client.get(f"/media/{name}").status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(stored, client, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("secret")
    named = hashlib.sha256(b"secret").hexdigest()
    (stored / f"{named}.png").symlink_to(outside)
    assert client.get(f"/media/{named}.png").status_code == 404
    (stored / f"{'a' * 64}.png").symlink_to(outside)
    assert client.get(f"/media/{'a' * 64}.png").status_code == 404


def test_a_picture_taken_down_is_gone(stored, client):
    PictureFile.objects.create(file=f"{NAME}.png", original=f"{NAME}.png", width=1, height=1, taken_down=True)
    response = client.get(f"/media/{NAME}.png")
    assert (response.status_code, response.headers["Cache-Control"]) == (410, "no-cache")
    assert BYTES not in response.content


def test_a_picture_whose_bytes_have_changed_on_the_disk_is_not_sent(stored, client):
    (stored / f"{NAME}.png").write_bytes(BYTES[:-1] + b"X")
    response = client.get(f"/media/{NAME}.png")
    assert response.status_code == 404
    assert BYTES[:-1] not in response.content


def refuse(*_args: object) -> None:
    raise OperationalError("unable to open database file")


OTHER = hashlib.sha256(b"\x89PNG other").hexdigest()


@pytest.fixture
def noted(stored, settings, tmp_path_factory):
    """One picture of two is taken down, and the step that did it has noted so beside the published pages."""
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
    (stored / f"{OTHER}.png").write_bytes(b"\x89PNG other")
    PictureFile.objects.create(file=f"{NAME}.png", original=f"{NAME}.png", width=1, height=1, taken_down=True)
    prerender.refresh()
    return settings.DATA_DIR / "pages" / "taken-down"


@pytest.mark.parametrize("after", ["", "procedures.prerender.refresh"])
def test_pictures_need_no_database_and_one_taken_down_stays_so(noted, client, settings, after):
    settings.AFTER_RELEASE = after
    with connection.execute_wrapper(refuse):
        assert client.get(f"/media/{NAME}.png").status_code == 410
        assert client.get(f"/media/{OTHER}.png").content == b"\x89PNG other"


def test_a_database_that_is_frozen_is_not_waited_for(noted, client, settings, django_assert_num_queries):
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    with django_assert_num_queries(0):
        assert client.get(f"/media/{NAME}.png").status_code == 410
        assert client.get(f"/media/{OTHER}.png").status_code == 200


def test_without_the_note_the_database_is_asked(noted, client, settings):
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    noted.unlink()
    assert client.get(f"/media/{NAME}.png").status_code == 410
    assert client.get(f"/media/{OTHER}.png").status_code == 200


def test_where_nothing_writes_the_note_the_database_is_asked(noted, client):
    PictureFile.objects.update(taken_down=False)
    assert client.get(f"/media/{NAME}.png").status_code == 200


def test_where_nothing_was_ever_taken_down_that_is_noted_too(
    stored, client, settings, tmp_path_factory, django_assert_num_queries
):
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    prerender.refresh()
    with django_assert_num_queries(0):
        assert client.get(f"/media/{NAME}.png").status_code == 200
