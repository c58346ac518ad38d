"""A disk that cannot be written any more: what was taken down is gone all the same, in every worker, within a second."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, connection

from procedures import images, prerender, publishing
from procedures.models import PublicationEvent
from procedures.pages import media
from procedures.prerender.following import Follower
from procedures.prerender.refreshing import folder
from procedures.prerender.watching import Watch

from ..conftest import make_document, write_rows
from ..images.test_cleaning import picture
from ..torture.edge import Edge


@pytest.fixture
def other(live_guide):
    """A second live guide, which nothing happens to."""
    guide = write_rows(replace(make_document(folder="other", slug="other", title="Other")))
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)
    return guide


@pytest.fixture
def down(other, live_guide, in_front, person):
    """A worker whose files still show a guide that was taken down: nothing refreshes files in these tests."""
    served = in_front()
    watch = Watch(served.app)
    assert watch.look()
    assert served.get("/testing/").status == 200
    assert served.get("/other/").status == 200
    publishing.withdraw(live_guide, by=person("pia", "Publisher"), why="It is wrong.")
    served.behind.paths.clear()
    return served, watch


def test_after_a_look_django_answers_for_what_was_taken_down_and_files_for_the_rest(down):
    served, watch = down
    assert served.get("/testing/").status == 200  # the control: without a look the file is sent
    assert served.behind.paths == []
    assert watch.look()
    assert served.get("/testing/").status == 410
    assert served.get("/testing/risks/").status == 410
    assert b"/testing/" not in served.get("/").body
    assert served.get("/other/").status == 200
    assert served.behind.paths == ["/testing/", "/testing/risks/", "/"]


def test_after_a_look_a_picture_is_gone_that_another_host_took_down_or_the_disk_did_not_note(
    live_guide, in_front, settings, tmp_path, client, monkeypatch
):
    settings.MEDIA_ROOT, settings.AFTER_RELEASE = tmp_path / "media", "procedures.prerender.refresh"
    monkeypatch.setattr(media, "_withheld", frozenset())
    row = images.add(images.clean(picture()), words="A thin needle beside a coin", by=None)
    watch = Watch(in_front().app)
    assert watch.look()
    images.take_down(row, why="A face can be seen.", by=None)
    assert row.file not in (tmp_path / "pages" / "taken-down").read_text()
    assert client.get(f"/media/{row.file}").status_code == 200  # the control: nobody has looked
    assert watch.look()
    assert client.get(f"/media/{row.file}").status_code == 410
    images.put_back(row, by=None)
    assert watch.look()
    assert client.get(f"/media/{row.file}").status_code == 200


def test_a_worker_that_starts_afterwards_withholds_it_too(down):
    served, _watch = down
    served.app.table = type(served.app.table)()
    watch = Watch(served.app)
    assert watch.look()
    assert served.get("/testing/").status == 410
    assert served.get("/other/").status == 200
    assert "/other/" not in served.behind.paths


def test_when_the_files_can_be_made_again_they_are_served(down):
    served, watch = down
    watch.look()
    assert served.get("/testing/").status == 410
    prerender.refresh()
    assert watch.look()
    served.behind.paths.clear()
    assert served.get("/testing/").status == 410
    assert served.get("/").status == 200
    assert served.behind.paths == []


def test_a_release_that_goes_live_late_and_shows_what_was_taken_down_is_compared_again(down):
    served, watch = down
    watch.look()
    store = folder()
    late = store.release()
    store.go_live(dict(late.parts), complete=False)  # by a publisher who had read the database before the take-down
    assert store.name() != late.name
    assert served.get("/testing/").status == 200  # the control
    assert watch.look()
    assert served.get("/testing/").status == 410


def test_a_look_asks_one_question_when_nothing_has_happened(served, django_assert_num_queries):
    watch = Watch(served.app)
    assert watch.look()
    with django_assert_num_queries(1):
        assert not watch.look()


def test_a_step_that_began_earlier_and_is_committed_later_is_seen(live_guide, served):
    """On PostgreSQL the number of an event is given before its transaction ends."""
    at = live_guide.live.at
    PublicationEvent.objects.create(pk=900_002, step="clinic", at=at, why="committed first")
    watch, follower = Watch(served.app), Follower()
    assert watch.look()
    assert follower.look()
    assert not watch.look()
    PublicationEvent.objects.create(pk=900_001, step="clinic", at=at, why="begun first")
    assert watch.look()
    assert follower.look()


def test_without_a_database_files_are_served_and_what_was_withheld_stays_so(down):
    served, watch = down
    watch.look()

    def no_database(*_):
        raise DatabaseError("the database does not answer")

    with connection.execute_wrapper(no_database), pytest.raises(DatabaseError):
        watch.look()
    served.behind.paths.clear()
    assert served.get("/other/").status == 200
    assert served.behind.paths == []
    served.get("/testing/")
    assert served.behind.paths == ["/testing/"]


def test_when_even_the_link_cannot_be_removed_the_publisher_is_told_what_to_do(down):
    served, watch = down
    edge = Edge(at=1, lasting=True, disk_only=True)
    with edge.armed(), pytest.raises(prerender.Failed) as told:
        prerender.refresh()
    assert edge.fired
    assert "stop it until then" in str(told.value)
    assert folder().name() != ""
    watch.look()
    assert served.get("/testing/").status == 410


def test_after_a_take_down_a_switch_that_cannot_be_written_leaves_no_files_live(down):
    served, _watch = down
    (folder().root / "releases").rename(folder().root / "kept")
    (folder().root / "releases").write_text("in the way")
    with pytest.raises(prerender.Failed) as told:
        prerender.refresh()
    assert "stop it" not in str(told.value)
    assert folder().name() == ""
    assert served.get("/testing/").status == 410


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a database that is a file: SQLite only")
def test_a_database_file_that_is_gone_is_not_asked_and_one_that_was_replaced_is_opened_anew(
    served, monkeypatch, tmp_path
):
    watch, file, closed = Watch(served.app), tmp_path / "data.sqlite3", []
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    monkeypatch.setattr(connection, "close", lambda: closed.append(file.exists()))
    assert not watch.can_ask()
    file.touch()
    assert watch.can_ask()
    closed.clear()
    assert watch.can_ask()
    assert closed == []
    file.rename(tmp_path / "former.sqlite3")
    file.touch()
    assert watch.can_ask()
    assert closed == [True]
    file.unlink()
    file.mkdir()
    assert not watch.can_ask()
