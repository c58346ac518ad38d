"""load_content --publish: releases only what no person's work or signature stands in the way of."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, PublicationEvent, Revision, Section

from .conftest import replace
from .test_load import in_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(folder: Path, run: Callable) -> Path:
    """A folder that was loaded and released."""
    assert run("load_content", folder, "--publish").code == 0
    return folder


def change(folder: Path) -> None:
    replace(folder / "testing/risks.md", "you cannot breathe", "you can hardly breathe")


def guide() -> Guide:
    return Guide.objects.select_related("live").get()


def sign(person: Callable) -> None:
    """Has the working text signed and published."""
    row = Section.objects.get(key="risks")
    in_admin(row, body=row.body + "\nAsk us.\n")
    revision = publishing.submit(guide(), by=person("author", "Author"), kind=Revision.Change.WORDING)
    due = timezone.localdate() + datetime.timedelta(days=300)
    publishing.approve(revision, by=person("reviewer", "Medical reviewer"), next_due=due, credentials="MD")
    publishing.publish(revision, by=person("publisher", "Publisher"))


def test_a_first_load_is_released_unreviewed_by_the_system(folder: Path, run: Callable) -> None:
    ran = run("load_content", folder, "--publish")
    assert (ran.code, ran.err) == (0, "")
    assert "Testing: published, not reviewed by a clinician" in ran.out
    event = PublicationEvent.objects.get(step="publish_unreviewed")
    assert (event.by, event.to_revision) == (None, guide().live)


def test_without_the_word_nothing_is_released(folder: Path, run: Callable) -> None:
    assert run("load_content", folder).code == 0
    assert run("load_content", folder, "--publish", "--dry-run").code == 0
    assert not Revision.objects.exists()


def test_a_second_start_releases_nothing(live: Path, run: Callable) -> None:
    events = PublicationEvent.objects.count()
    ran = run("load_content", live, "--publish")
    assert (ran.code, ran.err, PublicationEvent.objects.count()) == (0, "", events)
    assert "published" not in ran.out


def test_unsigned_text_is_released_anew(live: Path, run: Callable) -> None:
    change(live)
    assert run("load_content", live, "--publish").code == 0
    assert "hardly" in guide().live.document


def test_text_edited_in_the_admin_is_sent_for_review_instead(live: Path, run: Callable) -> None:
    change(live)
    in_admin(Section.objects.get(key="costs"), title="Prices")
    ran = run("load_content", live, "--publish")
    assert ran.code == 0
    assert "Testing: not published: its working text differs from the files. Send it for review" in ran.out
    assert "hardly" in Section.objects.get(key="risks").body
    assert "hardly" not in guide().live.document


def test_over_signed_text_nothing_unsigned_is_released(live: Path, run: Callable, person: Callable) -> None:
    sign(person)
    assert run("export_content").code == 0
    signed = guide().live
    change(live)
    ran = run("load_content", live, "--publish")
    assert ran.code == 0
    assert "Testing: not published: a clinician has signed what is live. Send the new text for review" in ran.out
    assert guide().live == signed
    assert "hardly" in Section.objects.get(key="risks").body


def test_what_was_taken_down_stays_down(live: Path, run: Callable, person: Callable) -> None:
    publishing.withdraw(guide(), by=person("publisher", "Publisher"), why="Wrong dose")
    change(live)
    ran = run("load_content", live, "--publish")
    assert ran.code == 0
    assert "Testing: not published: it was taken down" in ran.out
    assert guide().live is None


def test_a_text_that_waits_for_review_is_not_replaced(live: Path, run: Callable, person: Callable) -> None:
    row = Section.objects.get(key="risks")
    in_admin(row, body=row.body.replace("you cannot breathe", "you can hardly breathe"))
    waiting = publishing.submit(guide(), by=person("author", "Author"), kind=Revision.Change.SAFETY)
    change(live)
    ran = run("load_content", live, "--publish")
    assert ran.code == 0
    assert "Testing: not published: a text is on its way already" in ran.out
    waiting.refresh_from_db()
    assert waiting.state == Revision.State.IN_REVIEW
