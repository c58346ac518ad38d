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
from procedures.admin.dashboard import MOST
from procedures.document import text_of
from procedures.models import Edit, Guide, LinkCheck, Source, part_of, record

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
    admin_client: Client,
) -> None:
    client = Client()
    client.force_login(people.everything)

    def asked(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert not any('"document"' in query["sql"] for query in queries)
        return len(queries)

    small: dict[str, Any] = {"sections": make_document().sections[:1], "answers": (), "stages": (), "options": ()}
    small |= {"figures": (), "key_facts": ()}

    def more(names: list[str]) -> None:
        for name in names:
            other = write_rows(make_document(folder=name, slug=name, title=name.title(), **small))
            if name.endswith(("ear", "1", "7")):  # the slow ones: live, with another text on its way
                publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
                send(other, people)
            reword(other, by=people.author)
            fails(f"source-{name}")

    for one in (client, admin_client):
        one.get("/admin/")  # the first visit also notes when it was
    send(live_guide, people)
    more(["ear", "eye"])
    few = [asked(client, "/admin/"), asked(client, "/admin/procedures/guide/"), asked(admin_client, "/admin/")]
    more([f"guide-{number}" for number in range(27)])
    assert Guide.objects.count() == 30
    assert [
        asked(client, "/admin/"),
        asked(client, "/admin/procedures/guide/"),
        asked(admin_client, "/admin/"),
    ] == few
    assert few[0] <= 17
    assert few[2] <= 17
    blocks = {block.heading: block.items for block in admin_client.get("/admin/").context["blocks"]}
    assert (len(blocks["Drafts not sent"]), blocks["Drafts not sent"][-1].line) == (MOST + 1, "and 9 more")
    assert blocks["Links that failed"][-1].url == "/admin/procedures/source/?link=failed"


def fails(key: str, *, status: int | None = 404, ok: bool = False) -> Source:
    """A source whose link did not open when it was tried."""
    url = f"https://example.org/{key}"
    source = Source.objects.create(key=key, publisher="Agency", kind="letter", how="copy", supports=["EV-1"], url=url)
    LinkCheck.objects.create(
        source=source, url=url, at=timezone.now(), status=status, ok=ok, words="There is no such page any more (404)."
    )
    return source


def test_links_that_failed_are_named_with_when_they_were_tried(live_guide: Guide, people: People) -> None:
    assert "Links that failed" not in desk(people.author)
    fails("open", status=200, ok=True)
    fails("refuses-programs", status=403)
    moved = fails("corrected-since")
    Source.objects.filter(pk=moved.pk).update(url="https://example.org/better")
    broken = fails("broken")
    nothing = fails("silent", status=None)
    shown = desk(people.author)["Links that failed"]
    assert [name for name, _line in shown] == ["broken", "silent"]
    assert shown[0][1].startswith("There is no such page any more (404). Tried on ")
    client = Client()
    client.force_login(people.author)
    listed = client.get("/admin/procedures/source/?link=failed").context["cl"].queryset
    assert set(listed) == {broken, nothing, moved}


@pytest.mark.parametrize("opened", [None, 0, 364, 365, 366, 900])
def test_the_list_of_old_links_holds_what_the_checks_call_old(opened: int | None, guide: Guide, people: People) -> None:
    today = timezone.localdate()
    Source.objects.update(opened=None if opened is None else today - datetime.timedelta(days=opened))
    Source.objects.create(key="book", publisher="Press", kind="book", how="copy", supports=["EV-1"])
    document = publishing.frozen_document(guide)
    found = [one for one in publishing.findings(document) if one.check == "source-not-opened"]
    client = Client()
    client.force_login(people.author)
    listed = client.get("/admin/procedures/source/?link=old").context["cl"].queryset
    assert {f"sources.yaml#{source.key}" for source in listed} == {finding.unit for finding in found}
    assert len(found) == (2 if opened is None or opened > 365 else 0)


def test_superusers_see_which_guide_was_edited_here_and_not_exported(
    live_guide: Guide, people: People, admin_client: Client, admin_user: Any, settings: Any, tmp_path: Any
) -> None:
    from procedures import loading

    settings.CONTENT_DIR = tmp_path
    loading.export(tmp_path)
    heading = "Edited here, not in the files"
    assert heading not in desk(admin_user)
    first = reword(live_guide, by=people.author)
    source = Source.objects.get(key="agency-2020")
    source.note = "Seen again."
    source.save()
    record(source.unit, text_of(part_of(source)), origin=Edit.Origin.ADMIN, by=people.author)
    assert desk(admin_user)[heading] == [
        ("Library", "1 piece is not in the files"),
        ("Testing", "1 piece is not in the files"),
    ]
    assert heading not in desk(people.everything)
    loading.export(tmp_path)
    assert heading not in desk(admin_user)
    reword(live_guide, by=people.author, words="Something else.")
    reword(live_guide, by=people.author, words=first)
    assert heading not in desk(admin_user), "it says again what the files say"


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
