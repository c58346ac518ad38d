"""The library: where a thing is used, pictures in new versions and taken down, and taking newer wording over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures import publishing
from procedures.document import text_of, token
from procedures.images import add, clean
from procedures.models import Edit, GlossaryTerm, Guide, Image, PictureFile, PublicationEvent, Revision, Source, part_of
from tests.conftest import make_document, write_rows

from ..images.test_cleaning import picture
from ..publishing.conftest import reword

ONE = {"mode": "RGB", "size": (400, 200)}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def shown(live_guide: Guide) -> Image:
    """A picture in the live text of a guide."""
    row = add(clean(noise((400, 200))), words="A thin needle beside a coin", credit="The clinic", by=None)
    section = live_guide.sections.get(key="overview")
    section.body += f"\n![A thin needle beside a coin](image:{row.key})\n"
    section.save()
    revision = publishing.submit(live_guide, by=None, kind="wording")
    publishing.publish_unreviewed(revision, by=None)
    live_guide.refresh_from_db()
    return row


def noise(size: tuple[int, int], seed: int = 1) -> bytes:
    """A PNG whose pixels do not compress, so that its renditions are smaller than itself."""
    import io
    import random

    from PIL import Image as Pillow

    out = io.BytesIO()
    Pillow.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3)).save(out, "PNG")
    return out.getvalue()


def page_of(row: Any, what: str = "change", *args: object) -> str:
    return reverse(f"admin:procedures_{row._meta.model_name}_{what}", args=[row.pk, *args])


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("x.png", data, "image/png")


def test_the_list_shows_pictures_finds_them_and_says_where_they_are_used(shown: Image, at_desk: Any) -> None:
    add(clean(picture()), words="Nothing to see here", credit="Somebody Else", by=None)
    staff = at_desk("ana", "Author")
    listed = staff.get(reverse("admin:procedures_image_changelist")).content.decode()
    assert 'width="96" height="48"' in listed
    assert f"/media/{shown.file}" not in listed, "the list shows the smallest rendition"
    assert "Testing" in listed
    for words in ("coin", "Somebody", shown.file[:20]):
        found = staff.get(reverse("admin:procedures_image_changelist"), {"q": words}).content.decode()
        assert found.count('width="96"') == 1, words


def test_the_page_of_a_picture_leads_to_the_sections_that_show_it(shown: Image, at_desk: Any) -> None:
    page = at_desk("ana", "Author").get(page_of(shown)).content.decode()
    section = Guide.objects.get().sections.get(key="overview")
    assert reverse("admin:procedures_section_change", args=[section.pk]) in page
    assert "draft and live text" in page


def test_a_new_version_keeps_the_key_and_the_live_page_until_it_is_taken_over(
    shown: Image, at_desk: Any, client: Any
) -> None:
    old = shown.file
    staff = at_desk("ana", "Author")
    sent = {"image": upload(noise((500, 250), 2)), "shown": token(text_of(part_of(shown)))}
    staff.post(page_of(shown, "new_version"), sent)
    shown.refresh_from_db()
    assert shown.file != old
    assert Edit.objects.filter(unit=shown.unit).first().text == text_of(part_of(shown))
    live = client.get("/testing/overview/").content.decode()
    assert old in live
    assert shown.file not in live
    guide = Guide.objects.get()
    page = staff.get(page_of(shown)).content.decode()
    assert page_of(shown, "take_over", guide.pk) in page
    staff.post(page_of(shown, "take_over", guide.pk))
    revision = Revision.objects.get(state="in-review")
    assert [item.file for item in revision.read().images] == [shown.file]
    assert revision.kind == "wording"
    assert old in client.get("/testing/overview/").content.decode(), "it is public when it is published"


def test_a_new_version_over_somebody_elses_is_refused(shown: Image, at_desk: Any) -> None:
    staff = at_desk("ana", "Author")
    mark = token(text_of(part_of(shown)))
    Image.objects.filter(pk=shown.pk).update(words="Other words by somebody")
    answer = staff.post(page_of(shown, "new_version"), {"image": upload(noise((30, 20))), "shown": mark})
    assert answer.status_code == 409
    assert b"changed this picture meanwhile" in answer.content
    shown.refresh_from_db()
    assert shown.width == 400
    bad = staff.post(page_of(shown, "new_version"), {"image": upload(b"<svg/>"), "shown": mark})
    assert (bad.status_code, b"not a JPEG, PNG or WebP" in bad.content) == (422, True)


def test_a_picture_taken_down_is_gone_in_every_version_at_once(shown: Image, at_desk: Any, client: Any) -> None:
    old = [f"/media/{row.file}" for row in PictureFile.objects.all()]
    assert len(old) > 2
    staff = at_desk("eve", "Author", "Publisher")
    mark = token(text_of(part_of(shown)))
    staff.post(page_of(shown, "new_version"), {"image": upload(noise((500, 250), 2)), "shown": mark})
    assert staff.post(page_of(shown, "take_down"), {"why": ""}).status_code == 422
    assert client.get(old[0]).status_code == 200
    staff.post(page_of(shown, "take_down"), {"why": "A face can be seen."})
    files = [f"/media/{row.file}" for row in PictureFile.objects.all()]
    assert [client.get(file).status_code for file in files] == [410] * len(files)
    page = client.get("/testing/overview/").content.decode()
    assert "A picture stood here. It has been taken down." in page
    assert "<img" not in page
    event = PublicationEvent.objects.get(step="picture_down")
    assert (event.by.username, event.why) == ("eve", f"{shown.unit}: A face can be seen.")
    assert "Taken down" in staff.get(page_of(shown)).content.decode()
    assert "taken down" in staff.get(reverse("admin:procedures_image_changelist")).content.decode()


def test_putting_back_shows_the_present_version_and_no_older_one(shown: Image, at_desk: Any, client: Any) -> None:
    old = shown.file
    staff = at_desk("eve", "Author", "Publisher")
    mark = token(text_of(part_of(shown)))
    staff.post(page_of(shown, "new_version"), {"image": upload(noise((500, 250), 2)), "shown": mark})
    staff.post(page_of(shown, "take_down"), {"why": "A face can be seen."})
    staff.post(page_of(shown, "put_back"))
    shown.refresh_from_db()
    assert client.get(f"/media/{shown.file}").status_code == 200
    assert client.get(f"/media/{old}").status_code == 410
    assert PublicationEvent.objects.filter(step="picture_back").count() == 1
    again = staff.post(page_of(shown, "put_back"), follow=True)
    assert "nothing to put back" in again.content.decode()


def test_who_may_not_does_not(shown: Image, at_desk: Any, live_guide: Guide) -> None:
    author, publisher, reviewer = (
        at_desk("ana", "Author"),
        at_desk("pia", "Publisher"),
        at_desk("rosa", "Medical reviewer"),
    )
    assert author.post(page_of(shown, "take_down"), {"why": "x"}).status_code == 403
    assert author.post(page_of(shown, "put_back")).status_code == 403
    assert publisher.post(page_of(shown, "new_version")).status_code == 403
    assert publisher.post(page_of(shown, "take_over", live_guide.pk)).status_code == 403
    assert reviewer.post(page_of(shown, "take_down"), {"why": "x"}).status_code == 403
    assert author.get(page_of(shown, "take_over", live_guide.pk)).status_code == 405
    assert not PictureFile.objects.hidden().exists()


def change(row: Any, **values: str) -> None:
    """Changes a row of the library as the admin does."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_newer_wording_of_a_source_is_taken_over_as_evidence(live_guide: Guide, at_desk: Any) -> None:
    source = Source.objects.get(key="agency-2020")
    change(source, title="Notice, second edition")
    staff = at_desk("ana", "Author")
    answer = staff.post(page_of(source, "take_over", live_guide.pk), follow=True)
    assert "Testing: sent for review with the newer wording." in answer.content.decode()
    revision = Revision.objects.get(state="in-review")
    assert (revision.kind, revision.by.username) == ("evidence", "ana")
    assert "Notice, second edition" in revision.document
    assert "It has been sent" in answer.content.decode()


