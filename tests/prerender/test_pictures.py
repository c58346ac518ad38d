"""A picture that is taken down leaves every page that is a file, and its address, with the button."""

from __future__ import annotations

import time
from typing import Any

from procedures import publishing
from procedures.images import add, clean
from procedures.models import Clinic, Guide, PictureFile

from ..images.test_cleaning import picture


def test_a_picture_taken_down_leaves_all_pages_within_a_second(
    live_guide: Guide,
    in_front: Any,
    settings: Any,
    tmp_path: Any,
    person: Any,
    client: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    row = add(clean(picture("JPEG", size=(40, 20))), words="A thin needle beside a coin", by=None)
    Clinic.objects.create(name="A clinic", logo=row)
    section = live_guide.sections.get(key="overview")
    section.body += f"\n![A thin needle beside a coin](image:{row.key})\n"
    section.save()
    publishing.publish_unreviewed(publishing.submit(live_guide, by=None, kind="wording"), by=None)
    served = in_front()
    file = f"/media/{row.file}"
    holding = [path for path in served.addresses() if file.encode() in served.get(path).text]
    assert "/testing/overview/" in holding
    assert "/" in holding, "the clinic's logo stands on every page"
    client.force_login(person("pia", "Publisher"))
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/procedures/image/{row.pk}/take-down/", {"why": "A face can be seen."})
    took = time.monotonic() - began
    print(f"{len(holding)} pages held it; made anew {took:.2f} s after the button")
    wrong = [path for path in holding if file.encode() in served.get(path).text and b"<img" in served.get(path).text]
    assert wrong == []
    assert b"It has been taken down." in served.get("/testing/overview/").text
    assert b"<img" not in served.get("/testing/overview/").text
    assert client.get(file).status_code == 410
    assert not PictureFile.objects.filter(taken_down=False).exists()
    assert row.file in (tmp_path / "pages" / "taken-down").read_text(), "without a database it stays down too"
