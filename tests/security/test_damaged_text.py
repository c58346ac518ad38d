"""One stored live text was changed behind the program's back: nothing of it is shown, and everything else goes on."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from procedures import loading, prerender, publishing, search
from procedures.models import Clinic, Guide, OldAddress, Revision, triggers
from procedures.prerender import refreshing
from procedures.prerender.refreshing import current, folder
from procedures.prerender.serving import Pages
from procedures.upkeep import checks, verify
from procedures.upkeep.due import publish_due

from ..conftest import make_document, write_rows
from ..prerender.conftest import NotAsked, Served, _one_connection, ask, in_front  # noqa: F401
from ..publishing.conftest import People, people, release, reword, send, sign  # noqa: F401

LISTS = (
    "/",
    "/glossary/",
    "/glossary.json",
    "/sitemap.xml",
    "/feed.xml",
    "/robots.txt",
    "/search/?q=probe",
    "/feedback/",
)
READINGS = {"/robots.txt": 0, "/search/?q=probe": 0, "/feedback/": 0, "/sitemap.xml": 2}
"""How often each reads what is live, where not once."""
SECRET = "Resting"
"""What the damaged text would say in place of Testing."""


def live(**changes: Any) -> Guide:
    guide = write_rows(make_document(**changes))
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)
    return Guide.objects.get(pk=guide.pk)


@pytest.fixture
def other(live_guide: Guide) -> Guide:
    return live(folder="other", slug="other", title="Other")


@pytest.fixture
def site(db: None) -> Guide:
    about = make_document().sections[:1]
    lists = ("answers", "key_facts", "stages", "costs", "options", "questions", "warning_signs", "figures")
    return live(folder="site", kind="site", slug="site", title="The site", sections=about, **dict.fromkeys(lists, ()))


def damage(revision: Revision | None) -> str:
    """Changes a word in what is stored, as an intruder or a failing disk would; gives what it was."""
    assert revision is not None
    text = revision.document
    write(revision, text.replace("Testing", SECRET).replace("Other", SECRET).replace("The site", SECRET))
    return text


def write(revision: Revision, text: str) -> None:
    with connection.cursor() as cursor:
        for statement in triggers.drop_sql(connection.vendor):
            cursor.execute(statement)
        cursor.execute("UPDATE procedures_revision SET document = %s WHERE id = %s", [text, revision.pk])
        for statement in triggers.create_sql(connection.vendor):
            cursor.execute(statement)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_lists_do_without_it_and_say_so_once_for_each_reading(
    live_guide: Guide, other: Guide, client: Client, caplog: Any
) -> None:
    damage(live_guide.live)
    for path in LISTS:
        caplog.clear()
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
        said = [record for record in caplog.records if "Left out" in record.getMessage()]
        assert len(said) == READINGS.get(path, 1), path
    assert "Other" in client.get("/").content.decode()
    assert "/testing/" not in client.get("/sitemap.xml").content.decode()
    unknown = client.get("/nothing/")
    assert (unknown.status_code, "Other" in unknown.content.decode()) == (404, True)
    assert client.get("/other/").status_code == client.get("/other/all/").status_code == 200


def test_bytes_that_are_no_text_any_more_take_nothing_else_with_them(
    live_guide: Guide, other: Guide, client: Client
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes no such bytes")
    assert live_guide.live
    with connection.cursor() as cursor:
        for statement in triggers.drop_sql(connection.vendor):
            cursor.execute(statement)
        cursor.execute(
            "UPDATE procedures_revision SET document = CAST(replace(CAST(document AS BLOB), x'54', x'D4') AS TEXT)"
            " WHERE id = %s",
            [live_guide.live.pk],
        )
    assert [client.get(path).status_code for path in LISTS] == [200] * len(LISTS)
    assert [client.get(path).status_code for path in ("/testing/", "/other/", "/nothing/")] == [503, 200, 404]
    assert any("does not match its fingerprint" in sentence for sentence in verify(quick=True).wrong)


def test_its_own_pages_say_503_with_the_emergency_number_and_nothing_of_it(
    live_guide: Guide, other: Guide, client: Client
) -> None:
    damage(live_guide.live)
    for path in (
        "/testing/",
        "/testing/risks/",
        "/testing/all/",
        "/testing/plan/",
        "/testing/changes/",
        "/testing.json",
    ):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 503, path
        assert "911" in page
        assert answer.headers["Retry-After"] == "3600"
        assert not any(word in page for word in (SECRET, "Testing", "fingerprint", "Traceback", "verify")), path
    assert live_guide.live
    assert client.get(f"/v/{live_guide.live.hash[:10]}/").status_code == 503
    assert client.get("/feedback/?page=/testing/").status_code == 200


def test_a_list_of_nothing_but_damaged_guides_does_not_say_that_there_are_none(
    live_guide: Guide, site: Guide, client: Client
) -> None:
    damage(live_guide.live)
    for path in ("/", "/glossary/"):
        assert client.get(path).status_code == 503
    assert client.get("/overview/").status_code == 200
    assert client.get("/nothing/").status_code == 404


def test_damaged_pages_of_the_site_itself_take_no_guide_with_them(
    live_guide: Guide, site: Guide, client: Client
) -> None:
    damage(site.live)
    assert [client.get(path).status_code for path in ("/", "/testing/", "/glossary/")] == [200, 200, 200]
    assert client.get("/overview/").status_code == 503
    assert SECRET not in client.get("/testing/").content.decode()


def test_its_last_good_pages_stay_whatever_is_released_around_it(
    live_guide: Guide,
    other: Guide,
    in_front: Callable[[], Served],  # noqa: F811
    settings: Any,
) -> None:
    served = in_front()
    before = {path: served.get(path).text for path in served.addresses() if path.startswith("/testing")}
    stored = damage(live_guide.live)
    with pytest.raises(prerender.Failed, match="“Testing” was damaged"):
        prerender.refresh(None, everything=True)
    Guide.objects.filter(pk=other.pk).update(title="Newer")
    publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    Clinic.objects.update_or_create(pk=1, defaults={"name": "Another clinic"})  # stands on every page
    with pytest.raises(prerender.Unreadable):
        prerender.refresh(other)
    asked = len(served.behind.paths)
    assert {path: served.get(path).text for path in before} == before
    assert len(served.behind.paths) == asked, "from files"
    home = served.get("/")
    assert home.status == 200
    assert b"Newer" in home.body
    assert b"/testing/" not in home.body
    assert current(), "all is made that can be made"
    (told,) = checks(only=["stored"])
    assert (told.ok, told.said[:19]) == (False, "1 could not be read")
    assert served.get("/nothing/").status == 404
    with pytest.raises(prerender.Unreadable):
        prerender.refresh()
    assert served.repairs == []
    assert live_guide.live
    write(live_guide.live, stored)
    assert prerender.refresh() > 0
    assert b"/testing/" in served.get("/").body
    assert b"Another clinic" in served.get("/testing/").body
    assert folder().release().complete


def test_pages_that_were_lost_come_back_from_an_older_release_after_a_kill(
    live_guide: Guide,
    in_front: Callable[[], Served],  # noqa: F811
) -> None:
    served = in_front()
    damage(live_guide.live)
    folder().go_live({}, complete=False)  # as a publisher leaves it that was killed after its first switch
    with pytest.raises(prerender.Unreadable):
        prerender.refresh()
    assert served.get("/testing/").status == 200
    assert b"Testing" in served.get("/testing/").text


def test_without_files_nobody_makes_the_pages_again_and_again(
    live_guide: Guide,
    other: Guide,
    settings: Any,
    tmp_path: Any,
) -> None:
    damage(live_guide.live)
    settings.DATA_DIR = tmp_path
    with pytest.raises(prerender.Unreadable):
        prerender.refresh()
    repairs: list[int] = []
    pages = Pages(NotAsked(), folder(), repair=lambda: repairs.append(1))
    assert ask(pages, "/testing/").status == 503
    assert ask(pages, "/nothing/").status == 404
    assert ask(pages, "/other/").status == 200
    assert repairs == []
    assert current()


def test_a_corrected_text_is_published_over_it(
    live_guide: Guide,
    other: Guide,
    people: People,  # noqa: F811
    client: Client,
) -> None:
    damage(live_guide.live)
    revision = send(live_guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher)
    assert client.get("/testing/").status_code == 200
    assert "Testing" in client.get("/").content.decode()
    assert client.get("/testing/changes/").status_code == 200
    assert search.faults() == []


def test_the_very_same_text_is_published_over_it(
    live_guide: Guide,
    people: People,  # noqa: F811
    client: Client,
) -> None:
    with pytest.raises(publishing.NotAllowed, match="live already"):
        publishing.submit(live_guide, by=None, kind="wording")
    damage(live_guide.live)
    revision = publishing.submit(Guide.objects.get(pk=live_guide.pk), by=None, kind="typo")
    publishing.publish_unreviewed(revision, by=people.publisher)
    assert live_guide.live
    assert revision.hash == live_guide.live.hash
    assert client.get("/testing/").status_code == 200


def test_taken_down_it_says_so_with_the_emergency_number(
    live_guide: Guide,
    other: Guide,
    people: People,  # noqa: F811
    in_front: Callable[[], Served],  # noqa: F811
) -> None:
    served = in_front()
    damage(live_guide.live)
    publishing.withdraw(live_guide, by=people.publisher, why="damaged")
    prerender.refresh(live_guide)
    for path in ("/testing/", "/testing/risks/"):
        for got in (served.get(path), served.from_django(path)):
            assert got.status == 410, path
            assert b"In an emergency call 911" in got.text
            assert b"has been taken down" in got.text
            assert SECRET.encode() not in got.text
    assert served.get("/").status == served.get("/other/").status == 200
    revision = send(live_guide, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher)
    prerender.refresh(live_guide)
    assert served.get("/testing/").status == 200


def test_its_address_is_nobody_elses(live_guide: Guide, site: Guide) -> None:
    damage(live_guide.live)
    damage(site.live)
    Guide.objects.filter(pk=live_guide.pk).update(slug="moved")
    same = write_rows(make_document(folder="second", slug="testing", title="Second"))
    with pytest.raises(publishing.NotAllowed, match="/testing/"):
        publishing.submit(same, by=None, kind="wording")
    assert not OldAddress.objects.exists()


def test_what_is_due_is_published_beside_it(
    live_guide: Guide,
    other: Guide,
    people: People,  # noqa: F811
    client: Client,
) -> None:
    revision = send(other, people)
    sign(revision, people)
    publishing.publish(revision, by=people.publisher, at=timezone.now() + datetime.timedelta(hours=1))
    waiting = send(live_guide, people)
    sign(waiting, people)
    publishing.publish(waiting, by=people.publisher, at=timezone.now() + datetime.timedelta(minutes=30))
    damage(live_guide.live)
    damage(waiting)
    now = timezone.now()
    Revision.objects.filter(pk=waiting.pk).update(scheduled_for=now - datetime.timedelta(minutes=2))
    Revision.objects.filter(pk=revision.pk).update(scheduled_for=now - datetime.timedelta(minutes=1))
    done = publish_due(now)
    assert [item.failed for item in done] == [True, False]
    assert "does not match its fingerprint" in done[0].sentence
    assert client.get("/other/").status_code == 200


def test_an_export_of_what_is_live_names_it(live_guide: Guide, other: Guide, tmp_path: Any) -> None:
    damage(live_guide.live)
    with pytest.raises(loading.ContentError) as refused:
        loading.export(tmp_path, live=True)
    assert [problem.path for problem in refused.value.problems] == ["testing"]


@pytest.mark.parametrize("how", ["files", "no files"])
def test_the_site_starts(
    how: str,
    live_guide: Guide,
    other: Guide,
    in_front: Callable[[], Served],  # noqa: F811
    settings: Any,
    tmp_path: Any,
    monkeypatch: Any,
) -> None:
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    if how == "files":
        in_front()
    damage(live_guide.live)
    monkeypatch.setattr("procedures.management.commands.serve.Command._collect_static", lambda self: None)
    said, complained = StringIO(), StringIO()
    call_command("serve", "--prepare-only", stdout=said, stderr=complained)
    assert ("“Testing” was damaged" in complained.getvalue()) is (how == "no files")
    assert "does not match its fingerprint" in complained.getvalue()
    call_command("rebuild_search", stdout=StringIO())
    assert search.faults() == []


def test_the_desk_says_what_to_do_and_shows_nothing_of_it(
    live_guide: Guide,
    other: Guide,
    people: People,  # noqa: F811
    client: Client,
) -> None:
    damage(live_guide.live)
    client.force_login(people.everything)
    reword(live_guide, by=people.author)
    addresses = ["/admin/", "/admin/procedures/guide/", f"/admin/procedures/guide/{live_guide.pk}/change/"]
    for path in addresses:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode()


@pytest.fixture(autouse=True)
def _quickly(caplog: Any, monkeypatch: Any) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(refreshing, "PAGES", 1)  # how small the files are is not what is tried here
