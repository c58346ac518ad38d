"""What readers say of a page: kept without them, refused when it cannot be used, and never kept for long."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from procedures.models import Feedback

PAGE = "/feedback/?page=/testing/risks/"


@pytest.fixture
def strict() -> Client:
    """A client that would be refused where a token is asked for."""
    return Client(enforce_csrf_checks=True)


def test_a_word_is_kept_with_its_page_and_version_and_nothing_else(both, strict):
    response = strict.post(PAGE, {"useful": "no", "text": "Too long."}, REMOTE_ADDR="203.0.113.9")
    assert response.status_code == 303
    assert not response.cookies
    kept = Feedback.objects.get()
    assert (kept.page, kept.release, kept.useful, kept.text) == (
        "/testing/risks/",
        both.live.hash[:10],
        False,
        "Too long.",
    )
    assert {field.name for field in Feedback._meta.fields} == {"id", "page", "release", "useful", "text", "at"}
    thanks = strict.get(response.headers["Location"])
    assert b"Thank you" in thanks.content
    assert b'href="/testing/risks/"' in thanks.content
    assert thanks.headers["Cache-Control"] == "no-store"


def test_the_form_warns_before_anybody_writes_of_their_health(both, client):
    body = client.get(PAGE).content.decode()
    assert "Please write nothing about your health" in body
    assert "Something wrong after a treatment? Do not write here." in body
    assert 'aria-describedby="id_text_helptext"' in body


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "/nothing-here",
        "//evil.example/",
        "https://evil.example/",
        "/admin/",
        "/v/abc/",
        "x" * 5000,
        "/preview/abc/",
        "\x00",
    ],
)
def test_a_page_that_is_not_ours_is_left_out(both, client, asked):
    response = client.get("/feedback/", {"page": asked})
    assert response.status_code == 200
    assert b"Back to the page" not in response.content
    assert b"evil.example" not in response.content


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_form_from_another_site_is_refused(both, strict, headers):
    response = strict.post(PAGE, {"text": "x"}, headers=headers)
    assert response.status_code == 403
    assert b"sent from another site" in response.content
    assert not Feedback.objects.exists()


def test_our_own_form_is_taken(both, strict):
    assert strict.post(PAGE, {"text": "x"}, headers={"Origin": "http://testserver"}).status_code == 303
    assert strict.post(PAGE, {"text": "x"}, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 303


def test_a_megabyte_is_refused_unread(both, strict):
    response = strict.post(PAGE, {"text": "x" * 1_048_576})
    assert response.status_code == 413
    assert b"shorten it to 2,000 letters" in response.content
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose Yes or No, or write a few words."),
        ({"text": "   "}, "Choose Yes or No, or write a few words."),
        ({"useful": "maybe", "text": "kept words"}, "Choose Yes or No, or leave both empty."),
        ({"text": "long " * 500}, "This is too long. Shorten it to 2,000 letters"),
        ({"text": "a\x00b"}, "This holds signs that cannot be stored."),
    ],
)
def test_what_cannot_be_used_is_told_and_the_words_stay_in_the_form(both, strict, sent, sentence):
    response = strict.post(PAGE, sent)
    assert response.status_code == 422
    body = response.content.decode()
    assert sentence in body
    assert sent.get("text", "").strip("\x00 ")[:10].partition("\x00")[0] in body
    assert not Feedback.objects.exists()


def test_a_flood_is_stopped_and_the_next_day_is_open_again(both, strict):
    statuses = [strict.post(PAGE, {"useful": "yes"}).status_code for _ in range(40)]
    assert statuses == [303] * 30 + [429] * 10
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=2), tick=False):
        assert strict.post(PAGE, {"useful": "yes"}).status_code == 303
    now = timezone.now() - datetime.timedelta(hours=2)
    Feedback.objects.bulk_create(Feedback(page="/", at=now) for _ in range(1000))
    refused = strict.post(PAGE, {"useful": "yes"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "300"
    with time_machine.travel(timezone.now() + datetime.timedelta(days=2), tick=False):
        assert strict.post(PAGE, {"useful": "yes"}).status_code == 303


def test_words_are_forgotten_after_twelve_months(db, capsys):
    now = timezone.now()
    for days in (1, 364, 366, 800):
        Feedback.objects.create(page="/", text=str(days), at=now - datetime.timedelta(days=days))
    call_command("run_due")
    assert [item.text for item in Feedback.objects.all()] == ["1", "364"]
    assert "2 deleted" in capsys.readouterr().out


def test_staff_read_the_words_page_by_page_and_change_nothing(both, person, client, strict):
    strict.post(PAGE, {"text": "<script>alert(1)</script>"})
    client.force_login(person("ana", "Author"))
    response = client.get("/admin/procedures/feedback/", {"page": "/testing/risks/"})
    assert response.status_code == 200
    assert b"&lt;script&gt;alert(1)" in response.content
    assert b"<script>alert(1)" not in response.content
    assert client.get(f"/admin/procedures/feedback/{Feedback.objects.get().pk}/delete/").status_code == 403
    assert client.get("/admin/procedures/feedback/add/").status_code == 403


def test_other_methods_are_refused(both, client):
    assert client.put("/feedback/").status_code == 405
