"""The reviewer's screen: what it shows, who may sign there, and what a refusal looks like."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from procedures.admin.differences import shortened
from procedures.document import difference
from procedures.models import Guide, PublicationEvent, Review, Revision, Section

from .paper import fields, read, said, save


def hub(guide: Guide, step: str = "change") -> str:
    return f"/admin/procedures/guide/{guide.pk}/{step}/"


def screen(revision: Revision, step: str = "sign") -> str:
    return f"/admin/procedures/revision/{revision.pk}/{step}/"


def reword(client, guide: Guide, body: str) -> None:  # type: ignore[no-untyped-def]
    section = guide.sections.get(key="overview")
    assert "Saved" in said(save(client, f"/admin/procedures/section/{section.pk}/change/", "section_form", body=body))


@pytest.fixture
def sent(live_guide: Guide, at_desk) -> Revision:  # type: ignore[no-untyped-def]
    """A text that ana has changed and sent."""
    ana = at_desk("ana", "Author")
    reword(ana, live_guide, "## What it is\n\nIt is a long [probe](glossary:probe).[^trial]\n")
    ana.post(hub(live_guide, "send"), {"kind": "evidence", "note": "A longer probe"})
    return live_guide.revisions.get(state="in-review")


NAMES = {"credentials": "RN", "registration": "NY 12"}


def test_a_reviewer_gets_there_reads_what_changed_and_signs(sent: Revision, at_desk, client) -> None:  # type: ignore[no-untyped-def]
    rosa = at_desk("rosa", "Medical reviewer")
    assert screen(sent) in rosa.get(hub(sent.guide)).content.decode()
    shown = rosa.get(screen(sent))
    text = shown.content.decode()
    assert "A longer probe" in text
    assert "<ins>" in text
    (change,) = shown.context["changes"]
    assert [piece.text.strip() for piece in change.fields[0].pieces if piece.kind == "added"] == ["long"]
    for address, name in shown.context["pages"]:
        page = client.get(address)
        assert page.status_code == 200, name
    assert (
        "long"
        in client.get(next(address for address, name in shown.context["pages"] if name == "Overview")).content.decode()
    )
    today = timezone.localdate()
    due = shown.context["form"]["next_due"].value()
    assert due == datetime.date(today.year + 1, today.month, today.day)
    answer = save(rosa, screen(sent), "sign_form", **NAMES)
    assert "Signed, with your name" in said(answer)
    review = Review.objects.get()
    sent.refresh_from_db()
    assert (review.revision, review.hash, review.credentials, review.registration, review.next_due) == (
        sent,
        sent.hash,
        "RN",
        "NY 12",
        due,
    )
    assert sent.state == "approved"
    assert rosa.get(screen(sent)).context["form"]["credentials"].value() == "RN"


def test_the_difference_is_told_against_the_last_signed_text(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    rosa, ana = at_desk("rosa", "Medical reviewer"), at_desk("anton", "Author")
    save(rosa, screen(sent), "sign_form", **NAMES)
    guide = sent.guide
    reword(ana, guide, "## What it is\n\nIt is a longest [probe](glossary:probe).[^trial]\n")
    ana.post(hub(guide, "send"), {"kind": "typo"})
    again = guide.revisions.get(state="in-review")
    shown = rosa.get(screen(again))
    assert shown.context["signed"].name == "rosa"
    (change,) = shown.context["changes"]
    assert [(piece.text.strip(), piece.kind) for piece in change.fields[0].pieces if piece.kind != "same"] == [
        ("long", "removed"),
        ("longest", "added"),
    ]


def test_what_is_missing_or_in_the_past_is_refused_and_what_was_typed_stays(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    rosa = at_desk("rosa", "Medical reviewer")
    today = timezone.localdate().isoformat()
    for sent_in, status, words in [
        ({**NAMES, "registration": " ", "next_due": "2999-01-01"}, 422, "Say where you are registered"),
        ({**NAMES, "credentials": "", "next_due": "2999-01-01"}, 422, "Say which credentials"),
        ({**NAMES, "next_due": "soon"}, 422, "year-month-day"),
        ({**NAMES, "next_due": today}, 409, "must be due on a later day"),
    ]:
        answer = rosa.post(screen(sent), {**sent_in, "note": "Read it twice."})
        assert answer.status_code == status, sent_in
        assert words in answer.content.decode()
        assert "Read it twice." in answer.content.decode()
        assert "Signed, with your name" not in said(answer)
    assert not Review.objects.exists()


def test_own_words_are_not_signed_in_any_way(live_guide: Guide, at_desk, settings) -> None:  # type: ignore[no-untyped-def]
    eve = at_desk("eve", "Author", "Medical reviewer")
    reword(eve, live_guide, "## Mine\n\nMy words.\n")
    eve.post(hub(live_guide, "send"), {"kind": "wording"})
    revision = live_guide.revisions.get(state="in-review")
    shown = eve.get(screen(revision))
    assert "sign_form" not in read(shown).forms
    assert "somebody else must sign it" in shown.content.decode()
    answer = eve.post(screen(revision), {**NAMES, "next_due": "2999-01-01"})
    assert answer.status_code == 409
    assert "Ask another medical reviewer" in said(answer)
    assert not Review.objects.exists()
    settings.SELF_REVIEW = True
    assert "sign_form" in read(eve.get(screen(revision))).forms


def test_a_text_goes_back_with_a_note_that_its_author_reads(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    rosa = at_desk("rosa", "Medical reviewer")
    empty = rosa.post(screen(sent, "send-back"), {"why": " "})
    assert empty.status_code == 422
    assert "Say what is to be changed" in empty.content.decode()
    answer = rosa.post(screen(sent, "send-back"), {"why": "The length is not in the source."}, follow=True)
    assert "Sent back" in said(answer)
    sent.refresh_from_db()
    assert sent.state == "sent-back"
    shown = at_desk("anton", "Author").get(hub(sent.guide)).content.decode()
    assert "The length is not in the source." in shown
    late = rosa.post(screen(sent, "send-back"), {"why": "Once more."})
    assert late.status_code == 409
    assert "was sent back to its author" in said(late)
    assert "does not wait for a signature" in late.content.decode()


def test_a_text_that_was_replaced_meanwhile_is_not_signed(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    rosa, anton = at_desk("rosa", "Medical reviewer"), at_desk("anton", "Author")
    typed = {**fields(rosa, screen(sent), "sign_form"), **NAMES}
    reword(anton, sent.guide, "## Newer\n\nNewer words.\n")
    anton.post(hub(sent.guide, "send"), {"kind": "wording"})
    answer = rosa.post(screen(sent), typed)
    assert answer.status_code == 409
    assert "A newer text has been sent since." in said(answer)
    assert not Review.objects.exists()


@pytest.mark.parametrize("role", ["Author", "Publisher"])
def test_only_reviewers_open_the_screen(sent: Revision, at_desk, client, role: str) -> None:  # type: ignore[no-untyped-def]
    other = at_desk("olga", role)
    assert "Read and sign" not in other.get(hub(sent.guide)).content.decode()
    for path in (screen(sent), screen(sent, "send-back")):
        assert other.get(path).status_code in (403, 405)
        assert other.post(path, {**NAMES, "next_due": "2999-01-01", "why": "x"}).status_code == 403
        assert client.post(path).headers["Location"].startswith("/admin/login/")
    sent.refresh_from_db()
    assert sent.state == "in-review"
    assert at_desk("rosa", "Medical reviewer").get("/admin/procedures/revision/999999/sign/").status_code == 404


def test_a_first_text_has_nothing_to_compare_with(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    at_desk("ana", "Author").post(hub(guide, "send"), {"kind": "wording"})
    shown = at_desk("rosa", "Medical reviewer").get(screen(guide.revisions.get()))
    assert "All of it is new" in shown.content.decode()
    assert shown.context["changes"] == []


def signed(sent: Revision, at_desk):  # type: ignore[no-untyped-def]
    save(at_desk("rosa", "Medical reviewer"), screen(sent), "sign_form", **NAMES)
    return at_desk("pia", "Publisher")


def test_a_signed_text_is_published_now_though_the_draft_went_on(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    signed(sent, at_desk)
    both = at_desk("bea", "Author", "Publisher")
    reword(both, sent.guide, "## Later\n\nLater words.\n")
    shown = both.get(hub(sent.guide)).content.decode()
    assert "Publish the signed text" in shown
    assert "would take its place, unsigned" in shown
    assert "Published" in said(both.post(hub(sent.guide, "publish"), {"kind": "wording"}, follow=True))
    sent.guide.refresh_from_db()
    assert sent.guide.live == sent
    assert "Later words" not in sent.document


def test_a_signed_text_is_published_at_a_time(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    pia = signed(sent, at_desk)
    path = hub(sent.guide, "publish-at")
    assert path in pia.get(hub(sent.guide)).content.decode()
    for typed, status, words in [
        ("", 422, "Choose the day and the time."),
        ("tomorrow", 422, "2030-01-31 09:00"),
        ("2001-01-01T09:00", 409, "That time has passed."),
    ]:
        answer = pia.post(path, {"at": typed})
        assert answer.status_code == status
        assert words in answer.content.decode()
    answer = pia.post(path, {"at": "2999-01-31T09:00"}, follow=True)
    assert "It will be published on 31 January 2999, 09:00 UTC" in said(answer)
    sent.refresh_from_db()
    assert (sent.state, sent.scheduled_for) == ("scheduled", datetime.datetime(2999, 1, 31, 9, tzinfo=datetime.UTC))
    assert "2999-01-31T09:00" in pia.get(path).content.decode()
    assert PublicationEvent.objects.filter(step="schedule").count() == 1


def test_an_unsigned_text_gets_no_time(sent: Revision, at_desk) -> None:  # type: ignore[no-untyped-def]
    pia = at_desk("pia", "Publisher")
    assert "publish-at" not in pia.get(hub(sent.guide)).content.decode()
    answer = pia.post(hub(sent.guide, "publish-at"), {"at": "2999-01-31T09:00"})
    assert answer.status_code == 409
    assert "Ask a medical reviewer to read and sign it first." in said(answer)
    assert at_desk("anton", "Author").get(hub(sent.guide, "publish-at")).status_code == 403


def test_the_new_screens_hold_no_script_or_style_of_their_own(sent: Revision, admin_client) -> None:  # type: ignore[no-untyped-def]
    for path in (screen(sent), hub(sent.guide, "publish-at")):
        assert read(admin_client.get(path)).refused == []


def test_nothing_typed_is_run_when_it_is_shown(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    Section.objects.filter(guide=live_guide, key="overview").update(title="Less < more & more", nav="")
    note = "<img src=x onerror=alert(1)>"
    at_desk("ana", "Author").post(hub(live_guide, "send"), {"kind": "wording", "note": note})
    shown = at_desk("rosa", "Medical reviewer").get(screen(live_guide.revisions.get(state="in-review")))
    assert read(shown).refused == []
    assert "Less &lt; more &amp; more" in shown.content.decode()
    assert "&lt;img src=x" in shown.content.decode()


def test_what_did_not_change_is_cut_short_and_what_did_is_not() -> None:
    long = "Same words here. " * 60
    shown = shortened(difference(f"{long}old one {long}", f"{long}new one {long}"))
    assert [piece.kind for piece in shown] == ["same", "removed", "added", "same"]
    first, removed, added, last = (piece.text for piece in shown)
    assert (removed, added) == ("old", "new")
    assert first.startswith("… ")
    assert first.endswith("Same words here. ")
    assert last.startswith(" one Same")
    assert last.endswith(" …")
    assert max(len(first), len(last)) < 200
