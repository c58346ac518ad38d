"""Security headers stand on every answer, the admin's included."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from mesoinfo.headers import policy

PLACES = ["/", "/no-such-page/", "/admin/login/", "/robots.txt", "/testing/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PLACES)
def test_every_answer_carries_the_policy_and_isolation(live_guide, path):
    response = Client().get(path)
    headers = response.headers
    assert headers["Content-Security-Policy"] == policy(settings.SECURE_CSP)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [place for place in PLACES if not place.startswith("/admin")])
def test_readers_get_no_cookie(live_guide, path):
    response = Client().get(path)
    assert not response.cookies
    assert "cookie" not in response.headers.get("Vary", "").lower()


@pytest.mark.django_db
def test_staff_cookies_stay_within_the_admin_and_out_of_scripts(person):
    person("ana", "Author")
    client = Client()
    assert client.post("/admin/login/", {"username": "ana", "password": "a-long-pass-word"}).status_code == 302
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/admin/"
