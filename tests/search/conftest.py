"""The real guide, live and indexed, for the tests that judge what is found in it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from procedures import search
from procedures.models import Guide
from tests.pages.conftest import both, read, site_pages

__all__ = ["both", "library", "read", "site_pages"]


@pytest.fixture(scope="module")
def library(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The content folder, loaded, released and indexed once for all tests of a module, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_content", publish=True, stdout=StringIO())
        assert Guide.objects.live().filter(slug="mesotherapy").exists()
        search.rebuild()
        yield
        transaction.set_rollback(True)
