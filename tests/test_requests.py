"""Whose address counts: nobody can name another one than ours unless a proxy of ours wrote it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from procedures.requests import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "", "203.0.113.9"),
        (1, "unknown", "203.0.113.9"),
        (1, "<script>", "203.0.113.9"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_only_what_our_proxies_wrote_is_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", **headers)) == address


def test_a_server_that_names_no_address_is_no_error(settings):
    settings.TRUSTED_PROXIES = 1
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == ""
