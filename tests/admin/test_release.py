"""The buttons that send, publish and take down: who may press them, and what a refusal looks like."""

from __future__ import annotations

import pytest

from procedures.models import Edit, Guide, PublicationEvent, Revision, Section

from .paper import read, said, save


def hub(guide: Guide, step: str = "change") -> str:
    return f"/admin/procedures/guide/{guide.pk}/{step}/"


def change_a_word(client, guide: Guide) -> None:  # type: ignore[no-untyped-def]
    section = guide.sections.get(key="overview")
    answer = save(
        client, f"/admin/procedures/section/{section.pk}/change/", "section_form", body="## Changed\n\nAnother word.\n"
    )
    assert "Saved as a draft" in said(answer)


def test_one_button_publishes_what_was_changed(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author", "Publisher")
    change_a_word(client, live_guide)
    shown = client.get(hub(live_guide)).content.decode()
    assert "changes that are not published yet" in shown
    assert "No clinician has reviewed it" in shown
    answer = client.post(hub(live_guide, "publish"), {"kind": "wording", "note": "one word"}, follow=True)
    assert "Published. Patients see this text now." in said(answer)
    live_guide.refresh_from_db()
    assert live_guide.live is not None
    assert "Another word." in live_guide.live.document
    assert (live_guide.live.kind, live_guide.live.note, live_guide.live.by.get_username()) == (
        "wording",
        "one word",
        "ana",
    )  # type: ignore[union-attr]
    assert "The draft says the same." in answer.content.decode()
    again = client.post(hub(live_guide, "publish"), {"kind": "wording"}, follow=True)
    assert "live already, word for word" in said(again)
    assert "Published" not in said(again)


def test_the_kind_of_change_must_be_chosen(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author", "Publisher")
    for step in ("send", "publish"):
        assert "Say what was changed." in said(client.post(hub(guide, step), {"kind": ""}, follow=True))
    assert not Revision.objects.exists()


def test_an_author_sends_and_a_publisher_publishes_what_was_sent(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, pia = at_desk("ana", "Author"), at_desk("pia", "Publisher")
    shown = read(ana.get(hub(guide)))
    assert not any("publish" in path for path in shown.forms)
    refused = ana.post(hub(guide, "publish"), {"kind": "wording"})
    assert refused.status_code == 403
    assert "Only publishers publish" in refused.content.decode()
    nothing = pia.post(hub(guide, "publish"), {"kind": "wording"}, follow=True)
    assert "Only authors send texts" in said(nothing)
    assert not Revision.objects.exists()
    assert "Sent for review." in said(ana.post(hub(guide, "send"), {"kind": "wording", "note": "first"}, follow=True))
    assert "ana sent on" in pia.get(hub(guide)).content.decode()
    change_a_word(ana, guide)
    assert "changed since it was sent" in pia.get(hub(guide)).content.decode()
    assert "Published" in said(pia.post(hub(guide, "publish"), {"kind": "wording"}, follow=True))
    guide.refresh_from_db()
    assert guide.live is not None
    assert "Another word." not in guide.live.document


def test_a_refusal_is_an_error_and_never_a_success(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author", "Publisher")
    Section.objects.filter(guide=guide, key="overview").update(body="See [it](section:nowhere).\n")
    for step in ("send", "publish"):
        answer = client.post(hub(guide, step), {"kind": "wording"}, follow=True)
        (message,) = answer.context["messages"]
        assert message.level_tag == "error"
        assert "cannot be sent yet: 1 error stops it" in str(message)
        (group,) = [group for group in answer.context["panel"].groups if group.stops]
        assert [(one.where, "nowhere" in one.message) for one in group.items] == [("Sections: Overview, line 1", True)]
        assert "successfully" not in answer.content.decode()
    guide.refresh_from_db()
    assert guide.live is None


def test_taking_down_needs_a_reason_and_a_publisher(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    pia, ana = at_desk("pia", "Publisher"), at_desk("ana", "Author")
    path = hub(live_guide, "take-down")
    assert ana.get(path).status_code == 403
    assert ana.post(path, {"why": "Because."}).status_code == 403
    assert "Take down" in pia.get(path).content.decode()
    assert "Say why the guide is taken down." in pia.post(path, {"why": "  "}).content.decode()
    live_guide.refresh_from_db()
    assert live_guide.live is not None
    answer = pia.post(path, {"why": "A label was recalled."}, follow=True)
    assert "Taken down." in said(answer)
    live_guide.refresh_from_db()
    assert live_guide.live is None
    assert PublicationEvent.objects.filter(step="withdraw", why="A label was recalled.").count() == 1
    assert "Taken down on" in answer.content.decode()
    assert "nothing to take down" in said(pia.post(path, {"why": "Again."}, follow=True))


def test_the_words_of_the_house_are_used(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author", "Publisher")
    change_a_word(client, live_guide)
    shown = client.get(hub(live_guide)).content.decode()
    text = shown[shown.index('id="content"') :].lower()
    for button in ("send for review", "publish", "take down"):
        assert button in text
    for word in (">submit", "revision", "fingerprint"):
        assert word not in text, word


def test_a_preview_link_leads_to_the_page_itself(guide: Guide, at_desk, client) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    section = guide.sections.get(key="risks")
    shown = ana.get(f"/admin/procedures/section/{section.pk}/change/")
    answer = client.get(shown.context["preview"])
    assert answer.status_code == 200
    assert "you cannot breathe" in answer.content.decode()
    assert client.get(ana.get(hub(guide)).context["preview"]).status_code == 200


@pytest.mark.parametrize("step", ["send", "publish"])
def test_steps_are_never_taken_by_following_a_link(guide: Guide, at_desk, step: str) -> None:  # type: ignore[no-untyped-def]
    assert at_desk("ana", "Author", "Publisher").get(hub(guide, step)).status_code == 405


def test_a_guide_is_never_deleted(live_guide: Guide, guide: Guide, admin_client) -> None:  # type: ignore[no-untyped-def]
    for row in (live_guide, guide):
        assert admin_client.post(hub(row, "delete"), {"post": "yes"}).status_code == 403
    assert Guide.objects.count() == 1
    assert not Edit.objects.exists()
