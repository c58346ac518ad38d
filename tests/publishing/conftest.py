"""People of the clinic, and the way a text takes through their hands."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from procedures import publishing
from procedures.document import text_of
from procedures.models import Edit, Guide, Question, Review, Revision, part_of, record

_words = count(1)


@dataclass(frozen=True)
class People:
    author: Any
    reviewer: Any
    publisher: Any
    everything: Any
    nobody: Any


@pytest.fixture
def people(person: Callable[..., Any]) -> People:
    return People(
        author=person("ana", "Author"),
        reviewer=person("rosa", "Medical reviewer"),
        publisher=person("pia", "Publisher"),
        everything=person("eve", "Author", "Medical reviewer", "Publisher"),
        nobody=person("nora"),
    )


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def reword(guide: Guide, *, by: Any, words: str = "") -> str:
    """Changes one sentence of the working text as the admin does: the row, and an Edit."""
    row = Question.objects.get(guide=guide, key="what")
    row.why = words or f"Mixes differ, {next(_words)}."
    row.save()
    record(row.unit, text_of(part_of(row)), origin=Edit.Origin.ADMIN, by=by, guide=guide)
    return row.why


def send(guide: Guide, people: People, *, kind: str = "wording") -> Revision:
    reword(guide, by=people.author)
    return publishing.submit(guide, by=people.author, kind=kind)


def sign(revision: Revision, people: People, *, days: int = 365) -> Review:
    return publishing.approve(revision, by=people.reviewer, next_due=in_days(days), credentials="RN")


def release(guide: Guide, people: People) -> Revision:
    """Writes, signs and publishes; gives the revision that is live."""
    revision = send(guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher)
    guide.refresh_from_db()
    return revision
