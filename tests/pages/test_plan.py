"""The planner: dates, sums and a calendar from a reader's numbers, and a sentence for numbers that cannot be used."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from procedures.pages.calendar import Event, folded, written

GOOD = {
    "start": "2027-01-04",
    "sessions": "3",
    "weeks": "1",
    "weeks_to": "2",
    "price": "250",
    "price_to": "350",
    "extras": "100",
}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def plan(both, client):
    def body(**changes: str) -> str:
        response = client.get("/testing/plan/", {**GOOD, **changes})
        assert response.status_code == 200
        assert not response.cookies
        return " ".join(response.content.decode().split())

    return body


def test_a_plan_shows_dates_range_and_its_arithmetic(plan):
    body = plan()
    assert "<li>January 4, 2027</li>" in body
    assert "<li>January 11, 2027 to January 18, 2027</li>" in body
    assert "<li>January 18, 2027 to February 1, 2027</li>" in body
    assert "2 gaps × 1 week = 2 weeks at the shortest; 2 gaps × 2 weeks = 4 weeks at the longest" in body
    assert 'At least: 3 × $250 + $100 = <strong class="amount">$850</strong>' in body
    assert 'At most: 3 × $350 + $100 = <strong class="amount">$1,150</strong>' in body


def test_one_number_each_gives_one_line_each(plan):
    body = plan(weeks_to="", price_to="", extras="")
    assert "2 gaps × 1 week = 2 weeks</p>" in body
    assert 'Cost: 3 × $250 = <strong class="amount">$750</strong>' in body


def test_a_single_session_and_no_price_are_fine(plan):
    body = plan(sessions="1", price="", price_to="")
    assert "1 session, no gaps: 1 day." in body
    assert "No price was given, so there is no sum." in body


def test_prices_are_read_as_they_are_printed(plan):
    assert "3 × $1,250 + $100 =" in plan(price="$1,250", price_to="")


def test_every_price_of_the_guide_says_how_old_it_is(plan):
    assert "$200 to $600 for each session (from 2010, about 16 years old)" in plan()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sessions", "0", "Write a whole number from 1 to 60, without signs."),
        ("sessions", "-3", "Write a whole number from 1 to 60, without signs."),
        ("sessions", "", "Write a whole number from 1 to 60, without signs."),
        ("sessions", "nonsense", "Write a whole number from 1 to 60, without signs."),
        ("sessions", "9" * 5000, "Write a whole number from 1 to 60, without signs."),
        ("sessions", "\x00", "Write a whole number from 1 to 60, without signs."),
        ("weeks", "1e9", "Write a whole number from 1 to 52, without signs."),
        ("price", "1000000000", "Write a whole number from 0 to 100,000, without signs."),
        ("extras", "NaN", "Write a whole number from 0 to 100,000, without signs."),
        ("start", "2027-02-30", "Write a day that exists, such as 2027-01-31."),
        ("start", "9999-12-31", "Choose a day within 5 years of today."),
        ("start", "", "Choose the day of the first session."),
        ("weeks_to", "0", "Write a whole number from 1 to 52, without signs."),
        ("price_to", "10", "This must not be less than the number before it."),
    ],
)
def test_a_number_that_cannot_be_used_gets_a_sentence_and_no_plan(plan, client, field, value, sentence):
    body = plan(**{field: value})
    assert sentence in body
    assert "Your plan" not in body
    response = client.get("/testing/plan.ics", {**GOOD, field: value})
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_an_upper_price_alone_asks_for_the_lower(plan):
    assert "Give the lower number too." in plan(price="")


def test_the_empty_form_complains_of_nothing(both, client):
    body = client.get("/testing/plan/").content.decode()
    assert 'class="wrong"' not in body
    assert 'role="alert"' not in body
    assert client.get("/testing/plan/?utm=x").content.decode() == body
    assert client.get("/no-guide/plan/").status_code == 404
    assert client.post("/testing/plan/").status_code == 405


def test_the_calendar_holds_the_same_days(both, client):
    response = client.get("/testing/plan.ics", GOOD)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = response.content.decode()
    lines = text.split("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert [line.split(":")[1] for line in lines if line.startswith("DTSTART")] == ["20270104", "20270111", "20270118"]
    assert [line.split(":")[1] for line in lines if line.startswith("DTEND")] == ["20270105", "20270119", "20270202"]
    assert lines.count("BEGIN:VEVENT") == 3
    assert "SUMMARY:Testing\\, session 1 of 3" in lines
    uids = {line for line in lines if line.startswith("UID:")}
    assert len(uids) == 3
    again = client.get("/testing/plan.ics", GOOD).content.decode()
    assert {line for line in again.split("\r\n") if line.startswith("UID:")} == uids


def test_long_titles_are_folded_between_characters():
    day = datetime.date(2027, 1, 1)
    now = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    text = written([Event(day, day, "é" * 200 + ";\n")], url="https://example.org/", now=now)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "é" * 200 + "\\;\\n" in text.replace("\r\n ", "")
    assert folded("short") == "short"
