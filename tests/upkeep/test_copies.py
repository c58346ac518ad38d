"""The database is copied before it is migrated, and three copies are kept."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from procedures.upkeep import copy_database, static_files_stamp


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the file copy is SQLite's; PostgreSQL has its own test")
def test_a_copy_of_sqlite_holds_what_was_there_and_only_three_are_kept(tmp_path, monkeypatch, settings):
    settings.DATA_DIR = tmp_path
    source = tmp_path / "live.sqlite3"
    with sqlite3.connect(source) as database:
        database.execute("create table words (word text)")
        database.execute("insert into words values ('kept')")
    database.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(source))
    copies = [copy_database() for _ in range(5)]
    left = sorted((tmp_path / "copies").iterdir())
    assert left == [copy for copy in copies if copy][-3:]
    with sqlite3.connect(left[-1]) as copy:
        assert copy.execute("select word from words").fetchall() == [("kept",)]
    copy.close()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="pg_dump belongs to PostgreSQL; SQLite has its own test")
def test_a_copy_of_postgresql_is_a_dump(tmp_path, settings):
    assert shutil.which("pg_dump"), "pg_dump must be installed where the suite runs on PostgreSQL"
    settings.DATA_DIR = tmp_path
    copy = copy_database()
    assert copy is not None
    assert copy.read_bytes()[:5] == b"PGDMP"


def test_the_stamp_of_static_files_changes_with_a_file(tmp_path, settings):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.css").write_text("a")
    settings.STATICFILES_DIRS = [folder]
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()
    before = static_files_stamp()
    assert static_files_stamp() == before
    (folder / "a.css").write_text("ab")
    finders.get_finder.cache_clear()
    try:
        assert static_files_stamp() != before
    finally:
        finders.get_finder.cache_clear()


def test_all_state_is_under_one_folder():
    for place in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        assert Path(settings.DATA_DIR) in Path(place).parents
