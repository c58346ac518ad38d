"""`manage.py prerender`: makes the files, compares them, and says in sentences what is wrong."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from procedures.prerender import refreshing
from procedures.prerender.refreshing import folder

from .test_refreshing import another, made  # noqa: F401


@pytest.fixture
def stored(live_guide, another, settings, tmp_path):  # noqa: F811
    settings.DATA_DIR = tmp_path
    call_command("prerender", stdout=io.StringIO())
    return tmp_path / "pages"


def check(capsys):
    """The lines of `--check` and its exit code."""
    capsys.readouterr()
    code = 0
    try:
        call_command("prerender", "--check")
    except SystemExit as error:
        code = error.code
    return capsys.readouterr().out.splitlines(), code


def test_it_makes_what_is_missing_then_nothing_then_all(live_guide, settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    call_command("prerender")
    assert capsys.readouterr().out == "3 parts of the site made.\n"
    call_command("prerender")
    assert capsys.readouterr().out == "Every page is as it should be.\n"
    assert check(capsys) == (["Every page is as Django makes it now."], 0)
    before = folder().release().parts
    call_command("prerender", "--all")
    assert capsys.readouterr().out == "3 parts of the site made.\n"
    assert folder().release().parts == before, "equal pages are stored once"
    assert check(capsys)[1] == 0


def test_check_before_anything_was_made_says_what_to_do(live_guide, settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    lines, code = check(capsys)
    assert code == 1
    assert lines[0] == "pages/live: there is no release (run manage.py prerender)"


def test_check_names_a_changed_file_and_changes_nothing(stored, capsys):
    (page,) = stored.glob("parts/*/site/testing/risks/index.html")
    page.write_bytes(page.read_bytes().replace(b"Testing", b"Tasting"))
    changed = page.read_bytes()
    lines, code = check(capsys)
    assert code == 1
    assert any(line.startswith("/testing/risks/: ") for line in lines), lines
    assert lines[-1].endswith("To make the pages anew: manage.py prerender --all")
    assert page.read_bytes() == changed
    call_command("prerender", "--all")
    assert check(capsys)[1] == 0


def test_check_goes_on_where_django_answers_an_error(stored, capsys, monkeypatch):
    """A page that fails is a line; pages after it are compared all the same."""
    ask = refreshing.ask
    (page,) = stored.glob("parts/*/site/other/risks/index.html")
    page.write_bytes(b"")

    def failing(path):
        if path == "/testing/risks/":
            raise refreshing.CannotBeAFile(f"Django answered 500 at {path}; the log says why")
        return ask(path)

    monkeypatch.setattr(refreshing, "ask", failing)
    lines, code = check(capsys)
    assert code == 1
    assert any("cannot be made: Django answered 500 at /testing/risks/" in line for line in lines), lines
    assert any(line.startswith("/other/risks/: ") for line in lines), lines


def test_a_database_that_does_not_answer_is_a_sentence(stored, monkeypatch):
    def gone():
        raise DatabaseError("the database is gone")

    monkeypatch.setattr(refreshing, "read_state", gone)
    with pytest.raises(CommandError, match="comparison was stopped: the database is gone"):
        call_command("prerender", "--check")
    with pytest.raises(CommandError):
        call_command("prerender")
