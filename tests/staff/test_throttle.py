"""How often a login may be tried: five times from one place, then a rest; many names from one place thirty times; many
places together, at a slow pace."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.test import Client

from procedures.models import LoginTry
from procedures.staff import throttle
from procedures.upkeep import forget_old
from procedures.upkeep.old import TRIES_KEPT

LOGIN = "/admin/login/"
RIGHT = "a-long-pass-word"
START = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)


def log_in(password: str, *, name: str = "ana", address: str = "203.0.113.9"):
    return Client().post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as travelling:
        yield travelling


def test_after_five_failures_even_the_right_password_waits_a_quarter_of_an_hour(person, clock):
    person("ana", "Author")
    for number in range(5):
        answer = log_in("wrong")
        assert answer.status_code == 200, number
        assert "Retry-After" not in answer.headers
        clock.shift(10)
    wrong, right = log_in("wrong"), log_in(RIGHT)
    for answer in (wrong, right):
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == str(15 * 60 - 10)
        assert b"12:15" in answer.content, "the sentence says when to try again"
        assert "sessionid" not in answer.cookies
    assert _words(wrong) == _words(right), "the answer does not tell whether the password was right"
    clock.shift(15 * 60 - 11)
    assert log_in(RIGHT).status_code == 429
    clock.shift(2)
    assert log_in(RIGHT).status_code == 302
    assert not LoginTry.objects.exists(), "whoever got in has no failures left"


def _words(answer) -> str:
    return " ".join(str(error) for error in answer.context["form"].non_field_errors())


def test_the_rest_is_not_prolonged_by_trying(person, clock):
    person("ana", "Author")
    for _number in range(5):
        log_in("wrong")
    for _number in range(20):
        assert log_in("wrong").status_code == 429
        clock.shift(30)
    assert LoginTry.objects.count() == 5
    clock.shift(5 * 60 + 1)
    assert log_in(RIGHT).status_code == 302


def test_other_places_and_other_people_are_not_touched(person, clock):
    person("ana", "Author")
    person("bea", "Author")
    for _number in range(5):
        log_in("wrong")
    assert log_in(RIGHT).status_code == 429
    assert log_in(RIGHT, address="198.51.100.7").status_code == 302
    assert log_in(RIGHT, name="bea").status_code == 302


def test_many_names_from_one_place_are_limited_together(person, clock):
    person("ana", "Author")
    statuses = []
    for number in range(300):
        answer = log_in("Summer2026!", name=f"somebody{number}")
        statuses.append(answer.status_code)
        clock.shift(0.1)
    assert statuses == [200] * throttle.NETWORK_MOST + [429] * (300 - throttle.NETWORK_MOST)
    for name, password in (("ana", RIGHT), ("ana", "wrong"), ("nobody", "x")):
        answer = log_in(password, name=name)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(15 * 60 - 30))
        assert b"12:15" in answer.content, "the sentence says when to try again"
    assert log_in(RIGHT, address="198.51.100.7").status_code == 302, "other places are not touched"
    assert LoginTry.objects.count() == throttle.NETWORK_MOST, "what is refused prolongs nothing"
    clock.shift(15 * 60 - 30 + 0.1)
    assert log_in(RIGHT).status_code == 302


def test_colleagues_behind_one_address_who_log_in_or_mistype_are_not_kept_out(person, clock):
    """Twenty people of a clinic, each mistyping once before it is right, as on the first day after a holiday."""
    for number in range(20):
        name = f"colleague{number}"
        person(name, "Author")
        assert log_in("wrong", name=name).status_code == 200
        assert log_in(RIGHT, name=name).status_code == 302
    assert not LoginTry.objects.exists()


def test_wrong_names_from_one_ipv6_connection_count_together(person, clock):
    for number in range(throttle.NETWORK_MOST):
        log_in("wrong", name=f"somebody{number}", address=f"2001:db8:1:2::{number:x}")
    assert log_in("wrong", name="another", address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in("wrong", name="another", address="2001:db8:1:3::1").status_code == 200


def test_tries_with_many_names_at_the_same_moment_are_counted_too(db, clock):
    under_way = 0
    for number in range(100):
        try:
            throttle.begin(f"somebody{number}", address="203.0.113.9")
            under_way += 1
        except throttle.TooMany:
            continue
    assert under_way == throttle.NETWORK_MOST


def test_mails_about_passwords_are_limited_for_one_connection_whatever_the_addresses(person, clock):
    person("ana", "Author")
    ask = {"path": "/admin/password-reset/", "REMOTE_ADDR": "203.0.113.9"}
    for number in range(throttle.NETWORK_MAILS):
        assert Client().post(**ask, data={"email": f"somebody{number}@example.org"}).status_code == 302
    for email in ("ana@example.org", "nobody@example.org"):
        answer = Client().post(**ask, data={"email": email})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
        assert b"Too many tries" in answer.content
    assert Client().get("/admin/password-reset/", REMOTE_ADDR="203.0.113.9").status_code == 200
    elsewhere = Client().post("/admin/password-reset/", {"email": "ana@example.org"}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302
    assert log_in(RIGHT).status_code == 302, "who asked for mails may log in"
    clock.shift(3601)
    assert Client().post(**ask, data={"email": "ana@example.org"}).status_code == 302


def test_every_name_of_an_account_counts_together(person, clock):
    person("ana", "Author")
    for name in ("ana", " ana ", "ana@example.org", "ANA@example.org", "ana"):
        assert log_in("wrong", name=name).status_code == 200
    assert log_in(RIGHT).status_code == 429
    assert log_in(RIGHT, name="ana@example.org").status_code == 429


def test_a_name_nobody_has_is_treated_like_one_that_exists(person, clock):
    person("ana", "Author")
    seen = {}
    for name in ("ana", "nobody"):
        answers = [log_in("wrong", name=name) for _number in range(6)]
        seen[name] = [(answer.status_code, _words(answer)) for answer in answers]
    assert seen["ana"] == seen["nobody"]


def test_a_forged_header_makes_no_new_place(person, clock):
    person("ana", "Author")
    for number in range(6):
        answer = Client().post(LOGIN, {"username": "ana", "password": "wrong"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
    assert answer.status_code == 429


def test_one_connection_has_many_ipv6_addresses_and_counts_once(person, clock):
    person("ana", "Author")
    for number in range(5):
        log_in("wrong", address=f"2001:db8:1:2::{number}")
    assert log_in(RIGHT, address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(RIGHT, address="2001:db8:1:3::1").status_code == 302


def test_after_fifty_failures_from_everywhere_one_try_in_two_seconds_is_looked_at(person, clock):
    person("ana", "Author")
    for number in range(51):
        assert log_in("wrong", address=f"198.51.100.{number}").status_code == 200
        clock.shift(3)
    assert log_in("wrong", address="203.0.113.1").status_code == 200
    clock.shift(1)
    answer = log_in(RIGHT, address="203.0.113.2")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert b"Wait 1 second, then try again" in answer.content
    clock.shift(1.1)
    assert log_in(RIGHT, address="203.0.113.2").status_code == 302
    clock.shift(3600)
    log_in("wrong", address="203.0.113.3")
    assert log_in(RIGHT, address="203.0.113.4").status_code == 302, "after an hour nothing is slow any more"


def test_refusing_takes_no_time_and_compares_no_password(person, clock, monkeypatch):
    person("ana", "Author")
    for _number in range(5):
        log_in("wrong")
    asked = []
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", lambda *args, **kwargs: asked.append(kwargs))
    monkeypatch.setattr("time.sleep", lambda seconds: asked.append(seconds))
    assert log_in(RIGHT).status_code == 429
    assert asked == []


def test_tries_at_the_same_moment_are_counted_too(db, clock):
    """Each is written before it is looked at, so of many under way at once no more than five are looked at."""
    under_way = []
    for _number in range(20):
        try:
            under_way.append(throttle.begin("ana", address="203.0.113.9"))
        except throttle.TooMany:
            continue
    assert len(under_way) == throttle.MOST


def test_what_was_typed_is_not_kept(person):
    log_in("wrong", name="My-Pass-Word-1")
    row = LoginTry.objects.get()
    assert "my-pass-word-1" not in f"{row.account} {row.address}".lower()


def test_old_failures_are_forgotten(db, clock):
    throttle.begin("ana", address="203.0.113.9")
    clock.shift(3601)
    forget_old(START + datetime.timedelta(seconds=3601))
    assert LoginTry.objects.count() == 1
    forget_old(START + TRIES_KEPT + datetime.timedelta(seconds=1))
    assert not LoginTry.objects.exists()