def test_a_draft_with_other_changes_is_not_sent_by_the_way(live_guide: Guide, at_desk: Any) -> None:
    term = GlossaryTerm.objects.get()
    change(term, definition="Something that tests.")
    reword(live_guide, by=None)
    staff = at_desk("ana", "Author")
    answer = staff.post(page_of(term, "take_over", live_guide.pk), follow=True).content.decode()
    assert "holds other changes" in answer
    assert "testing/guide.yaml#questions/what" in answer
    assert not Revision.objects.filter(state="in-review").exists()
    assert page_of(term, "take_over", live_guide.pk) not in answer, "no button that only refuses"


def test_a_text_on_its_way_is_not_replaced(live_guide: Guide, at_desk: Any) -> None:
    reword(live_guide, by=None)
    waiting = publishing.submit(live_guide, by=None, kind="wording")
    term = GlossaryTerm.objects.get()
    change(term, definition="Something that tests.")
    answer = at_desk("ana", "Author").post(page_of(term, "take_over", live_guide.pk), follow=True).content.decode()
    assert "Another text of this guide is on its way" in answer
    waiting.refresh_from_db()
    assert waiting.state == "in-review"


def test_all_that_can_be_sent_are_sent_and_the_others_say_why_not(live_guide: Guide, at_desk: Any) -> None:
    for name in ("second", "third"):
        other = write_rows(make_document(folder=name, slug=name, title=name.capitalize()))
        publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    reword(live_guide, by=None)
    term = GlossaryTerm.objects.get()
    change(term, definition="Something that tests.")
    staff = at_desk("ana", "Author")
    assert "Take over in all of them" in staff.get(page_of(term)).content.decode()
    staff.post(page_of(term, "take_over", 0))
    sent = Revision.objects.filter(state="in-review")
    assert sorted(row.guide.folder for row in sent) == ["second", "third"]


def test_the_day_a_link_was_opened_is_no_newer_wording(live_guide: Guide, at_desk: Any) -> None:
    source = Source.objects.get(key="agency-2020")
    change(source, opened="2026-11-01")
    assert list(publishing.holding_older(source)) == []
