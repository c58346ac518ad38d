"""What is made anew, and what is left alone."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import weakref
from dataclasses import replace

import pytest
from django.utils import timezone

from procedures import prerender, publishing
from procedures.models import Clinic, Guide, Profile
from procedures.prerender import addresses, refreshing
from procedures.prerender.asking import Answer
from procedures.prerender.refreshing import folder
from procedures.prerender.storing import Folder
from procedures.rows import NoRoom

from ..conftest import make_document, write_rows
from ..publishing.conftest import people, reword, send, sign

__all__ = ["people"]


def made(monkeypatch):
    """The names of the parts that are made from now on."""
    names, make = [], refreshing._make

    def noted(store, name, state, level):
        names.append(name)
        return make(store, name, state, level)

    monkeypatch.setattr(refreshing, "_make", noted)
    return names


def release(guide, text):
    """Publishes a changed text without telling anybody."""
    Guide.objects.filter(pk=guide.pk).update(summary=text)
    revision = publishing.submit(Guide.objects.get(pk=guide.pk), by=None, kind="typo", note="")
    publishing.publish_unreviewed(revision, by=None)


@pytest.fixture
def another(live_guide):
    guide = write_rows(make_document(folder="other", slug="other", title="Other"))
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording", note=""), by=None)
    return guide


def test_a_release_makes_its_own_guide_and_what_belongs_to_all_anew_and_nothing_else(
    live_guide, another, in_front, monkeypatch
):
    served = in_front()
    names = made(monkeypatch)
    before = {path: served.get(path).header("ETag") for path in served.addresses()}
    release(another, "New words.")
    assert prerender.refresh(another) == 3
    assert names == ["site", "language-en", f"guide-{another.pk}"]
    after = {path: served.get(path).header("ETag") for path in served.addresses()}
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {
        "/",
        "/feed.xml",
        "/other/",
        "/other/all/",
        "/other.md",
        "/other.json",
        "/other/all.md",
        "/other/all.json",
    } | {path for path in changed if path.startswith("/other/")}
    assert list(prerender.check()) == []


def test_a_public_name_that_is_given_changed_and_emptied_is_so_on_the_stored_pages(
    live_guide, another, people, in_front, monkeypatch, client, settings, django_capture_on_commit_callbacks
):
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    served = in_front()
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish_unreviewed(send(live_guide, people), by=None)
    client.force_login(people.author)
    names = made(monkeypatch)

    def line():
        return served.get("/testing/risks/").text.decode().split('class="trust"')[1].split("</details>")[0]

    assert "Written by clinic staff." in line()
    for name, said in (
        ("Ana Pérez", "Written by Ana Pérez."),
        ("Ana P.", "Written by Ana P."),
        ("", "by clinic staff."),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/admin/my-account/", {"public_name": name}).status_code == 302
        assert said in line()
        assert list(prerender.check()) == []
    assert "Ana" not in line()
    assert f"guide-{live_guide.pk}" in names
    assert f"guide-{another.pk}" not in names, "a guide this person did not write is left alone"


def test_who_wrote_often_is_named_once_and_a_namesake_who_empties_theirs_changes_the_key(live_guide, people):
    for by in (people.author, people.author, people.everything):
        reword(live_guide, by=by)
        Profile.objects.update_or_create(user=by, defaults={"public_name": "Ana"})
    publishing.publish_unreviewed(send(live_guide, people), by=None)
    part = f"guide-{live_guide.pk}"
    before = addresses.read_state()
    assert before.row(part).names == tuple(sorted((by.pk, "Ana") for by in (people.author, people.everything)))
    Profile.objects.filter(user=people.author).update(public_name="")
    after = addresses.read_state()
    assert after.row(part).names == ((people.everything.pk, "Ana"),)
    assert after.key(part) != before.key(part)


def test_a_draft_by_somebody_with_a_public_name_leaves_the_stored_pages_alone(live_guide, people):
    publishing.publish_unreviewed(send(live_guide, people), by=None)
    Profile.objects.create(user=people.everything, public_name="Eve")
    prerender.refresh()
    reword(live_guide, by=people.everything)
    assert prerender.refresh() == 0


def test_a_guide_that_links_to_a_renamed_guide_is_made_anew(live_guide, in_front, monkeypatch):
    sections = make_document().sections
    linking = replace(sections[0], body="## See\n\n[The other](guide:testing)\n", summary="")
    document = make_document(folder="linking", slug="linking", title="Linking", sections=(linking, *sections[1:]))
    guide = write_rows(document)
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording", note=""), by=None)
    in_front()
    names = made(monkeypatch)
    release(live_guide, "New words.")
    prerender.refresh(live_guide)
    assert f"guide-{guide.pk}" in names
    assert list(prerender.check()) == []


def test_nothing_is_made_when_nothing_changed(live_guide, in_front, monkeypatch):
    in_front()
    names, before = made(monkeypatch), folder().name()
    Guide.objects.update(summary="A draft that nobody has released.")
    assert prerender.refresh() == 0
    assert names == []
    assert folder().name() == before


def test_a_changed_clinic_changes_every_page_and_other_code_does_too(live_guide, in_front, monkeypatch):
    served = in_front()
    Clinic.objects.create(name="Clinic of the Test")
    assert prerender.refresh() == len(folder().release().parts)
    assert b"Clinic of the Test" in served.get("/testing/").body
    assert prerender.current()
    monkeypatch.setattr(refreshing, "code_stamp", lambda: "other code")
    assert not prerender.current()
    assert prerender.refresh() == len(folder().release().parts)
    assert prerender.current()


def test_pages_of_other_code_stay_while_new_ones_are_made_and_changed_ones_do_not(live_guide, in_front, monkeypatch):
    served = in_front()
    make, seen = refreshing._make, []

    def looking(store, name, state, level):
        served.behind.paths.clear()
        served.get("/testing/")
        seen.append(bool(served.behind.paths))
        return make(store, name, state, level)

    monkeypatch.setattr(refreshing, "_make", looking)
    monkeypatch.setattr(refreshing, "code_stamp", lambda: "other code")
    prerender.refresh()
    assert seen == [False, False, False]
    seen.clear()
    release(live_guide, "New words.")
    prerender.refresh(live_guide)
    assert seen == [True, True, True]
    served.behind.paths.clear()
    assert b"New words." in served.get("/testing/").body
    assert served.behind.paths == []


def test_what_is_published_while_pages_are_made_is_what_goes_live(live_guide, in_front, monkeypatch):
    served = in_front()
    make, late = refreshing._make, ["Later words."]

    def overtaken(store, name, state, level):
        part = make(store, name, state, level)
        if name.startswith("guide") and late:
            release(live_guide, late.pop())
        return part

    monkeypatch.setattr(refreshing, "_make", overtaken)
    release(live_guide, "Early words.")
    prerender.refresh(live_guide)
    got = served.get("/testing/")
    assert b"Later words." in got.body
    assert b"Early words." not in got.body
    assert list(prerender.check()) == []


def test_without_room_for_temporary_files_the_guides_are_made_all_the_same(live_guide, in_front, monkeypatch):
    served = in_front()
    release(live_guide, "New words.")
    monkeypatch.setattr(addresses, "sitemaps", no_room)
    with pytest.raises(prerender.Failed, match="takes no more: make room"):
        prerender.refresh()
    served.behind.paths.clear()
    assert b"New words." in served.get("/testing/").body
    assert b"New words." in served.get("/").body
    assert served.behind.paths == []
    assert served.get("/sitemap.xml").status == 200
    assert served.behind.paths == ["/sitemap.xml"]
    monkeypatch.undo()
    assert prerender.refresh() == 1


def no_room():
    raise NoRoom("the folder takes no more: make room there")


def test_the_key_of_a_part_keeps_its_form():
    """Another form makes every page untrue at the first start of a new version: then nothing is live until all are made."""
    rows = [addresses.Row(1, 2, "testing", "en", "procedure", "a", "2026-01-02", "", "", (("/old/", "/new/"),))]
    rows.append(rows[0]._replace(pk=2, folder="other", moved=()))
    state = addresses.State("shared", tuple(rows))
    for name, of in (("site", rows), ("language-en", rows), ("language-es", []), ("guide-1", rows[:1])):
        text = json.dumps([name, "shared", [row[:10] for row in of]], sort_keys=True, separators=(",", ":")).encode()
        assert state.key(name) == hashlib.sha256(text).hexdigest()
    named = rows[0]._replace(names=((7, "Ana"),))
    text = json.dumps(["guide-1", "shared", [[*rows[0][:10], [[7, "Ana"]]]]], sort_keys=True, separators=(",", ":"))
    assert addresses.State("shared", (named,)).key("guide-1") == hashlib.sha256(text.encode()).hexdigest()


def test_a_page_that_fails_leaves_the_others_and_the_sentence_names_it(live_guide, another, in_front, monkeypatch):
    served = in_front()
    ask = refreshing.ask

    def failing(path):
        if path == "/other/risks/":
            raise refreshing.CannotBeAFile(f"Django answered 500 at {path}; the log says why")
        return ask(path)

    monkeypatch.setattr(refreshing, "ask", failing)
    release(live_guide, "New words.")
    release(another, "Other new words.")
    with pytest.raises(prerender.Failed, match="/other/risks/"):
        prerender.refresh()
    served.behind.paths.clear()
    assert b"New words." in served.get("/testing/").body
    assert served.behind.paths == []
    assert b"Other new words." in served.get("/other/").body
    assert served.behind.paths == ["/other/"]


def test_old_releases_and_what_only_they_used_are_removed(live_guide, in_front):
    in_front()
    for letter in "abcdef":
        release(live_guide, f"Words {letter}.")
        prerender.refresh(live_guide)
    root = folder().root
    assert len(list((root / "releases").iterdir())) == 3
    releases = [folder().release_named(f"releases/{path.name}") for path in (root / "releases").iterdir()]
    used = {made.id for found in releases for made in found.parts.values()}
    assert {path.name for path in (root / "parts").iterdir()} == used


def test_what_a_killed_run_left_is_swept(live_guide, in_front):
    in_front()
    root = folder().root
    for place in ("parts/.new-1/site", "releases/.new-2"):
        (root / place).mkdir(parents=True)
    (root / ".live-3").symlink_to("releases/nowhere")
    prerender.refresh()
    assert list(root.rglob(".*")) == []


def test_check_names_every_kind_of_difference(live_guide, in_front, monkeypatch):
    served = in_front()
    ask = refreshing.ask

    def changed(path):
        answer = ask(path)
        if path == "/testing/risks/":
            return replace(answer, body=answer.body + b" ")
        if path == "/testing/costs/":
            return replace(answer, headers=(*answer.headers, ("X-New", "1")))
        return answer

    assert list(prerender.check()) == []
    before = served.folder.joinpath("pages/live").readlink()
    monkeypatch.setattr(refreshing, "ask", changed)
    assert {found.where for found in prerender.check()} == {"/testing/risks/", "/testing/costs/"}
    monkeypatch.undo()
    release(live_guide, "New words.")
    assert "/testing/" in {found.where for found in prerender.check()}
    assert served.folder.joinpath("pages/live").readlink() == before


def test_on_the_day_a_review_is_overdue_its_pages_say_so_and_a_day_that_changes_nothing_writes_nothing(
    guide,
    people,
    another,
    in_front,
    settings,
    monkeypatch,
    django_assert_max_num_queries,
):
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    revision = send(guide, people)
    sign(revision, people, days=1)
    publishing.publish(revision, by=people.publisher)
    served = in_front()
    names, before, calendar = made(monkeypatch), folder().name(), prerender.Calendar()
    overdue = b"the review is overdue"
    now = timezone.now()
    for days in (0, 1):
        monkeypatch.setattr(timezone, "now", lambda days=days: now + datetime.timedelta(days=days))
        with django_assert_max_num_queries(20):
            assert calendar.look(timezone.localdate()) == 0
    assert (names, folder().name()) == ([], before)
    assert overdue not in served.get("/testing/").body
    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(days=2))
    assert calendar.look(timezone.localdate()) == len(names)
    assert f"guide-{guide.pk}" in names
    assert f"guide-{another.pk}" not in names
    assert overdue in served.get("/testing/").body
    assert list(prerender.check()) == []
    names.clear()
    assert calendar.look(timezone.localdate()) == 0


def test_of_a_part_only_a_few_answers_are_held_at_a_time(tmp_path):
    held: list[weakref.ref[Answer]] = []
    most = 0

    def answers():
        nonlocal most
        for number in range(40):
            answer = Answer(200, (("Content-Type", "text/html"),), f"{number} ".encode() * 100)
            held.append(weakref.ref(answer))
            most = max(most, sum(reference() is not None for reference in held))
            yield f"/page-{number}/", answer
            del answer

    store = Folder(tmp_path)

    def failing():
        yield "/", Answer(200, (), b"page")
        raise ValueError

    with store.making():
        part = store.store(answers(), depth=0)
        with pytest.raises(ValueError):
            store.store(failing(), depth=0)
        assert [path.name for path in (tmp_path / "parts").iterdir()] == [part]  # nothing half made stays
    assert most <= (os.cpu_count() or 1) + 3
    assert len(store.manifest(part)["addresses"]) == len(held) == 40
    assert store.whole(part)
