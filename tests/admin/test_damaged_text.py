"""What is stored of a live text was damaged: the desk says what to do, and a corrected text goes through it."""

from __future__ import annotations

from procedures.models import Guide, Source

from ..security.test_damaged_text import SECRET, damage
from .paper import said, save
from .test_signing import NAMES, hub, reword, screen


def test_a_corrected_text_goes_all_the_way_and_is_not_compared_with_the_damaged_one(  # type: ignore[no-untyped-def]
    live_guide: Guide, at_desk, client
) -> None:
    damage(live_guide.live)
    ana = at_desk("ana", "Author")
    for path in ("/admin/", "/admin/procedures/guide/", hub(live_guide)):
        answer = ana.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
    source = Source.objects.first()
    assert source
    assert ana.get(f"/admin/procedures/source/{source.pk}/change/").status_code == 200
    reword(ana, live_guide, "## What it is\n\nIt is a long [probe](glossary:probe).[^trial]\n")
    ana.post(hub(live_guide, "send"), {"kind": "evidence", "note": "Corrected"})
    sent = live_guide.revisions.get(state="in-review")
    rosa = at_desk("rosa", "Medical reviewer")
    shown = rosa.get(screen(sent))
    assert shown.status_code == 200
    assert "was damaged, so this text cannot be compared with it. Read all of it." in shown.content.decode()
    assert "Signed, with your name" in said(save(rosa, screen(sent), "sign_form", **NAMES))
    pia = at_desk("pia", "Publisher")
    pia.post(hub(live_guide, "publish"))
    live_guide.refresh_from_db()
    assert live_guide.live == sent
    assert client.get("/testing/").status_code == 200


def test_it_is_taken_down(live_guide: Guide, at_desk, client) -> None:  # type: ignore[no-untyped-def]
    damage(live_guide.live)
    pia = at_desk("pia", "Publisher")
    assert pia.get(hub(live_guide, "take-down")).status_code == 200
    pia.post(hub(live_guide, "take-down"), {"why": "Its text was damaged."})
    live_guide.refresh_from_db()
    assert live_guide.live is None
    assert client.get("/testing/").status_code == 410
    assert pia.get(hub(live_guide)).status_code == 200


def test_a_page_that_needs_the_damaged_text_itself_says_what_to_do(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    live = live_guide.live
    damage(live)
    assert live
    rosa = at_desk("rosa", "Medical reviewer")
    rosa.raise_request_exception = False
    answer = rosa.get(screen(live))
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "publish it anew" in page
    assert SECRET not in page
