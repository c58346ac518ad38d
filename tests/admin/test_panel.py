"""What the checks find is shown where it is to be corrected, and each finding leads to its place in one click."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procedures import publishing
from procedures.models import GlossaryTerm, Guide, Image, Option, Question, Review, Section, Source, WarningSign

from ..publishing.conftest import People, release, reword
from .paper import read, save


def hub(guide: Guide) -> str:
    return f"/admin/procedures/guide/{guide.pk}/change/"


def found(client: Client, path: str) -> dict[str, list[tuple[str, str]]]:
    """What the panel of a page shows: check → (where, address). Every address is opened, and its place is on that page."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert read(answer).refused == []
    panel = answer.context["panel"]
    for group in panel.groups:
        for one in group.items:
            assert one.where in answer.content.decode()
            page, _hash, place = one.url.partition("#")
            there = client.get(page)
            assert there.status_code == 200, one
            if place:
                assert f'id="{place}"' in there.content.decode(), one
    return {str(group.name): [(one.where, one.url) for one in group.items] for group in panel.groups}


@pytest.fixture
def ana(at_desk: Any) -> Client:
    return at_desk("ana", "Author")  # type: ignore[no-any-return]


@pytest.fixture
def faulty(guide: Guide) -> Guide:
    """A guide with something wrong in every kind of place."""
    Source.objects.update(opened=timezone.localdate())
    Section.objects.filter(guide=guide, key="overview").update(
        body="## What it is\n\nIt is a [probe](glossary:probe).\n\nIt takes 10 sessions.\n", summary="It costs $250."
    )
    Question.objects.filter(guide=guide).update(why="See [](glossary:nothing).")
    option = Option.objects.get(guide=guide, key="test")
    option.cells = {**option.cells, "benefit": {"text": "It was in 3 towns."}}
    option.cells["harms"] = {"text": "Words.", "cites": ["nobody"]}
    option.save()
    guide.answers.filter(key="cost").update(more="section:overview#nowhere")
    guide.claims.update(says="")
    guide.key_facts.update(text="9 in 10", cites=[])
    WarningSign.objects.filter(guide=guide).update(urgency="soon")
    Guide.objects.filter(pk=guide.pk).update(summary="In 3 towns.", status_note="It was in 4 towns.", status_cites=[])
    guide.refresh_from_db()
    return guide


def test_the_hub_shows_everything_each_one_click_from_its_place(faulty: Guide, ana: Client) -> None:
    here = hub(faulty)
    section = faulty.sections.get(key="overview").pk
    option = faulty.options.get(key="test").pk
    shown = found(ana, here)
    lists = here.replace("change/", "list/")
    assert sorted(shown["Number without a mark"]) == sorted(
        [
            ("The guide itself, In short", f"{here}#id_summary"),
            ("The guide itself, Status in words", f"{here}#id_status_note"),
            ("Sections: Overview, In short", f"/admin/procedures/section/{section}/change/#id_summary"),
            ("Sections: Overview, line 5", f"/admin/procedures/section/{section}/change/#id_body-line-5"),
            ("Key facts: Time, Fact", f"{here}#id_key_facts-0-text"),
            ("Choice table: Testing, What it can do", f"/admin/procedures/option/{option}/change/#id_benefit_text"),
        ]
    )
    assert shown["No sign of an emergency"] == [("Warning signs", f"{lists}warning_signs/")]
    assert shown["Link to a heading that is not there"][0][1].endswith("-more")
    assert shown["Key, link or block that does not work"] == [
        ("Questions to ask: What is in it?, Why it matters", f"{lists}questions/#id_questions-0-why")
    ]
    places = [url for _where, url in shown["Field that is not filled in as it must be"]]
    assert f"/admin/procedures/option/{option}/change/#id_harms_cites" in places
    assert f"/admin/procedures/claim/{faulty.claims.get().pk}/change/#id_says" in places
    assert shown["Old price"] == [("Costs: One session, Year", f"{lists}costs/#id_costs-0-year")]


