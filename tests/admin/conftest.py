from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ..publishing.conftest import people

__all__ = ["people"]


@pytest.fixture
def at_desk(person) -> Callable[..., Client]:  # type: ignore[no-untyped-def]
    """A browser in which somebody with these roles has logged in: at_desk("ana", "Author")."""

    def make(name: str, *roles: str) -> Client:
        client = Client()
        client.force_login(person(name, *roles))
        return client

    return make
