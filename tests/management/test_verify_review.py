"""verify_review finds what somebody changed behind the program's back."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from procedures import publishing
from procedures.models import Guide, Review, Revision, triggers

from ..publishing.conftest import People, people, release, send  # noqa: F401


@pytest.fixture
def signed(live_guide: Guide, people: People) -> Revision:  # noqa: F811
    return release(live_guide, people)


def from_outside(sql: str, *values: object) -> None:
    """Runs a statement as somebody would who may drop triggers."""
    with connection.cursor() as cursor:
        for statement in triggers.drop_sql(connection.vendor):
            cursor.execute(statement)
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


def complaints(capsys: Any) -> str:
    with pytest.raises(CommandError, match="places are wrong"):
        call_command("verify_review")
    return str(capsys.readouterr().err)


def test_what_the_program_stored_holds(signed: Revision, people: People, capsys: Any) -> None:  # noqa: F811
    send(signed.guide, people)
    call_command("verify_review")
    assert "3 texts and 1 signatures are what they were" in capsys.readouterr().out


def test_one_flipped_character_of_a_stored_text_is_found(signed: Revision, capsys: Any) -> None:
    first = Revision.objects.get(guide=signed.guide, number=1)
    from_outside(
        "UPDATE procedures_revision SET document = REPLACE(document, 'One session', 'One sessiun') WHERE id = %s",
        first.pk,
    )
    said = complaints(capsys)
    assert said.startswith("Testing · 1 (")
    assert said.count("\n") == 1
    assert "does not match its fingerprint" in said


def test_a_signed_text_changed_together_with_its_fingerprint_is_found(signed: Revision, capsys: Any) -> None:
    document = signed.document.replace("One session", "Two sessions")
    mark = hashlib.sha256(document.encode()).hexdigest()
    from_outside("UPDATE procedures_revision SET document = %s, hash = %s WHERE id = %s", document, mark, signed.pk)
    said = complaints(capsys)
    assert "signed by rosa" in said
    assert "the text is not the one that was signed" in said


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE procedures_review SET hash = 'x'", "for another text"),
        ("UPDATE procedures_revision SET format = 7 WHERE number = 2", "the format in the text"),
        ("UPDATE procedures_revision SET slug = 'other' WHERE number = 2", "the address in the text"),
        ("UPDATE procedures_revision SET document = '{' WHERE number = 2", "not JSON any more"),
        ("UPDATE procedures_revision SET state = 'approved' WHERE number = 1", "there is no signature"),
        ("DELETE FROM procedures_publicationevent WHERE step = 'approve'", "no event says"),
        ("DELETE FROM procedures_publicationevent WHERE step = 'publish'", "never released"),
    ],
)
def test_every_other_way_to_cheat_is_named(sql: str, words: str, signed: Revision, capsys: Any) -> None:
    from_outside(sql)
    assert words in complaints(capsys)


def test_a_signature_that_was_taken_away_is_found(live_guide: Guide, people: People, capsys: Any) -> None:  # noqa: F811
    revision = send(live_guide, people)
    publishing.approve(revision, by=people.reviewer, next_due=revision.at.date().replace(year=2999))
    from_outside("DELETE FROM procedures_review")
    assert "there is no signature" in complaints(capsys)


def test_anybody_recomputes_a_fingerprint_from_the_published_page(signed: Revision, client: Any) -> None:
    """Runs the recipe of docs/operating.md as it stands there."""
    document = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf8")
    recipe = re.search(r"python3 -c '\n(.*?)'\n", document, re.S)
    assert recipe
    page = client.get("/testing.json").content
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(recipe[1])],
        input=page,
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.decode().split() == [signed.hash, Review.objects.get().hash]
