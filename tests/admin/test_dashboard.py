"""The first page: what it tells whom, that it tells the truth, and that it stays quick."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, Revision, Source

from ..conftest import make_document, write_rows
from ..publishing.conftest import People, release, reword, send, sign
from .paper import read


def desk(user: Any) -> dict[str, list[tuple[str, str]]]:
    """What the first page shows this person: heading → (name, line)."""
    client = Client()
    client.force_login(user)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert read(answer).refused == []
    for block in answer.context["blocks"]:
        for item in block.items:
            assert client.get(item.url).status_code == 200, item
            assert item.line in answer.content.decode().replace("&#x27;", "'")
    return {block.heading: [(item.name, item.line) for item in block.items] for block in answer.context["blocks"]}


def test_a_text_waits_for_each_in_turn(live_guide: Guide, people: People) -> None:
    for user in (people.author, people.reviewer, people.publisher):
        assert "Waiting for you" not in desk(user)
    revision = send(live_guide, people)
    ((name, line),) = desk(people.reviewer)["Waiting for you"]
    assert (name, line.split(",")[0]) == ("Testing", "to read and sign: wording")
    assert "Waiting for you" not in desk(people.publisher)
    assert "Waiting for you" not in desk(people.author)
    assert "waits for a signature; ana" in desk(people.author)["On its way"][0][1]
    sign(revision, people)
    assert desk(people.publisher)["Waiting for you"] == [("Testing", "signed, to be published: wording")]
    assert "Waiting for you" not in desk(people.reviewer)
    publishing.publish(revision, by=people.publisher)
    shown = desk(people.publisher)
    assert "Waiting for you" not in shown
    assert "On its way" not in shown


def test_what_was_sent_back_waits_for_its_author_until_it_is_sent_again(live_guide: Guide, people: People) -> None:
    publishing.send_back(send(live_guide, people), by=people.reviewer, note="No.")
    assert desk(people.author)["Waiting for you"] == [("Testing", "sent back to you: the note stands on its page")]
    assert "Waiting for you" not in desk(people.everything)
    assert "Drafts not sent" in desk(people.author)
    send(live_guide, people)
    assert "Waiting for you" not in desk(people.author)
    assert "Drafts not sent" not in desk(people.author)


def test_a_draft_that_went_on_is_named_with_who_wrote_last(live_guide: Guide, people: People) -> None:
    assert "Drafts not sent" not in desk(people.author)
    people.author.first_name = "Ana"
    people.author.save()
    reword(live_guide, by=people.author)
    ((name, line),) = desk(people.publisher)["Drafts not sent"]
    assert name == "Testing"
    assert line.startswith("last saved by Ana on ")
    publishing.submit(live_guide, by=people.author, kind="wording")
    assert "Drafts not sent" not in desk(people.publisher)


def test_a_guide_never_sent_is_named(guide: Guide, people: People) -> None:
    assert desk(people.author)["Drafts not sent"] == [("Testing", "never sent for review")]


@pytest.mark.parametrize(("days", "line"), [(59, "due by "), (365, ""), (-1, "overdue since ")])
def test_reviews_are_named_when_they_are_due_and_when_they_are_overdue(
    days: int,
    line: str,
    live_guide: Guide,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    revision = send(live_guide, people)
    today = timezone.localdate()
    sign(revision, people, days=max(days, 1))
    publishing.publish(revision, by=people.publisher)
    if days < 0:
        monkeypatch.setattr(timezone, "localdate", lambda *_: today + datetime.timedelta(days=2))
    shown = desk(people.reviewer).get("Reviews due", [])
    assert [found.startswith(line) for _name, found in shown] == ([True] if line else [])


def test_live_text_without_a_signature_is_named_with_its_age(live_guide: Guide, people: People) -> None:
    assert desk(people.author)["Live without a review"] == [("Testing", "since today")]
    release(live_guide, people)
    assert "Live without a review" not in desk(people.author)


def test_old_links_and_prices_are_counted_by_the_rule_of_the_checks(live_guide: Guide, people: People) -> None:
    assert desk(people.author)["Growing old"] == [
        ("Sources", "2 links that nobody has opened within a year"),
        ("Testing", "1 price without a year or over 18 months old"),
    ]
    Source.objects.update(opened=timezone.localdate())
    live_guide.costs.update(year=timezone.localdate().year)
    assert "Growing old" not in desk(people.author)


def test_the_last_events_are_told(live_guide: Guide, people: People) -> None:
    publishing.withdraw(live_guide, by=people.publisher, why="Recall.")
    shown = desk(people.author)
    assert shown["What happened last"][0][1].startswith("taken down, pia, ")
    assert "published without a review, the system" in shown["What happened last"][1][1]


def test_who_has_no_rights_is_told_nothing(live_guide: Guide, people: People) -> None:
    send(live_guide, people)
    assert desk(people.nobody) == {}


def test_the_first_page_asks_the_same_number_of_questions_however_much_there_is(
    live_guide: Guide,
    people: People,
) -> None:
    client = Client()
    client.force_login(people.everything)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert not any('"document"' in query["sql"] for query in queries)
        return len(queries)

    send(live_guide, people)
    few, listed = asked("/admin/"), asked("/admin/procedures/guide/")
    for name in ("ear", "eye", "toe"):
        other = write_rows(make_document(folder=name, slug=name, title=name.title()))
        publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
        send(other, people)
    assert Revision.objects.count() == 8
    assert (asked("/admin/"), asked("/admin/procedures/guide/")) == (few, listed)
    assert few <= 16


def test_superusers_see_what_the_files_do_not_hold(
    live_guide: Guide, people: People, admin_client: Client, settings: Any, tmp_path: Any
) -> None:
    from procedures import loading

    settings.CONTENT_DIR = tmp_path
    loading.export(tmp_path)
    path = "/admin/procedures/files/"
    assert path in admin_client.get("/admin/").content.decode()
    assert "Files and draft say the same." in admin_client.get(path).content.decode()
    reword(live_guide, by=people.author)
    assert "testing/guide.yaml#questions/what: kept: edited in the admin" in admin_client.get(path).content.decode()
    (tmp_path / "sources.yaml").write_text("- [")
    assert "Correct these places first" in admin_client.get(path).content.decode()
    other = Client()
    other.force_login(people.everything)
    assert other.get(path).status_code == 403
    assert path not in other.get("/admin/").content.decode()
    assert Client().get(path).status_code == 302
