"""The second step: whoever has one, or must have one, reaches nothing before it; a code works once; the lost phone."""

from __future__ import annotations

import base64
import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from procedures.models import PublicationEvent
from procedures.staff import second_factor

from ..admin.paper import read, said

PASSWORD = "a-long-pass-word"
SET_UP, CODE, ME = "/admin/second-factor/set-up/", "/admin/second-factor/", "/admin/my-account/"


def code_of(name: str, *, steps: int = 0) -> str:
    """What the app shows now, or `steps` times 30 seconds from now."""
    device = TOTPDevice.objects.get(user__username=name)
    return _code(device.bin_key, steps)


def _code(key: bytes, steps: int = 0) -> str:
    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def log_in(name: str, *, path: str = "/admin/") -> Client:
    client = Client()
    answer = client.post(f"/admin/login/?next={path}", {"username": name, "password": PASSWORD, "next": path})
    assert answer.status_code == 302
    return client


def turn_on(client: Client) -> list[str]:
    """Sets the second step up as a person does; gives the recovery codes."""
    shown = client.get(SET_UP).content.decode()
    key = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', shown)[1].replace(" ", "")
    answer = client.post(SET_UP, {"code": _code(base64.b32decode(key)), "next": "/admin/"})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    TOTPDevice.objects.update(last_t=-1)  # as if half a minute had gone by
    return re.findall(r"<li><code>([a-z2-7-]+)</code></li>", answer.content.decode())


