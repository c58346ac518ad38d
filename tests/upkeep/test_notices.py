"""Mails to staff: to whom, about what, each thing once, in plain words that lead to the desk."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, NoMail, Notice, Review
from procedures.upkeep import failed_mails, send_notices

from ..publishing.conftest import People, people, release, reword, send, sign  # noqa: F401

SITE = "https://guides.example.org"


@pytest.fixture(autouse=True)
def _mails(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.TIME_ZONE = "America/New_York"
    mail.outbox = []


def to(name: str) -> list[Any]:
    return [message for message in mail.outbox if message.to == [f"{name}@example.org"]]


def tell() -> tuple[int, list[str]]:
    return send_notices(timezone.now())


def test_reviewers_hear_once_that_a_text_waits(live_guide: Guide, people: People) -> None:  # noqa: F811
    revision = send(live_guide, people)
    tell()
    (message,) = to("rosa")
    assert f"{SITE}/admin/procedures/revision/{revision.pk}/" in message.body
    assert "“Testing” waits to be read and signed: ana sent it on" in message.body
    assert re.search(r"\d\d:\d\d (EST|EDT)\b", message.body), "a time without its zone"
    assert not to("ana")
    assert not to("pia")
    assert message.alternatives == []
    tell()
    assert len(to("rosa")) == 1


def test_a_reviewer_is_not_asked_to_sign_what_they_sent(live_guide: Guide, people: People) -> None:  # noqa: F811
    reword(live_guide, by=people.everything)
    publishing.submit(live_guide, by=people.everything, kind="wording")
    tell()
    assert len(to("rosa")) == 1
    assert not to("eve")


def test_publishers_hear_of_signed_texts_and_authors_what_became_of_theirs(
    live_guide: Guide,
    people: People,  # noqa: F811
) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    tell()
    (message,) = to("pia")
    assert "“Testing” is signed and can be published." in message.subject
    assert not to("ana")
    publishing.publish(revision, by=people.publisher)
    tell()
    (message,) = to("ana")
    assert "The text of “Testing” that you sent was published on" in message.body
    assert not to("rosa"), "it was signed before anybody was told: it waits no more"


def test_an_author_reads_why_a_text_came_back(live_guide: Guide, people: People) -> None:  # noqa: F811
    revision = send(live_guide, people)
    publishing.send_back(revision, by=people.reviewer, note="Say how many women.")
    tell()
    (message,) = to("ana")
    assert "“Say how many women.”" in message.body


def test_a_review_is_announced_14_days_ahead_and_overdue_ones_once_a_week(
    live_guide: Guide,
    people: People,  # noqa: F811
) -> None:
    release(live_guide, people)
    due = Review.objects.get().next_due
    noon = datetime.time(17, tzinfo=datetime.UTC)

    def on(day: datetime.date) -> int:
        mail.outbox = []
        Notice.objects.exclude(key__startswith="due").exclude(key__startswith="overdue").delete()
        send_notices(datetime.datetime.combine(day, noon))
        return len([message for message in to("pia") if "review" in message.body.lower()])

    assert on(due - datetime.timedelta(days=15)) == 0
    assert on(due - datetime.timedelta(days=14)) == 1
    assert "is due by" in to("pia")[0].body
    assert on(due - datetime.timedelta(days=3)) == 0
    assert on(due) == 0, "on its day it is not overdue yet"
    counts = [on(due + datetime.timedelta(days=days)) for days in range(1, 22)]
    assert 3 <= sum(counts) <= 4, "at most one a week"
    assert "overdue" in Notice.objects.latest("pk").key


def test_several_things_are_one_mail(live_guide: Guide, people: People) -> None:  # noqa: F811
    from ..conftest import make_document, write_rows

    send(live_guide, people)
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    publishing.submit(other, by=people.author, kind="wording")
    sent, failed = tell()
    (message,) = to("rosa")
    assert message.subject == "2 things for you"
    assert message.body.count(f"{SITE}/admin/procedures/revision/") == 2
    assert (sent, failed) == (2, [])  # rosa and eve


def test_who_turned_them_off_has_no_address_or_has_left_gets_none(
    live_guide: Guide,
    people: People,  # noqa: F811
    client: Any,
) -> None:
    client.force_login(people.reviewer)
    assert "rosa@example.org" in client.get("/admin/procedures/mails/").content.decode()
    client.post("/admin/procedures/mails/", {"on": "0"})
    assert NoMail.objects.get().user == people.reviewer
    people.everything.is_active = False
    people.everything.save()
    send(live_guide, people)
    tell()
    assert mail.outbox == []
    client.post("/admin/procedures/mails/", {"on": "1"})
    people.reviewer.email = ""
    people.reviewer.save()
    tell()
    assert mail.outbox == []
    people.reviewer.email = "rosa@example.org"
    people.reviewer.save()
    tell()
    assert len(to("rosa")) == 1


def test_what_cannot_be_sent_is_tried_again_and_given_up_with_its_reason(
    live_guide: Guide,
    people: People,  # noqa: F811
    settings: Any,
    admin_client: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    people.everything.delete()
    send(live_guide, people)
    now = timezone.now()
    sent, failed = send_notices(now)
    assert sent == 0
    assert "rosa" in failed[0]
    assert send_notices(now + datetime.timedelta(minutes=1)) == (0, []), "not at once again"
    for days in range(1, 8):
        send_notices(now + datetime.timedelta(days=days))
    (given_up,) = failed_mails()
    assert given_up.tries == 5
    assert "refused" in given_up.words
    desk = admin_client.get("/admin/").content.decode()
    assert "Mails that failed" in desk
    assert "a mail could not be sent" in desk
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_notices(now + datetime.timedelta(days=30))
    assert mail.outbox == []


def test_run_due_sends_them_and_the_console_shows_them_by_default(
    live_guide: Guide,
    people: People,  # noqa: F811
    settings: Any,
    capsys: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    send(live_guide, people)
    call_command("run_due")
    said = capsys.readouterr().out
    assert "To: rosa@example.org" in said
    assert "Mails to staff: 2 sent." in said
    call_command("run_due")
    assert "To:" not in capsys.readouterr().out
