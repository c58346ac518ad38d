"""Signing: a name under exactly one text, and not under one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from procedures import publishing
from procedures.models import Edit, Guide, Revision, record, triggers
from procedures.publishing import NotAllowed

from .conftest import People, in_days, release, reword, send, sign


def test_a_signature_covers_the_hash(live_guide: Guide, people: People) -> None:
    people.reviewer.first_name, people.reviewer.last_name = "Rosa", "Reed"
    people.reviewer.save()
    revision = send(live_guide, people)
    review = publishing.approve(
        revision, by=people.reviewer, next_due=in_days(180), note="Read whole.", credentials="NP", registration="NY 1"
    )
    assert (review.hash, review.name, review.credentials, review.registration) == (
        revision.hash,
        "Rosa Reed",
        "NP",
        "NY 1",
    )
    assert (review.date, review.next_due, review.note, review.own_text) == (
        in_days(0),
        in_days(180),
        "Read whole.",
        False,
    )
    assert revision.state == "approved"


@pytest.mark.parametrize("days", [0, -1])
def test_the_next_review_lies_ahead(days: int, live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    with pytest.raises(NotAllowed, match="must be due on a later day"):
        sign(revision, people, days=days)
    assert revision.reviews.count() == 0


def own_sentence(guide: Guide, people: People, me: Any) -> Revision:
    reword(guide, by=me)
    return publishing.submit(guide, by=people.author, kind="wording")


def own_submission(guide: Guide, people: People, me: Any) -> Revision:
    reword(guide, by=people.author)
    return publishing.submit(guide, by=me, kind="wording")


def own_replaced_submission(guide: Guide, people: People, me: Any) -> Revision:
    own_submission(guide, people, me)
    return send(guide, people)


def own_source(guide: Guide, people: People, me: Any) -> Revision:
    record("sources.yaml#paper-2008", "{}", origin=Edit.Origin.ADMIN, by=me)
    return send(guide, people)


def own_edit_after_sending(guide: Guide, people: People, me: Any) -> Revision:
    revision = send(guide, people)
    reword(guide, by=me)
    return revision


WAYS = [own_sentence, own_submission, own_replaced_submission, own_source, own_edit_after_sending]


@pytest.mark.parametrize("way", WAYS)
def test_nobody_signs_what_they_wrote_or_sent(way: Any, live_guide: Guide, people: People) -> None:
    revision = way(live_guide, people, people.everything)
    with pytest.raises(NotAllowed, match="Ask another medical reviewer"):
        publishing.approve(revision, by=people.everything, next_due=in_days(9))
    sign(revision, people)
    assert revision.state == "approved"


def test_where_it_is_allowed_the_signature_says_that_the_text_was_their_own(
    live_guide: Guide, people: People, settings: Any
) -> None:
    settings.SELF_REVIEW = True
    revision = own_sentence(live_guide, people, people.everything)
    assert publishing.approve(revision, by=people.everything, next_due=in_days(9)).own_text is True
    other = send(live_guide, people)
    assert sign(other, people).own_text is False


def test_what_another_clinician_has_signed_since_does_not_count_against_a_reviewer(
    guide: Guide, people: People
) -> None:
    reword(guide, by=people.everything)
    record("sources.yaml#paper-2008", "{}", origin=Edit.Origin.ADMIN, by=people.everything)
    release(guide, people)
    revision = send(guide, people)
    assert publishing.approve(revision, by=people.everything, next_due=in_days(9)).own_text is False


def test_a_source_the_text_does_not_use_does_not_count(live_guide: Guide, people: People) -> None:
    record("sources.yaml#elsewhere", "{}", origin=Edit.Origin.ADMIN, by=people.everything)
    revision = send(live_guide, people)
    assert publishing.approve(revision, by=people.everything, next_due=in_days(9)).own_text is False


def test_words_that_lost_a_conflict_do_not_count(live_guide: Guide, people: People) -> None:
    record("testing/risks.md", "{}", origin=Edit.Origin.CONFLICT, by=people.everything, guide=live_guide)
    revision = send(live_guide, people)
    assert publishing.approve(revision, by=people.everything, next_due=in_days(9)).own_text is False


def test_a_text_is_sent_back_with_a_reason(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    with pytest.raises(NotAllowed, match="Say what is to be changed"):
        publishing.send_back(revision, by=people.reviewer, note="  ")
    publishing.send_back(revision, by=people.reviewer, note="The dose is missing.")
    assert revision.state == "sent-back"
    event = live_guide.events.first()
    assert event is not None
    assert (event.step, event.why, event.to_revision) == ("send_back", "The dose is missing.", revision)


@pytest.mark.parametrize("step", ["approve", "publish", "publish_unreviewed"])
def test_a_text_changed_from_outside_goes_no_further(step: str, live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    if step == "publish":
        sign(revision, people)
    with connection.cursor() as cursor:  # somebody who may drop triggers has been here
        for statement in triggers.drop_sql(connection.vendor):
            cursor.execute(statement)
        cursor.execute(
            "UPDATE procedures_revision SET document = REPLACE(document, 'nobody', 'anybody') WHERE id = %s",
            [revision.pk],
        )
    go_on = {
        "approve": lambda: sign(revision, people),
        "publish": lambda: publishing.publish(revision, by=people.publisher),
        "publish_unreviewed": lambda: publishing.publish_unreviewed(revision, by=people.publisher),
    }
    with pytest.raises(NotAllowed, match="does not match its fingerprint"):
        go_on[step]()
