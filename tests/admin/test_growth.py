"""A list of the desk costs as many queries with three hundred guides as with three."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ..growing import grow

pytestmark = pytest.mark.django_db


def lists() -> list[str]:
    """The addresses of all lists of the desk, and its first page."""
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        found.append(reverse(name))
    return found


def test_every_list_of_the_desk_has_constant_queries(admin_client, tell):
    grow(3)
    paths = [path for path in lists() if admin_client.get(path).status_code == 200]
    few = {path: _queries(admin_client, path) for path in paths}
    grow(297, first=3)
    many = {path: _queries(admin_client, path) for path in paths}
    more = {path: (few[path], many[path]) for path in paths if many[path] > few[path]}
    tell(f"{len(paths)} lists with at most {max(many.values())} queries at 3 and at 300 guides")
    assert len(paths) > 5
    assert more == {}


def _queries(client, path):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)
