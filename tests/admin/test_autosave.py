"""What is typed and not saved is kept for its writer alone, offered on its page, and never becomes a text by itself."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from procedures.models import Edit, Guide, Revision, Unsaved

from .paper import fields, read, said, save

PATH = "/admin/procedures/autosave/"


def section(guide: Guide) -> str:
    return f"/admin/procedures/section/{guide.sections.get(key='overview').pk}/change/"


def keep(client: Client, unit: str, **typed: str):  # type: ignore[no-untyped-def]
    return client.post(PATH, {"unit": unit, "text": json.dumps(typed)})


def offered(client: Client, unit: str) -> str:
    """The text the page of a form hands to its script."""
    answer = client.get(unit)
    assert read(answer).refused == []
    return str(answer.context["kept"])


def test_what_is_kept_is_offered_on_its_page_to_its_writer_alone(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, anton, path = at_desk("ana", "Author"), at_desk("anton", "Author"), section(guide)
    assert offered(ana, path) == ""
    assert keep(ana, path, body="Half a sen").status_code == 201
    assert keep(ana, path, body="Half a sentence </script>").status_code == 201
    assert json.loads(offered(ana, path)) == {"body": "Half a sentence </script>"}
    assert Unsaved.objects.count() == 1
    assert offered(anton, path) == ""
    assert offered(ana, f"/admin/procedures/section/{guide.sections.get(key='risks').pk}/change/") == ""
    assert not Edit.objects.exists()
    assert not Revision.objects.exists()
    assert "probe" in guide.sections.get(key="overview").body


def test_saving_the_page_forgets_what_was_kept_and_a_refused_save_does_not(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, path = at_desk("ana", "Author"), section(guide)
    keep(ana, path, body="New.")
    save(ana, path, "section_form", body="See [it](section:nowhere).")
    assert Unsaved.objects.count() == 1
    answer = save(ana, path, "section_form", body="New.\n")
    assert "Saved as a draft" in said(answer)
    assert [message.tags for message in answer.context["messages"]] == ["saved success"]
    assert not Unsaved.objects.exists()


def test_new_things_and_lists_are_kept_too(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    for unit in (
        f"/admin/procedures/section/add/?guide={guide.pk}",
        f"/admin/procedures/guide/{guide.pk}/list/costs/",
        f"/admin/procedures/guide/{guide.pk}/change/",
        "/admin/procedures/source/add/",
    ):
        assert keep(ana, unit, title="Half").status_code == 201
        assert json.loads(offered(ana, unit)) == {"title": "Half"}


def test_thrown_away_or_a_month_old_it_is_gone(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, path = at_desk("ana", "Author"), section(guide)
    keep(ana, path, body="x")
    assert ana.post(PATH, {"unit": path, "text": ""}).status_code == 200
    assert not Unsaved.objects.exists()
    keep(ana, path, body="x")
    Unsaved.objects.update(at=timezone.now() - datetime.timedelta(days=31))
    assert offered(ana, path) == ""
    keep(ana, "/admin/procedures/source/add/", body="y")
    assert list(Unsaved.objects.values_list("unit", flat=True)) == ["/admin/procedures/source/add/"]


@pytest.mark.parametrize(
    "sent",
    [
        {"unit": "/elsewhere/", "text": "{}"},
        {"unit": "/admin/" + "x" * 300, "text": "{}"},
        {"unit": "/admin/x/", "text": "[]"},
        {"unit": "/admin/x/", "text": '{"a": 1}'},
        {"unit": "/admin/x/", "text": "{"},
        {"text": "{}"},
    ],
)
def test_anything_else_is_refused_with_a_sentence(guide: Guide, at_desk, sent: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    answer = at_desk("ana", "Author").post(PATH, sent)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert not Unsaved.objects.exists()


def test_only_who_writes_keeps_anything(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    path = section(guide)
    for client in (at_desk("rea", "Medical reviewer"), at_desk("pia", "Publisher"), at_desk("nora"), Client()):
        assert keep(client, path, body="x").status_code == 403
    assert b"autosave.js" not in at_desk("rosa", "Medical reviewer").get(path).content
    ana = at_desk("ana", "Author")
    assert ana.get(PATH).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ana.cookies
    assert keep(strict, path, body="x").status_code == 403
    assert not Unsaved.objects.exists()


def test_what_comes_back_over_a_text_that_somebody_saved_meanwhile_overwrites_nothing(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, anton, path = at_desk("ana", "Author"), at_desk("anton", "Author"), section(guide)
    keep(ana, path, **{**fields(ana, path, "section_form"), "body": "Mine."})
    save(anton, path, "section_form", body="His.")
    answer = ana.post(path, json.loads(offered(ana, path)))
    assert b"Nothing was overwritten" in answer.content
    assert guide.sections.get(key="overview").body == "His.\n"


def test_the_script_is_small() -> None:
    script = (Path(__file__).parents[2] / "static" / "js" / "autosave.js").read_bytes()
    assert len(gzip.compress(script)) <= 2048