def test_a_form_shows_only_its_own_findings_and_the_hub_how_many(faulty: Guide, ana: Client) -> None:
    section = f"/admin/procedures/section/{faulty.sections.get(key='overview').pk}/change/"
    assert found(ana, section) == {
        "Number without a mark": [("In short", f"{section}#id_summary"), ("line 5", f"{section}#id_body-line-5")]
    }
    other = f"/admin/procedures/section/{faulty.sections.get(key='costs').pk}/change/"
    assert found(ana, other) == {}
    assert "The checks found nothing" in ana.get(other).content.decode()
    costs = hub(faulty).replace("change/", "list/costs/")
    assert list(found(ana, costs)) == ["Old price"]
    option = f"/admin/procedures/option/{faulty.options.get(key='test').pk}/change/"
    assert list(found(ana, option)) == ["Field that is not filled in as it must be", "Number without a mark"]
    text = re.sub(r"\s+", " ", ana.get(hub(faulty)).content.decode())
    assert re.search(r"Overview</a> <span class=\"found\">2 errors</span>", text)
    assert re.search(r"Testing</a> <span class=\"found\">2 errors</span>", text)
    assert re.search(r"Costs</a> <span class=\"quiet\">1</span> <span class=\"found\">1 warning</span>", text)
    claims = re.sub(r"\s+", " ", ana.get(hub(faulty).replace("change/", "list/claims/")).content.decode())
    assert '<span class="found">1 error</span>' in claims


def test_what_the_panel_calls_an_error_is_what_stops_sending(faulty: Guide, ana: Client) -> None:
    panel = ana.get(hub(faulty)).context["panel"]
    with pytest.raises(publishing.Unfit) as refusal:
        publishing.submit(faulty, by=None, kind="wording")
    stops = {(one.unit, one.line, one.message) for one in panel.findings if one.level == "error"}
    assert stops == {(one.unit, one.line, one.message) for one in refusal.value.findings}
    answer = ana.post(hub(faulty).replace("change/", "send/"), {"kind": "wording"}, follow=True)
    assert f"{len(refusal.value.findings)} errors stop it" in "".join(map(str, answer.context["messages"]))
    assert answer.context["panel"].errors >= len(refusal.value.findings)


def test_what_was_saved_is_checked_at_once(guide: Guide, ana: Client) -> None:
    path = f"/admin/procedures/section/{guide.sections.get(key='overview').pk}/change/"
    assert found(ana, path) == {}
    answer = save(ana, path, "section_form", body="## What it is\n\nIt takes 10 sessions.\n")
    assert [str(group.name) for group in answer.context["panel"].groups] == ["Number without a mark"]
    answer = save(ana, path, "section_form", body="## What it is\n\nIt takes 10 sessions.[^trial]\n")
    assert answer.context["panel"].groups == ()


def test_sources_words_and_pictures_show_their_own_findings(guide: Guide, ana: Client) -> None:
    source = f"/admin/procedures/source/{Source.objects.get(key='paper-2008').pk}/change/"
    assert found(ana, source) == {"Link not opened within a year": [("Link opened on", f"{source}#id_opened")]}
    Source.objects.update(opened=timezone.localdate())
    assert found(ana, source) == {}
    term = GlossaryTerm.objects.get(key="probe")
    word = f"/admin/procedures/glossaryterm/{term.pk}/change/"
    assert found(ana, word) == {}
    GlossaryTerm.objects.update(definition="A thing of 3 parts that [tests](glossary:nothing).")
    assert sorted(found(ana, word)) == ["Key, link or block that does not work", "Number without a mark"]
    picture = Image.objects.create(key="map", file="0" * 64 + ".png", width=10, height=10, words="a map")
    path = f"/admin/procedures/image/{picture.pk}/change/"
    (((_where, url),),) = found(ana, path).values()
    assert url == f"{path}#id_words"


def test_an_overdue_review_of_the_live_text_is_named(
    live_guide: Guide, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = Client()
    ana.force_login(people.author)
    release(live_guide, people)
    reword(live_guide, by=people.author)
    assert "Review overdue" not in found(ana, hub(live_guide))
    late = Review.objects.get().next_due + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_: late)
    assert found(ana, hub(live_guide))["Review overdue"] == [("The guide itself", hub(live_guide))]


def test_who_may_only_read_sees_the_findings_too(faulty: Guide, at_desk: Any) -> None:
    answer = at_desk("rob", "Medical reviewer").get(hub(faulty))
    assert answer.status_code == 200
    assert answer.context["panel"].errors > 5
    assert at_desk("nobody").get(hub(faulty)).status_code == 403


def test_looking_again_costs_no_second_check(guide: Guide, ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from procedures import quality

    asked: list[str] = []
    plain = quality.findings
    monkeypatch.setattr(quality, "findings", lambda *args, **how: asked.append("x") or plain(*args, **how))
    Guide.objects.update(title="A title nobody has checked yet")
    with CaptureQueriesContext(connection) as first:
        ana.get(hub(guide))
    with CaptureQueriesContext(connection) as second:
        ana.get(hub(guide))
    assert asked == ["x"]
    assert len(second) <= len(first)
