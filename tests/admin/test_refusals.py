"""Whatever is refused: a 4xx, a sentence, a next step; what was typed stays, nothing is changed, nothing claims success."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from procedures import publishing
from procedures.models import Guide, Revision, preview_path, stop_previews
from tests.conftest import make_document, write_rows

from .paper import fields, read, save

Attempt = Callable[["Desk"], Any]


class Desk:
    """A guide and the people before it."""

    def __init__(self, guide: Guide, at_desk: Any) -> None:
        self.guide, self._at_desk = guide, at_desk
        self._clients: dict[str, Client] = {}

    def __getattr__(self, name: str) -> Client:
        roles = {
            "ana": ["Author"],
            "ben": ["Author"],
            "rea": ["Medical reviewer"],
            "amy": ["Author", "Medical reviewer"],
            "pia": ["Publisher"],
            "pat": ["Author", "Publisher"],
        }[name]
        if name not in self._clients:
            self._clients[name] = self._at_desk(name, *roles)
        return self._clients[name]

    def step(self, name: str) -> str:
        return f"/admin/procedures/guide/{self.guide.pk}/{name}/"

    def section(self, step: str = "change") -> str:
        return f"/admin/procedures/section/{self.guide.sections.get(key='overview').pk}/{step}/"

    def send(self, by: str = "ana") -> Revision:
        sent = getattr(self, by).post(self.step("send"), {"kind": "wording", "note": ""}, follow=True)
        assert sent.status_code == 200
        return self.guide.revisions.order_by("-number").first()  # type: ignore[return-value]

    def sign(self, revision: Revision, by: str = "rea", **typed: str) -> Any:
        form = {"credentials": "RN", "registration": "Board 7", "next_due": "2100-01-01", "note": "Typed."}
        return getattr(self, by).post(f"/admin/procedures/revision/{revision.pk}/sign/", {**form, **typed})

    def signed(self) -> Revision:
        revision = self.send()
        assert self.sign(revision).status_code == 302
        return revision


def own_words_signed(desk: Desk) -> Any:
    return desk.sign(desk.send("amy"), "amy")


def a_text_that_was_replaced_signed(desk: Desk) -> Any:
    first = desk.send()
    save(desk.ana, desk.section(), "section_form", body="Other.\n")
    desk.send()
    return desk.sign(first)


def signed_until_a_day_that_has_passed(desk: Desk) -> Any:
    return desk.sign(desk.send(), next_due="2020-01-01")


def signed_without_credentials(desk: Desk) -> Any:
    return desk.sign(desk.send(), credentials="")


def a_stale_form(desk: Desk) -> Any:
    opened = fields(desk.ana, desk.section(), "section_form")
    save(desk.ben, desk.section(), "section_form", body="From Ben.\n")
    return desk.ana.post(desk.section(), {**opened, "body": "Typed.\n"})


def a_form_of_what_was_removed(desk: Desk) -> Any:
    opened = fields(desk.ana, desk.section(), "section_form")
    desk.ben.post(desk.section("delete"), fields(desk.ben, desk.section("delete"), "delete_form"))
    return desk.ana.post(f"/admin/procedures/section/{_pk(opened)}/change/", {**opened, "body": "Typed.\n"})


def _pk(_opened: dict[str, Any]) -> int:
    return 999_999


def published_twice(desk: Desk) -> Any:
    desk.signed()
    assert desk.pat.post(desk.step("publish"), {"kind": "wording"}, follow=True).status_code == 200
    return desk.pat.post(desk.step("publish"), {"kind": "wording", "note": "Typed."})


def published_without_saying_what_changed(desk: Desk) -> Any:
    return desk.pat.post(desk.step("publish"), {"note": "Typed."})


def sent_twice(desk: Desk) -> Any:
    desk.signed()
    return desk.ana.post(desk.step("send"), {"kind": "wording", "note": "Typed."})


def unsigned_words_published_over_signed_ones(desk: Desk) -> Any:
    desk.signed()
    desk.pat.post(desk.step("publish"), {"kind": "wording"}, follow=True)
    save(desk.ana, desk.section(), "section_form", body="Other.\n")
    return desk.pat.post(desk.step("publish"), {"kind": "wording", "note": "Typed."})


def published_at_a_time_that_has_passed(desk: Desk) -> Any:
    desk.signed()
    return desk.pia.post(desk.step("publish-at"), {"at": "2020-01-31T09:00"})


def published_at_no_time_at_all(desk: Desk) -> Any:
    desk.signed()
    return desk.pia.post(desk.step("publish-at"), {"at": "soon"})


def taken_down_what_is_not_live(desk: Desk) -> Any:
    return desk.pia.post(desk.step("take-down"), {"why": "Typed."})


def taken_down_without_a_reason(desk: Desk) -> Any:
    desk.signed()
    desk.pat.post(desk.step("publish"), {"kind": "wording"}, follow=True)
    return desk.pia.post(desk.step("take-down"), {"why": ""})


def a_slug_that_another_guide_has(desk: Desk) -> Any:
    write_rows(make_document(folder="other", slug="other"))
    form = {**fields(desk.ana, desk.step("change"), "guide_form"), "slug": "other", "title": "Typed."}
    return desk.ana.post(desk.step("change"), form)


def a_slug_that_the_site_needs(desk: Desk) -> Any:
    form = {**fields(desk.ana, desk.section(), "section_form"), "slug": "plan", "title": "Typed."}
    return desk.ana.post(desk.section(), form)


def a_published_step_without_the_role(desk: Desk) -> Any:
    desk.signed()
    return desk.ana.post(desk.step("publish"), {"kind": "wording"})


def a_forged_link(desk: Desk) -> Any:
    return Client().get(f"{preview_path(desk.guide)[:-2]}x/")


def an_expired_link(desk: Desk) -> Any:
    path = preview_path(desk.guide, desk.send(), shared=True)
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=8), tick=False):
        return Client().get(path)


def a_stopped_link(desk: Desk) -> Any:
    revision = desk.send()
    shown = desk.ana.get(f"/admin/procedures/revision/{revision.pk}/share/")
    path = "/preview/" + shown.content.decode().split("/preview/")[1].split('"')[0]
    assert Client().get(path).status_code == 200
    desk.ana.post(f"/admin/procedures/revision/{revision.pk}/share/")
    return Client().get(path)


REFUSALS: list[tuple[Attempt, int, str, str]] = [
    # what is tried, the status, words of the sentence with its next step, what was typed and is kept
    (own_words_signed, 409, "Ask another medical reviewer to sign it", ""),
    (a_text_that_was_replaced_signed, 409, "does not wait for a signature", ""),
    (signed_until_a_day_that_has_passed, 409, "Choose another day", "Typed."),
    (signed_without_credentials, 422, "Say which credentials you sign with", "Typed."),
    (a_stale_form, 409, "Nothing was overwritten", "Typed."),
    (a_form_of_what_was_removed, 409, "Save to put it back with your text", "Typed."),
    (published_twice, 409, "Change something", ""),
    (published_without_saying_what_changed, 422, "Say what was changed", "Typed."),
    (sent_twice, 409, "Publish it; there is no need to send it again", "Typed."),
    (unsigned_words_published_over_signed_ones, 409, "Wait until this one is signed too", "Typed."),
    (published_at_a_time_that_has_passed, 409, "Choose a later one, or publish now", "2020-01-31T09:00"),
    (published_at_no_time_at_all, 422, "Write the day and the time like this", "soon"),
    (taken_down_what_is_not_live, 409, "there is nothing to take down", ""),
    (taken_down_without_a_reason, 422, "Say why the guide is taken down", ""),
    (a_slug_that_another_guide_has, 422, "belongs to “Testing” already; choose another", "Typed."),
    (a_slug_that_the_site_needs, 422, "needs this address itself", "Typed."),
    (a_published_step_without_the_role, 403, "Only publishers publish. Ask a publisher", ""),
    (a_forged_link, 404, "This page does not exist", ""),
    (an_expired_link, 410, "Open the guide in the admin and choose Preview again", ""),
    (a_stopped_link, 410, "Ask whoever sent it to you for a new one", ""),
]


@pytest.mark.parametrize(
    ("attempt", "status", "words", "typed"), REFUSALS, ids=[attempt.__name__ for attempt, *_rest in REFUSALS]
)
def test_a_refusal_says_why_and_what_to_do_and_keeps_what_was_typed(
    guide: Guide, at_desk, attempt: Attempt, status: int, words: str, typed: str
) -> None:  # type: ignore[no-untyped-def]
    desk = Desk(guide, at_desk)
    answer = attempt(desk)
    text = answer.content.decode()
    assert answer.status_code == status
    assert words in text.replace("&#x27;", "'")
    assert typed in text
    assert "successfully" not in text
    assert not any(message.level_tag == "success" for message in (answer.context or {}).get("messages", ()))
    assert read(answer).refused == []


def test_what_was_refused_can_be_mended_on_the_page_that_refused_it(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    desk = Desk(guide, at_desk)
    answer = desk.ana.post(desk.step("send"), {"note": "Typed."})
    forms = read(answer).forms
    form = forms[desk.step("send")]
    assert form["note"] == "Typed."
    assert desk.ana.post(desk.step("send"), {**form, "kind": "typo"}).status_code == 302
    assert guide.revisions.get().note == "Typed."
    assert f'action="{desk.step("change")}"' in answer.content.decode()


def test_every_link_of_a_guide_is_stopped_and_none_of_another(guide: Guide, at_desk, person) -> None:  # type: ignore[no-untyped-def]
    other = write_rows(make_document(folder="other", slug="other"))
    paths = [preview_path(other), preview_path(guide)]
    stop_previews(guide, by=person("ina", "Author"))
    assert [Client().get(path).status_code for path in paths] == [200, 410]
    event = guide.events.get()
    assert (event.step, event.by.get_username()) == ("stop_previews", "ina")
    nobody = at_desk("nora")
    revision = publishing.submit(guide, by=None, kind="wording")
    for send in (nobody.get, nobody.post):
        assert send(f"/admin/procedures/revision/{revision.pk}/share/").status_code == 403