@pytest.fixture
def https(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.parametrize("role", ["Medical reviewer", "Publisher"])
def test_reviewers_and_publishers_set_it_up_before_anything_else(https, person, live_guide, role):
    person("rosa", role)
    client = log_in("rosa")
    for path in ("/admin/", ME, f"/admin/procedures/guide/{live_guide.pk}/change/", "/admin/styles/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].split("?")[0] == SET_UP, path
        assert path in answer.redirect_chain[-1][0], "afterwards they get where they wanted to go"
    refused = client.post(f"/admin/procedures/guide/{live_guide.pk}/take-down/", {"why": "x"})
    assert refused.status_code == 302
    live_guide.refresh_from_db()
    assert live_guide.live is not None
    assert client.post("/admin/procedures/preview/", {"text": "x"}).status_code == 403
    assert len(set(turn_on(client))) == 10
    assert client.get("/admin/").status_code == 200


def test_superusers_must_have_it_and_authors_may(https, person, admin_user):
    client = Client()
    client.force_login(admin_user)
    assert client.get("/admin/").status_code == 302
    person("ana", "Author")
    ana = log_in("ana")
    assert ana.get("/admin/").status_code == 200
    turn_on(ana)
    assert log_in("ana").get("/admin/", follow=True).redirect_chain[-1][0].startswith(CODE)


def test_on_http_nobody_must(person):
    person("rosa", "Medical reviewer")
    assert log_in("rosa").get("/admin/").status_code == 200


def test_the_picture_holds_what_the_app_needs_and_is_no_outside_request(person):
    person("ana", "Author")
    client = log_in("ana")
    answer = client.get(SET_UP)
    shown = read(answer)
    assert shown.refused == []
    assert b"<svg" in answer.content
    assert not TOTPDevice.objects.exists(), "looking at the page keeps nothing"
    key = second_factor.new_key(type("R", (), {"session": client.session})())
    side, path = second_factor.picture(get_user_model().objects.get(username="ana"), key)
    dark = set(re.findall(r"M(\d+) (\d+)h1v1h-1z", path))
    assert {("4", "4"), (str(side - 5), "4"), ("4", str(side - 5))} <= dark, "three corners, inside a quiet zone of 4"


def test_a_wrong_code_turns_nothing_on(person):
    person("ana", "Author")
    client = log_in("ana")
    client.get(SET_UP)
    for code in ("000000", "", "abc", "1" * 30):
        assert client.post(SET_UP, {"code": code}).status_code == 422
    assert not TOTPDevice.objects.exists()


def test_a_code_works_once_and_a_recovery_code_too(person):
    person("ana", "Author")
    codes = turn_on(log_in("ana"))
    client, second = log_in("ana"), log_in("ana")
    code = code_of("ana")
    assert client.post(CODE, {"code": code, "next": ME}).headers["Location"] == ME
    assert client.get("/admin/").status_code == 200
    assert second.post(CODE, {"code": code}).status_code == 422, "seen over a shoulder it is worth nothing"
    assert second.get("/admin/").status_code == 302
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = second.post(CODE, {"code": f" {codes[0].upper()} "}, follow=True)
    assert "used up; 9 are left" in said(answer)
    third = log_in("ana")
    assert third.post(CODE, {"code": codes[0]}).status_code == 422
    assert StaticToken.objects.count() == 9


def test_wrong_codes_are_throttled_and_the_password_does_not_wipe_them_out(person):
    person("ana", "Author")
    turn_on(log_in("ana"))
    for _number in range(5):
        client = log_in("ana")
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert client.post(CODE, {"code": "000000"}).status_code == 422
    refused = client.post(CODE, {"code": code_of("ana")})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60
    answer = Client().post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 429, "the password's page rests as well"


def test_after_a_wrong_code_the_next_one_waits_and_says_so(person):
    person("ana", "Author")
    turn_on(log_in("ana"))
    client = log_in("ana")
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": "000000"})
    answer = client.post(CODE, {"code": code_of("ana")})
    assert answer.status_code == 429
    assert b"then try again" in answer.content


def test_whoever_knows_only_the_password_cannot_replace_it(person):
    person("ana", "Author")
    turn_on(log_in("ana"))
    key = TOTPDevice.objects.get().key
    thief = log_in("ana")
    for path in (SET_UP, "/admin/my-account/turn-off/", "/admin/my-account/recovery-codes/", ME):
        for answer in (thief.get(path), thief.post(path, {"code": "000000"})):
            assert answer.status_code in (302, 405), path
    assert TOTPDevice.objects.get().key == key
    assert StaticToken.objects.count() == 10
    assert thief.post("/admin/logout/").status_code in (200, 302)
    assert "_auth_user_id" not in thief.session


def test_turning_it_off_and_new_recovery_codes_ask_for_a_code(person):
    person("ana", "Author")
    client = log_in("ana")
    old = turn_on(client)
    for path in ("turn-off/", "recovery-codes/"):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert client.post(f"{ME}{path}", {"code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = client.post(f"{ME}recovery-codes/", {"code": code_of("ana")})
    assert answer.status_code == 200
    assert not set(old) & set(re.findall(r"<code>([a-z2-7-]+)</code>", answer.content.decode()))
    assert client.post(f"{ME}turn-off/", {"code": code_of("ana", steps=1)}).status_code == 302
    assert not TOTPDevice.objects.exists()
    assert client.get("/admin/").status_code == 200
    steps = list(PublicationEvent.objects.order_by("pk").values_list("step", flat=True))
    assert steps == ["second_factor_on", "recovery_codes", "second_factor_off"]


def test_an_administrator_resets_it_for_somebody_who_lost_the_phone(person, admin_client, admin_user):
    rosa = person("rosa", "Medical reviewer")
    client = log_in("rosa")
    turn_on(client)
    path = f"/admin/auth/user/{rosa.pk}/reset-second-factor/"
    assert "removed" in said(admin_client.post(path, follow=True))
    assert client.get("/admin/").status_code == 302, "sessions have ended"
    assert not second_factor.has(rosa)
    event = PublicationEvent.objects.get(step="second_factor_reset")
    assert event.by == admin_user
    assert "has no second factor" in said(admin_client.post(path, follow=True))
    assert log_in("rosa").get("/admin/").status_code == 200


def test_a_way_back_leads_only_into_the_desk(person):
    person("ana", "Author")
    turn_on(log_in("ana"))
    for wanted in ("https://evil.example/", "//evil.example/admin/", "/", "javascript:alert(1)"):
        client = log_in("ana")
        answer = client.post(CODE, {"code": code_of("ana"), "next": wanted})
        assert answer.headers["Location"] == "/admin/"
        TOTPDevice.objects.update(last_t=-1)


def test_secrets_are_on_no_page_of_the_admin(admin_client, person):
    person("ana", "Author")
    turn_on(log_in("ana"))
    for model in ("otp_totp/totpdevice", "otp_static/staticdevice"):
        assert admin_client.get(f"/admin/{model}/").status_code == 404
