"""Which step may start from which state, tried on real rows for every pair."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, PublicationEvent, Revision
from procedures.publishing import STEPS, NotAllowed

from .conftest import People, in_days, release, send, sign

State = Revision.State


def in_state(state: str, guide: Guide, people: People) -> Revision:
    """A revision brought to `state` by the steps, over a live unsigned text."""
    revision = send(guide, people, kind="typo")
    if state == State.SENT_BACK:
        publishing.send_back(revision, by=people.reviewer, note="Say it plainly.")
    elif state == State.REPLACED:
        send(guide, people)
    elif state in (State.APPROVED, State.SCHEDULED, State.LIVE, State.SUPERSEDED, State.WITHDRAWN):
        sign(revision, people)
    if state == State.SCHEDULED:
        publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(days=1))
    elif state in (State.LIVE, State.SUPERSEDED, State.WITHDRAWN):
        publishing.publish(revision, by=people.publisher)
    if state == State.SUPERSEDED:
        release(guide, people)
    elif state == State.WITHDRAWN:
        publishing.withdraw(guide, by=people.publisher, why="A death was reported.")
    revision.refresh_from_db()
    assert revision.state == state
    return revision


TAKE: dict[str, Callable[[Revision, People], object]] = {
    "approve": lambda revision, people: sign(revision, people),
    "send_back": lambda revision, people: publishing.send_back(revision, by=people.reviewer, note="Shorter."),
    "publish": lambda revision, people: publishing.publish(revision, by=people.publisher),
    "schedule": lambda revision, people: publishing.publish(
        revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=1)
    ),
    "publish_unreviewed": lambda revision, people: publishing.publish_unreviewed(revision, by=people.publisher),
    "restore": lambda revision, people: publishing.restore(revision, by=people.author),
}
LEADS_TO = {
    "approve": {State.IN_REVIEW: State.APPROVED},
    "send_back": {State.IN_REVIEW: State.SENT_BACK},
    "publish": {State.APPROVED: State.LIVE, State.SCHEDULED: State.LIVE},
    "schedule": {State.APPROVED: State.SCHEDULED, State.SCHEDULED: State.SCHEDULED},
    "publish_unreviewed": {State.IN_REVIEW: State.LIVE},
    "restore": {state: state for state in State},
}
"""The table of the design, written a second time by hand."""


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("step", TAKE)
def test_a_step_starts_from_its_states_only(step: str, state: str, live_guide: Guide, people: People) -> None:
    revision = in_state(state, live_guide, people)
    expected = LEADS_TO[step].get(State(state))
    events = PublicationEvent.objects.count()
    if expected is None:
        with pytest.raises(NotAllowed) as refusal:
            TAKE[step](revision, people)
        assert str(refusal.value).endswith(".")
        assert len(str(refusal.value).split(". ")) == 2, "what is the case, and what to do next"
        expected = State(state)
        assert PublicationEvent.objects.count() == events
    else:
        TAKE[step](revision, people)
        assert PublicationEvent.objects.count() == events + 1
    revision.refresh_from_db()
    assert revision.state == expected


def test_the_table_says_what_the_steps_do() -> None:
    for name, leads in LEADS_TO.items():
        assert STEPS[name].sources == frozenset(leads)
        assert {STEPS[name].target or state for state in leads} == set(leads.values())
    assert {name for name, step in STEPS.items() if step.alone} == {"submit", "publish", "publish_unreviewed"}


ROLE = {
    "procedures.submit_guide": "author",
    "procedures.review_guide": "reviewer",
    "procedures.publish_guide": "publisher",
}


def attempts(guide: Guide, revision: Revision, who: object) -> dict[str, Callable[[], object]]:
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    return {
        "submit": lambda: publishing.submit(guide, by=who, kind="wording"),
        "approve": lambda: publishing.approve(revision, by=who, next_due=in_days(9)),
        "send_back": lambda: publishing.send_back(revision, by=who, note="Shorter."),
        "publish": lambda: publishing.publish(revision, by=who),
        "schedule": lambda: publishing.publish(revision, by=who, at=tomorrow),
        "publish_unreviewed": lambda: publishing.publish_unreviewed(revision, by=who),
        "withdraw": lambda: publishing.withdraw(guide, by=who, why="Wrong dose."),
        "restore": lambda: publishing.restore(revision, by=who),
    }


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"hold"}))
@pytest.mark.parametrize("who", ["author", "reviewer", "publisher", "nobody"])
def test_a_step_is_refused_to_everyone_without_its_role(name: str, who: str, live_guide: Guide, people: People) -> None:
    if ROLE[STEPS[name].permission] == who:
        start = {"publish": State.APPROVED, "schedule": State.APPROVED}.get(name, State.IN_REVIEW)
        attempts(live_guide, in_state(start, live_guide, people), getattr(people, who))[name]()
        assert PublicationEvent.objects.first().by == getattr(people, who)
        return
    revision = in_state(State.APPROVED if name in ("publish", "schedule") else State.IN_REVIEW, live_guide, people)
    with pytest.raises(NotAllowed, match="Only (authors|medical reviewers|publishers) "):
        attempts(live_guide, revision, getattr(people, who))[name]()


@pytest.mark.parametrize("name", ["approve", "send_back", "schedule", "withdraw", "restore"])
def test_the_system_may_not_decide_for_people(name: str, live_guide: Guide, people: People) -> None:
    revision = in_state(State.APPROVED if name == "schedule" else State.IN_REVIEW, live_guide, people)
    with pytest.raises(NotAllowed, match="needs a person"):
        attempts(live_guide, revision, None)[name]()


def test_a_person_who_has_left_may_do_nothing(live_guide: Guide, people: People) -> None:
    people.everything.is_active = False
    people.everything.save()
    with pytest.raises(NotAllowed, match="Only authors"):
        publishing.submit(live_guide, by=people.everything, kind="typo")
