# ruff: noqa: E501
"""A few helpers that make data through the real functions, so that no test can set up a state that cannot be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db import connection

from procedures import models, publishing
from procedures.document import (
    ANSWER_KEYS,
    CELL_KEYS,
    Answer,
    Cell,
    CellState,
    Claim,
    CostItem,
    Document,
    Emergency,
    Figure,
    ImageRecord,
    KeyFact,
    Option,
    Question,
    Section,
    Source,
    Stage,
    Status,
    Term,
    WarningSign,
)
from procedures.models import PARTS, SHARED, Guide, own_values, row_values, triggers
from procedures.search.tables import INDEX, NAME, PASSAGE, SPELLING, WORD

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync interface runs inside a loop


def make_document(**changes: object) -> Document:
    """A small procedure guide that uses every part once."""
    values: dict[str, object] = {
        "folder": "testing",
        "kind": "procedure",
        "slug": "testing",
        "language": "en",
        "title": "Testing",
        "summary": "What testing is.[^trial]",
        "decision": "You are deciding whether to test.",
        "status": Status(is_="compounded", note="Nobody has checked it.", cites=("agency-2020",)),
        "emergency": Emergency(call="911", place="US"),
        "sections": (
            Section(key="overview", title="Overview", summary="In short.", body="## What it is\n\nIt is a [probe](glossary:probe).[^trial]\n"),
            Section(
                key="risks",
                title="Risks",
                body="## What can go wrong\n\n::: emergency\n**Call 911 if:**\n\n- you cannot breathe[^agency-2020]\n:::\n\nSee [overview](section:overview).\n",
            ),
            Section(key="costs", title="Costs", body="## What it costs\n\n::: figure course\n:::\n"),
        ),
        "answers": tuple(Answer(key=key, text=f"Answer to {key}.[^trial]", more="section:overview", cites=("trial",)) for key in ANSWER_KEYS),
        "key_facts": (KeyFact(key="time", label="Time", text="One hour", cites=("trial",)),),
        "stages": (Stage(key="day-0", from_day=0, to_day=0, title="The day", expect="Rest.", do=("Sleep.",), dont=("Run.",), signs=("breath",), cites=("trial",)),),
        "costs": (CostItem(key="old", what="One session", low=200, high=600, currency="USD", per="session", year=2010, basis="A review", includes=("The test",), excludes=("Travel",), cites=("trial",)),),
        "options": (
            Option(key="test", name="Testing", role="this", cells={key: Cell(state=CellState.TEXT, text="Words.", cites=("trial",)) for key in CELL_KEYS}),
            Option(key="none", name="Doing nothing", role="nothing", cells={key: Cell() for key in CELL_KEYS}),
        ),
        "questions": (Question(key="what", question="What is in it?", why="Mixes differ.", cites=("trial",)),),
        "warning_signs": (WarningSign(key="breath", sign="You cannot breathe", from_hours=0, to_days=None, urgency="emergency", do="Call 911.", call="911", cites=("agency-2020",)),),
        "claims": (Claim(key="trial", says="It helped nobody.", study="Controlled trial", people="20 women", who="Women in Seoul", certainty="not-graded", as_of="2008", cites=("paper-2008",)),),
        "figures": (Figure(key="course", type="course", title="A course", data={"sessions": 10, "gap_weeks": [1, 2]}, words="Ten sessions, 1 or 2 weeks apart.[^trial]", cites=("trial",)),),
        "sources": (
            Source(key="agency-2020", title="Notice", publisher="Agency", date="2020", kind="regulator notice", how="primary", supports=("EV-1",), url="https://example.org/notice"),
            Source(key="paper-2008", title="Paper", author="Park SH", publisher="Journal 1(1):2", date="2008", kind="controlled trial", how="primary", supports=("EV-22",), doi="10.1000/x", read="2026-11-22"),
        ),
        "terms": (Term(key="probe", term="Probe", also=("tester",), definition="A thing that tests.", cites=()),),
    }  # fmt: skip
    return Document(**{**values, **changes})  # type: ignore[arg-type]


def write_rows(document: Document) -> Guide:
    """The rows of `document`, written as the admin would leave them."""
    for name, shared in SHARED.items():
        for part in document.items(name):
            shared._default_manager.update_or_create(key=part.key, defaults=row_values(part))
    guide = Guide(**own_values(document))
    guide.full_clean()
    guide.save()
    for name, model in PARTS.items():
        for place, part in enumerate(document.items(name)):
            row = model(guide=guide, position=place, **row_values(part))
            row.full_clean()
            row.save()
    return guide


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leaves out what cannot come out otherwise there: tests that never open the database they are given
    (many have a site of their own, on SQLite), and those that look at pages in a browser. EVERY_TEST=1 runs them too."""
    if connection.vendor == "sqlite" or os.environ.get("EVERY_TEST"):
        return
    touching = {"db", "transactional_db", "live_server"}
    kept = [
        item
        for item in items
        if (item.get_closest_marker("django_db") or touching & set(getattr(item, "fixturenames", ())))
        and not item.get_closest_marker("browser")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def _asked_database() -> None:
    """Fails everything when PostgreSQL was asked for and something else is there."""
    assert connection.vendor == ("postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite")


@pytest.fixture(scope="session", autouse=True)
def _flush_everything() -> Iterator[None]:
    """Lets tests with real transactions empty all tables.

    On SQLite that is DELETE, which our triggers refuse; and the index of the search has no models Django would see.
    """
    operations = type(connection.ops)
    plain, vendor = operations.sql_flush, connection.vendor
    index = [PASSAGE, INDEX, WORD, NAME, SPELLING] if vendor == "sqlite" else [PASSAGE, WORD, NAME]

    def sql_flush(self: Any, style: Any, tables: list[str], **how: Any) -> list[str]:
        emptying = plain(self, style, tables, **how)
        if not emptying:
            return []
        emptying = [*emptying, *(f"DELETE FROM {table}" for table in index)]
        return [*triggers.drop_sql(vendor), *emptying, *triggers.create_sql(vendor)] if vendor == "sqlite" else emptying

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def person(db: None) -> Callable[..., AbstractUser]:
    """Makes a staff user with the named roles: person("ana", "Author", "Publisher")."""

    def make(name: str, *roles: str) -> AbstractUser:
        user = get_user_model().objects.create_user(name, f"{name}@example.org", "a-long-pass-word", is_staff=True)
        user.groups.set(Group.objects.filter(name__in=roles))
        assert user.groups.count() == len(roles)
        return user

    return make


@pytest.fixture
def guide(db: None) -> Guide:
    """A guide being written; nothing of it is live."""
    return write_rows(make_document())


@pytest.fixture
def live_guide(guide: Guide) -> Guide:
    """A guide that is live and has not been reviewed, as after a first load."""
    revision = publishing.submit(guide, by=None, kind=models.Revision.Change.WORDING, note="first load")
    publishing.publish_unreviewed(revision, by=None)
    guide.refresh_from_db()
    return guide


def size(sample: int, full: int) -> int:
    """How much a test tries: `sample` in `make test`, `full` in `make torture`. Such a test is marked `torture`.

    TORTURE is 1 there; TORTURE=0.1 tries a tenth, never less than the sample.
    """
    share = float(os.environ.get("TORTURE") or 0)
    return max(sample, round(full * share)) if share else sample


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say in the summary of the run how much was tried."""
    return lambda sentence: record_property("tried", sentence)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests tried, passed ones too."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, sentence in getattr(report, "user_properties", ()):
            if name == "tried" and report.when == "call":
                terminalreporter.write_line(sentence)


OWN = Path(__file__).parent / "hostile"
"""Hostile strings, requests and files for uploads, made for this project: what tries them never skips."""


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of outside lists, from CORPORA_DIR."""
    folder = os.environ.get("CORPORA_DIR", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("CORPORA_DIR is not set: tests that read outside lists do not run")
    return Path(folder)


__all__ = ["OWN", "ImageRecord", "make_document", "size", "write_rows"]
