"""The records of what happened: found by guide, person, kind and day, taken away as a file, changed by nobody."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from procedures import publishing
from procedures.admin.sheets import cell
from procedures.models import Edit, Guide, PublicationEvent

from ..conftest import make_document, write_rows
from ..publishing.conftest import People, release, reword, send, sign
from .paper import read

EVENTS = "/admin/procedures/publicationevent/"
EDITS = "/admin/procedures/edit/"


@pytest.fixture
def pia(people: People) -> Client:
    client = Client()
    client.force_login(people.publisher)
    return client


@pytest.fixture
def much(live_guide: Guide, people: People) -> Guide:
    """A guide with events and edits of several people, and another guide beside it."""
    release(live_guide, people)
    publishing.withdraw(live_guide, by=people.publisher, why="=HYPERLINK(1)")
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    publishing.submit(other, by=people.everything, kind="wording", note="+1")
    reword(other, by=people.everything, words="Mixes differ much.")
    return live_guide


def rows(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def listed(client: Client, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200
    assert read(answer).refused == []
    return int(answer.context["cl"].result_count)


def test_lists_are_filtered_by_guide_person_kind_and_day_and_the_file_follows(
    much: Guide, people: People, pia: Client
) -> None:
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    questions = {
        EVENTS: [
            (f"guide__id__exact={much.pk}", 6),
            (f"by__id__exact={people.publisher.pk}", 2),
            ("step=withdraw", 1),
            ("step=submit", 3),
            (f"at__gte={today}&at__lt={tomorrow}", 7),
            (f"at__gte={tomorrow}", 0),
            (f"at__year={today.year}", 7),
            ("q=HYPERLINK", 1),
            (f"guide__id__exact={much.pk}&step=submit", 2),
        ],
        EDITS: [
            (f"guide__id__exact={much.pk}", 1),
            (f"by__id__exact={people.everything.pk}", 1),
            ("origin__exact=admin", 2),
            ("origin__exact=file", 0),
            (f"at__gte={tomorrow}", 0),
            ("q=questions", 2),
        ],
    }
    assert listed(pia, EVENTS) == PublicationEvent.objects.count() == 7
    for path, asked in questions.items():
        for query, count in asked:
            assert listed(pia, f"{path}?{query}") == count, query
            assert len(rows(pia, f"{path}csv/?{query}")) == count, query
            assert f"{path}csv/?" in pia.get(f"{path}?{query}").content.decode()


def test_the_file_says_who_did_what_when_and_to_which_text(much: Guide, people: People, pia: Client) -> None:
    (down,) = rows(pia, f"{EVENTS}csv/?step=withdraw")
    event = PublicationEvent.objects.get(step="withdraw")
    assert event.from_revision is not None
    assert down == {
        "at": event.at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "guide": "testing",
        "language": "en",
        "step": "withdraw",
        "what": "taken down",
        "person": "pia",
        "name": "pia",
        "from": event.from_revision.hash,
        "to": "",
        "why": "'=HYPERLINK(1)",
    }
    (edit,) = rows(pia, f"{EDITS}csv/?by__id__exact={people.everything.pk}")
    assert (edit["unit"], edit["from"]) == ("other/guide.yaml#questions/what", "admin")
    assert "Mixes differ much." in edit["text"]


@pytest.mark.parametrize(
    "hostile",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＠x", "=cmd|' /C calc'!A0", '=1","=2', "-"],
)
def test_no_cell_is_read_as_a_formula(hostile: str) -> None:
    assert cell(hostile) == f"'{hostile}"


@pytest.mark.parametrize(
    "plain", ["", "a=b", "1+1", "Café “x”", "2026-11-22", "(-1)", "#x", 'say "no"', "a\n=b", "x@y"]
)
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert cell(plain) == plain


def test_a_hostile_reason_stays_in_its_cell(guide: Guide, people: People, pia: Client) -> None:
    nul = "\0" if connection.vendor == "sqlite" else ""  # PostgreSQL stores none
    why = f'x","=1+1"\r\n"=2+2",é{nul}'
    PublicationEvent.objects.create(guide=guide, step="clinic", by=people.publisher, at=timezone.now(), why=why)
    (row,) = rows(pia, f"{EVENTS}csv/")
    assert row["why"] == why.replace("\0", "")
    assert len(row) == 10


@pytest.mark.parametrize("path", [EVENTS, EDITS])
def test_publishers_and_superusers_take_the_file_and_nobody_else(
    path: str, much: Guide, people: People, pia: Client, admin_client: Client
) -> None:
    for client in (pia, admin_client):
        assert rows(client, f"{path}csv/")
        assert client.post(f"{path}csv/").status_code == 405
        assert client.get(f"{path}csv/?nothing__of__the__kind=1").status_code == 302
    for user in (people.author, people.reviewer, people.nobody):
        client = Client()
        client.force_login(user)
        assert client.get(f"{path}csv/").status_code == 403
        if user != people.nobody:
            assert "csv/" not in client.get(path).content.decode()
    assert Client().get(f"{path}csv/").status_code == 302


def test_a_long_list_is_sent_as_it_is_read(guide: Guide, people: People, pia: Client) -> None:
    now = timezone.now()
    PublicationEvent.objects.bulk_create(
        PublicationEvent(guide=guide, step="clinic", by=people.publisher, at=now, why=f"no {number}")
        for number in range(1_500)
    )
    answer: Any = pia.get(f"{EVENTS}csv/")
    sent = iter(answer)
    first = [next(sent) for _ in range(3)]
    assert len(b"".join(first)) < 1_000
    assert len(list(sent)) == 1_499


@pytest.mark.parametrize(("zone", "sign"), [("UTC", "UTC"), ("America/New_York", "EST"), ("Europe/Madrid", "CET")])
def test_times_show_their_zone_everywhere(
    zone: str, sign: str, guide: Guide, people: People, admin_client: Client, settings: Any
) -> None:
    settings.TIME_ZONE = zone
    at = datetime.datetime(2026, 11, 22, 15, 14, tzinfo=datetime.UTC)
    shown = {"UTC": "22 November 2026, 15:14 UTC", "EST": "22 November 2026, 10:14 EST"}
    event = PublicationEvent.objects.create(guide=guide, step="clinic", by=people.publisher, at=at, why="x")
    edit = Edit.objects.create(guide=guide, unit="x", by=people.publisher, at=at, origin="admin")
    people.author.last_login = at
    people.author.save()
    pages = [EVENTS, f"{EVENTS}{event.pk}/change/", EDITS, f"{EDITS}{edit.pk}/change/"]
    for path in pages:
        text = admin_client.get(path).content.decode()
        assert shown.get(sign, "22 November 2026, 16:14 CET") in text, path
    (row,) = rows(admin_client, f"{EVENTS}csv/")
    assert datetime.datetime.fromisoformat(row["at"]) == at
    assert row["at"].endswith({"UTC": "+00:00", "EST": "-05:00", "CET": "+01:00"}[sign])


@pytest.mark.parametrize("model", [PublicationEvent, Edit])
def test_nobody_changes_or_removes_what_is_on_record(model: type, much: Guide, admin_client: Client) -> None:
    table, number = model._meta.db_table, model.objects.first().pk  # type: ignore[attr-defined]
    for sql in (
        f"UPDATE {table} SET at = '2020-01-01' WHERE id = {number}",
        f"DELETE FROM {table} WHERE id = {number}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    base = f"/admin/procedures/{model._meta.model_name}/"  # type: ignore[attr-defined]
    assert admin_client.post(f"{base}{number}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{base}{number}/change/", {"why": "x"}).status_code == 403
    assert admin_client.get(f"{base}add/").status_code == 403


def test_the_lists_speak_as_the_desk_does(much: Guide, people: People, pia: Client) -> None:
    """A time that is set reads as a time, a saved piece by its name; the headings of the filters are words."""
    revision = send(much, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=datetime.datetime(2090, 1, 2, 10, 30, tzinfo=datetime.UTC))
    events = pia.get(EVENTS).content.decode()
    assert "2 January 2090, 10:30 UTC" in events
    assert "2090-01-02T" not in events
    edits = pia.get(EDITS).content.decode()
    assert "Questions to ask: What is in it?" in edits
    assert "#questions/what" not in edits.partition('id="result_list"')[2].partition("</table>")[0]
    for page, heading in ((events, "By person"), (events, "By day"), (edits, "By where the words came from")):
        assert heading in " ".join(page.split())
