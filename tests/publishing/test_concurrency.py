"""Two people at once: threads with connections and transactions of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from procedures import publishing
from procedures.models import Guide, PublicationEvent, Question, Revision
from procedures.publishing import NotAllowed

from .conftest import People, in_days, reword, send, sign

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised, all started at the same moment."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def held(model: type[Any], row: Any) -> Any:
    return model.objects.get(pk=row.pk)


@pytest.mark.parametrize("_round", range(3))
def test_two_who_send_at_once_leave_one_text_on_its_way(_round: int, live_guide: Guide, people: People) -> None:
    reword(live_guide, by=people.author)
    results = at_once(
        *(lambda: publishing.submit(held(Guide, live_guide), by=people.author, kind="wording") for _ in range(4))
    )
    assert all(isinstance(result, Revision) for result in results), results
    assert sorted(result.number for result in results) == [2, 3, 4, 5]
    states = dict(live_guide.revisions.values_list("number", "state"))
    assert states == {1: "live", 2: "replaced", 3: "replaced", 4: "replaced", 5: "in-review"}


@pytest.mark.parametrize("_round", range(3))
def test_of_two_who_publish_at_once_one_is_told_that_it_is_done(_round: int, live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    results = at_once(
        *(lambda: publishing.publish(held(Revision, revision), by=people.publisher) for _ in range(4)),
    )
    refused = [result for result in results if result is not None]
    assert len(refused) == 3
    assert all(isinstance(result, NotAllowed) and "live already" in str(result) for result in refused), refused
    assert PublicationEvent.objects.filter(step="publish").count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_a_text_is_never_both_signed_and_replaced(_round: int, live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    reword(live_guide, by=people.author)
    signing, sending = at_once(
        lambda: publishing.approve(held(Revision, revision), by=people.reviewer, next_due=in_days(9)),
        lambda: publishing.submit(held(Guide, live_guide), by=people.author, kind="wording"),
    )
    assert isinstance(sending, Revision), sending
    revision.refresh_from_db()
    assert revision.state == "replaced"
    if isinstance(signing, NotAllowed):
        assert revision.reviews.count() == 0
    else:
        assert signing.hash == revision.hash


@pytest.mark.parametrize("_round", range(3))
def test_taking_down_and_publishing_at_once_end_in_one_of_the_two(
    _round: int, live_guide: Guide, people: People
) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    results = at_once(
        lambda: publishing.publish(held(Revision, revision), by=people.publisher),
        lambda: publishing.withdraw(held(Guide, live_guide), by=people.publisher, why="Wrong."),
    )
    assert results == [None, None], results
    live_guide.refresh_from_db()
    steps = list(live_guide.events.order_by("pk").values_list("step", flat=True))[-2:]
    assert sorted(steps) == ["publish", "withdraw"]
    assert (live_guide.live_id, live_guide.withdrawn_id) == (
        (revision.pk, None) if steps[-1] == "publish" else (None, revision.pk)
    )


def test_a_save_while_a_text_is_being_frozen_is_in_it_whole_or_not_at_all(live_guide: Guide, people: People) -> None:
    row = Question.objects.get(guide=live_guide)

    def save() -> None:
        for place in range(40):
            Question.objects.filter(pk=row.pk).update(question=f"What, {place}?", why=f"Because, {place}.")

    def send_some() -> list[Any]:
        results = []
        for _ in range(4):
            try:
                results.append(publishing.submit(held(Guide, live_guide), by=people.author, kind="wording"))
            except NotAllowed as refusal:
                results.append(refusal)
        return results

    _saved, sent = at_once(save, send_some)
    assert not isinstance(sent, Exception), sent
    texts = [result.read().questions[0] for result in sent if isinstance(result, Revision)]
    for text in texts:
        if text.question.startswith("What, "):
            assert text.why == text.question.replace("What", "Because").replace("?", ".")
    for result in sent:
        if isinstance(result, NotAllowed):
            assert any(words in str(result) for words in ("saving this guide at this moment", "live already"))
