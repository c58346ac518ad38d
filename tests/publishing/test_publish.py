"""Going live and being taken down."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, Revision
from procedures.publishing import NotAllowed, signed_below

from ..conftest import make_document, write_rows
from .conftest import People, release, send, sign


def states(guide: Guide) -> list[str]:
    return list(guide.revisions.order_by("number").values_list("state", flat=True))


def test_a_signed_text_takes_the_place_of_the_live_one(live_guide: Guide, people: People) -> None:
    former = live_guide.live
    revision = release(live_guide, people)
    assert live_guide.live == revision
    assert states(live_guide) == ["superseded", "live"]
    event = live_guide.events.first()
    assert event is not None
    assert (event.step, event.from_revision, event.to_revision, event.by) == (
        "publish",
        former,
        revision,
        people.publisher,
    )


def test_a_text_without_signature_is_refused_and_says_what_to_do(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    with pytest.raises(NotAllowed, match="no clinician has signed it. Ask a medical reviewer"):
        publishing.publish(revision, by=people.publisher)


def test_a_state_without_a_signature_behind_it_does_not_help(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    Revision.objects.filter(pk=revision.pk).update(state="approved")
    with pytest.raises(NotAllowed, match="no clinician has signed this text. Send it for review first"):
        publishing.publish(revision, by=people.publisher)
    live_guide.refresh_from_db()
    assert live_guide.live != revision


def test_publishing_twice_is_refused(live_guide: Guide, people: People) -> None:
    revision = release(live_guide, people)
    with pytest.raises(NotAllowed, match="live already"):
        publishing.publish(revision, by=people.publisher)
    assert states(live_guide) == ["superseded", "live"]


def test_what_the_caller_holds_may_be_old(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    stale = Revision.objects.get(pk=revision.pk)
    sign(revision, people)
    assert stale.state == "in-review"
    publishing.publish(stale, by=people.publisher)
    assert stale.state == "live"


def test_a_text_waits_for_its_time_and_the_system_publishes_it_then(
    live_guide: Guide, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    moment = timezone.now() + datetime.timedelta(hours=2)
    publishing.publish(revision, by=people.publisher, at=moment)
    assert (revision.state, revision.scheduled_for) == ("scheduled", moment)
    with pytest.raises(NotAllowed, match="not due yet"):
        publishing.publish(revision, by=None)
    monkeypatch.setattr("procedures.publishing.actions.timezone.now", lambda: moment)
    publishing.publish(revision, by=None)
    live_guide.refresh_from_db()
    assert live_guide.live == revision


def test_the_system_does_not_publish_what_nobody_scheduled(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    with pytest.raises(NotAllowed, match="not due yet"):
        publishing.publish(revision, by=None)


def test_a_time_that_has_passed_is_refused(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    with pytest.raises(NotAllowed, match="That time has passed. Choose a later one"):
        publishing.publish(revision, by=people.publisher, at=timezone.now() - datetime.timedelta(minutes=1))
    revision.refresh_from_db()
    assert revision.state == "approved"


@pytest.mark.parametrize("kind", ["typo", "safety"])
def test_a_mistype_or_a_danger_is_corrected_without_waiting(kind: str, guide: Guide, people: People) -> None:
    signed = release(guide, people)
    revision = send(guide, people, kind=kind)
    publishing.publish_unreviewed(revision, by=people.publisher)
    guide.refresh_from_db()
    assert guide.live == revision
    assert signed_below(guide) == signed


@pytest.mark.parametrize("kind", ["wording", "evidence"])
def test_other_words_wait_for_a_signature_where_signed_text_is_live(kind: str, guide: Guide, people: People) -> None:
    release(guide, people)
    revision = send(guide, people, kind=kind)
    with pytest.raises(NotAllowed, match="Wait until this one is signed too"):
        publishing.publish_unreviewed(revision, by=people.publisher)


def test_a_corrected_mistype_does_not_open_the_door_to_unsigned_wording(guide: Guide, people: People) -> None:
    release(guide, people)
    publishing.publish_unreviewed(send(guide, people, kind="typo"), by=people.publisher)
    revision = send(guide, people, kind="wording")
    with pytest.raises(NotAllowed, match="Wait until this one is signed too"):
        publishing.publish_unreviewed(revision, by=people.publisher)


def test_unsigned_text_may_follow_unsigned_text(live_guide: Guide, people: People) -> None:
    assert signed_below(live_guide) is None
    revision = send(live_guide, people, kind="wording")
    publishing.publish_unreviewed(revision, by=people.publisher)
    assert states(live_guide) == ["superseded", "live"]


def test_the_live_text_is_not_released_again_while_it_waits_for_a_signature(live_guide: Guide, people: People) -> None:
    revision = publishing.submit(live_guide, by=people.author, kind="wording")
    with pytest.raises(NotAllowed, match="live already, word for word. It waits for a signature"):
        publishing.publish_unreviewed(revision, by=people.publisher)


def test_taking_down_clears_the_pointer_and_keeps_what_was_shown(live_guide: Guide, people: People) -> None:
    former = live_guide.live
    publishing.withdraw(live_guide, by=people.publisher, why="Wrong number to call.")
    assert live_guide.live is None, "the caller's object knows it too"
    live_guide.refresh_from_db()
    assert (live_guide.live, live_guide.withdrawn) == (None, former)
    assert list(Guide.objects.live()) == []
    assert states(live_guide) == ["withdrawn"]
    event = live_guide.events.first()
    assert event is not None
    assert (event.step, event.from_revision, event.to_revision, event.why) == (
        "withdraw",
        former,
        None,
        "Wrong number to call.",
    )


def test_taking_down_needs_a_reason_and_something_live(guide: Guide, people: People) -> None:
    with pytest.raises(NotAllowed, match="not live, so there is nothing to take down"):
        publishing.withdraw(guide, by=people.publisher, why="Wrong.")
    release(guide, people)
    with pytest.raises(NotAllowed, match="Say why"):
        publishing.withdraw(guide, by=people.publisher, why=" ")
    guide.refresh_from_db()
    assert guide.live is not None


def test_what_was_taken_down_does_not_come_back_by_the_clock(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=2))
    publishing.withdraw(live_guide, by=people.publisher, why="A death was reported.")
    revision.refresh_from_db()
    assert (revision.state, revision.scheduled_for) == ("approved", None)
    assert list(live_guide.events.values_list("step", flat=True))[:2] == ["withdraw", "hold"]


def test_publishing_after_taking_down_shows_the_guide_again(live_guide: Guide, people: People) -> None:
    release(live_guide, people)
    publishing.withdraw(live_guide, by=people.publisher, why="Wrong.")
    assert signed_below(live_guide) is None
    revision = send(live_guide, people)
    publishing.publish_unreviewed(revision, by=people.publisher)
    live_guide.refresh_from_db()
    assert (live_guide.live, live_guide.withdrawn) == (revision, None)
    assert states(live_guide) == ["superseded", "withdrawn", "live"]


def noted(guide: Guide) -> None:
    seen.append((guide.slug, guide.live_id))  # type: ignore[attr-defined]


seen: list[tuple[str, Any]] = []


@pytest.mark.django_db
def test_the_site_is_told_after_the_commit_and_only_of_what_readers_see(
    guide: Guide, people: People, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AFTER_RELEASE = f"{__name__}.noted"
    seen.clear()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        revision = send(guide, people)
        sign(revision, people)
        assert seen == []
    assert callbacks == []
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish(revision, by=people.publisher)
        assert seen == []
    assert seen == [("testing", revision.pk)]
    with django_capture_on_commit_callbacks(execute=True):
        publishing.withdraw(guide, by=people.publisher, why="Wrong.")
    assert seen[1:] == [("testing", None)]


def test_without_a_listener_nothing_is_called(
    guide: Guide, people: People, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AFTER_RELEASE = ""
    seen.clear()
    with django_capture_on_commit_callbacks(execute=True):
        release(guide, people)
    assert seen == []


def failing(guide: Guide) -> None:
    raise OSError("disk full")


def test_a_listener_that_fails_is_logged_and_the_step_stands(
    guide: Guide, people: People, settings: Any, django_capture_on_commit_callbacks: Any, caplog: Any
) -> None:
    settings.AFTER_RELEASE = f"{__name__}.failing"
    with django_capture_on_commit_callbacks(execute=True):
        revision = release(guide, people)
    assert guide.live == revision
    assert "disk full" in caplog.text


def test_a_text_that_links_to_a_guide_taken_down_since_is_not_published(live_guide: Guide, people: People) -> None:
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    live_guide.questions.update(why="See [the other](guide:other).")
    revision = publishing.submit(live_guide, by=people.author, kind="wording")
    publishing.withdraw(other, by=people.publisher, why="Wrong.")
    with pytest.raises(publishing.Unfit, match="cannot be published") as refusal:
        publishing.publish_unreviewed(revision, by=people.publisher)
    assert [finding.unit for finding in refusal.value.findings] == ["testing/guide.yaml#questions/what"]
    live_guide.refresh_from_db()
    assert live_guide.live_id != revision.pk


@pytest.mark.django_db(transaction=True)
def test_the_site_is_told_once_for_each_transaction(guide: Guide, people: People, settings: Any) -> None:
    settings.AFTER_RELEASE = f"{__name__}.noted"
    seen.clear()
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    with transaction.atomic():
        for row in (guide, other):
            publishing.publish_unreviewed(publishing.submit(row, by=None, kind="wording"), by=None)
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            publishing.withdraw(other, by=people.publisher, why="Wrong.")
            raise ZeroDivisionError
        assert seen == []
    assert [slug for slug, _live in seen] == ["testing"]
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        publishing.withdraw(other, by=people.publisher, why="Wrong.")
        raise ZeroDivisionError
    assert len(seen) == 1
    publishing.withdraw(other, by=people.publisher, why="Wrong.")
    assert [slug for slug, _live in seen] == ["testing", "other"]
