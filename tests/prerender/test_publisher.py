"""What the person who publishes is told."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from procedures import publishing
from procedures.models import Guide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def publisher(person, client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    client.force_login(person("pia", "Author", "Publisher"))
    return client


def publish(client, guide):
    publishing.submit(guide, by=None, kind="wording", note="")
    answer = client.post(reverse("admin:procedures_guide_publish", args=[guide.pk]))
    assert Guide.objects.get(pk=guide.pk).live is not None
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_release_from_the_admin_is_a_file_when_the_button_answers(publisher, guide, tmp_path):
    said = publish(publisher, guide)
    assert len(said) == 1
    assert (tmp_path / "pages/live/site/testing/index.html").is_file()


def test_pages_that_cannot_be_stored_are_told_in_a_sentence_and_the_release_stands(publisher, guide, tmp_path):
    (tmp_path / "pages").write_text("in the way")
    said = publish(publisher, guide)
    assert len(said) == 2
    assert said[1].startswith("The published pages could not all be stored as files (")
    assert publisher.get("/testing/").status_code == 200
