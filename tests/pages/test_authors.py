"""Who wrote a page: a public name if its person wants one there, else clinic staff; nobody where only files spoke."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from procedures.models import Profile

from ..publishing.conftest import people, release, reword

__all__ = ["people"]
PAGES = ("/testing/", "/testing/risks/")


@pytest.fixture
def shown(client):
    return lambda path="/testing/risks/": client.get(path).content.decode()


def test_a_text_that_only_files_wrote_names_nobody(live_guide, shown):
    assert "Written by" not in shown()
    assert "No author is named" in shown()


def test_authors_are_clinic_staff_until_they_give_a_name(guide, people, shown, client, django_assert_max_num_queries):
    release(guide, people)
    for path in PAGES:
        assert "Written by clinic staff." in shown(path)
        assert "ana" not in shown(path).split('class="trust"')[1].split("</details>")[0]
    Profile.objects.create(user=people.author, public_name="Ana Pérez")
    for path in PAGES:
        assert "Written by Ana Pérez." in shown(path)
    with django_assert_max_num_queries(3):
        client.get("/testing/risks/")
    Profile.objects.update(public_name="")
    assert "Ana" not in shown()


def test_two_names_and_somebody_without_one(guide, people, shown):
    Profile.objects.create(user=people.author, public_name="Ana Pérez")
    Profile.objects.create(user=people.everything, public_name="<Eve>")
    reword(guide, by=people.everything)
    reword(guide, by=people.nobody)
    release(guide, people)
    assert "Written by &lt;Eve&gt;, Ana Pérez, clinic staff." in shown()


def test_who_writes_after_a_release_is_not_named_before_the_next(guide, people, shown):
    release(guide, people)
    Profile.objects.create(user=people.everything, public_name="Eve")
    reword(guide, by=people.everything)
    assert "Eve" not in shown()
    release(guide, people)
    assert "Eve" in shown()


def test_a_reviewers_profile_is_not_a_public_name(guide, people, shown):
    Profile.objects.create(user=people.author, printed_name="Ana the Printed", credentials="MD")
    release(guide, people)
    assert "Ana the Printed" not in shown()
    assert get_user_model().objects.get(username="ana").profile.public_name == ""
