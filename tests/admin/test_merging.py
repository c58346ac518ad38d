"""Two people on one piece of text: the second sees both and what they started from, and no word of either is lost."""

from __future__ import annotations

import json
import re

import pytest

from procedures.models import CostItem, Edit, Guide, Question, Section, Source

from .paper import fields, read, said, save

START = "One stands. Two sit. Three lie.\n\nFour walk.\n"


def section(guide: Guide, key: str = "overview") -> str:
    return f"/admin/procedures/section/{guide.sections.get(key=key).pk}/change/"


def listing(guide: Guide, name: str) -> str:
    return f"/admin/procedures/guide/{guide.pk}/list/{name}/"


@pytest.fixture
def desk(guide: Guide, at_desk):  # type: ignore[no-untyped-def]
    """Two authors before the same guide, whose overview was saved once."""
    ana, ben = at_desk("ana", "Author"), at_desk("ben", "Author")
    save(ana, section(guide), "section_form", body=START)
    return ana, ben


def marked(html: str) -> set[tuple[str, str]]:
    plain = re.sub(r"<span class=\"visually-hidden\">.*?</span>", "", html)
    return set(re.findall(r"<(ins|del)>(.*?)</(?:ins|del)>", plain, re.S))


def test_what_does_not_overlap_is_put_together_and_saved_by_one_button(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    save(ben, section(guide), "section_form", body=START.replace("Two sit", "Two fell"))
    answer = ana.post(section(guide), {**opened, "body": START.replace("Four walk", "Four ran")})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "changed successfully" not in text
    assert "Saved as a draft" not in text
    assert marked(text) == {("del", "sit"), ("ins", "fell"), ("del", "walk"), ("ins", "ran")}
    assert "The text you both started from" in text
    assert "you both changed the same words" not in text
    assert guide.sections.get(key="overview").body == START.replace("Two sit", "Two fell")
    kept = Edit.objects.get(origin="conflict")
    assert (json.loads(kept.text)["body"], kept.by.get_username()) == (START.replace("Four walk", "Four ran"), "ana")
    assert read(answer).refused == []
    done = ana.post(section(guide), read(answer).forms["clash_form"], follow=True)
    assert "Saved as a draft" in said(done)
    assert guide.sections.get(key="overview").body == "One stands. Two fell. Three lie.\n\nFour ran.\n"


def test_where_both_changed_the_same_words_both_stand_and_it_is_said(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    save(ben, section(guide), "section_form", body=START.replace("Two sit", "Two fell"))
    answer = ana.post(section(guide), {**opened, "body": START.replace("Two sit", "Two ran")})
    assert "In one place you both changed the same words" in answer.content.decode()
    box = read(answer).forms["clash_form"]["body"].replace("\r\n", "\n")
    assert box == "One stands. Two fell. Two ran. Three lie.\n\nFour walk.\n"


def test_a_merge_may_clash_again_and_loses_nothing(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    save(ben, section(guide), "section_form", body=START.replace("One", "1"))
    first = ana.post(section(guide), {**opened, "body": START.replace("Three", "3")})
    save(ben, section(guide), "section_form", body=START.replace("One", "1").replace("Four", "4"))
    second = ana.post(section(guide), read(first).forms["clash_form"])
    assert second.status_code == 409
    ana.post(section(guide), read(second).forms["clash_form"])
    assert guide.sections.get(key="overview").body == "1 stands. Two sit. 3 lie.\n\n4 walk.\n"
    assert Edit.objects.filter(origin="conflict").count() == 2


def test_pressing_save_twice_or_changing_nothing_is_no_clash(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    mine = {**opened, "body": START.replace("One", "1")}
    assert "Saved" in said(ana.post(section(guide), mine, follow=True))
    assert "Nothing was changed" in said(ana.post(section(guide), mine, follow=True))
    assert "Nothing was changed" in said(ben.post(section(guide), opened, follow=True))
    assert guide.sections.get(key="overview").body == START.replace("One", "1")
    assert not Edit.objects.filter(origin="conflict").exists()


def test_different_units_never_collide(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    save(ben, section(guide, "risks"), "section_form", title="Dangers")
    save(ben, listing(guide, "costs"), "guide_form", **{"costs-0-high": 700})
    assert "Saved" in said(ana.post(section(guide), {**opened, "title": "At a glance"}, follow=True))


def test_in_a_list_only_the_rows_that_clash_come_back(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    for key in ("who", "where"):
        Question.objects.create(guide=guide, key=key, position=5, question=f"{key.title()} does it?")
    path = listing(guide, "questions")
    save(ana, path, "guide_form", **{"questions-0-why": "Mixes differ much."})
    opened = fields(ana, path, "guide_form")
    save(ben, path, "guide_form", **{"questions-0-why": "Mixes differ a lot.", "questions-2-why": "Places differ."})
    answer = ana.post(path, {**opened, "questions-0-question": "What is inside?", "questions-1-why": "Hands differ."})
    assert answer.status_code == 409
    assert "Everything else on the page is saved" in answer.content.decode()
    form = read(answer).forms["clash_form"]
    assert form["questions-TOTAL_FORMS"] == form["questions-INITIAL_FORMS"] == "1"
    assert Question.objects.get(key="who").why == "Hands differ."
    assert Question.objects.get(key="where").why == "Places differ."
    assert "Saved" in said(ana.post(path, form, follow=True))
    row = Question.objects.get(key="what")
    assert (row.question, row.why) == ("What is inside?", "Mixes differ a lot.")
    assert guide.questions.count() == 3


def test_a_row_another_removed_comes_back_with_its_text_only_if_it_is_wanted(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    path = listing(guide, "questions")
    Question.objects.create(guide=guide, key="who", position=5, question="Who does it?")
    opened = fields(ana, path, "guide_form")
    save(ben, path, "guide_form", **{"questions-0-DELETE": "on"})
    untouched = ana.post(path, {**opened, "questions-1-why": "Hands differ."}, follow=True)
    assert "Saved" in said(untouched)
    assert list(guide.questions.values_list("key", "why")) == [("who", "Hands differ.")]
    answer = ana.post(path, {**opened, "questions-0-why": "It matters."})
    assert answer.status_code == 409
    assert "ben removed this while you were writing" in answer.content.decode()
    assert json.loads(Edit.objects.get(origin="conflict").text)["why"] == "It matters."
    assert not guide.questions.filter(key="what").exists()
    assert "Saved" in said(ana.post(path, read(answer).forms["clash_form"], follow=True))
    assert guide.questions.get(key="what").why == "It matters."


def test_a_row_another_changed_is_not_removed_unseen(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    path = listing(guide, "costs")
    opened = fields(ana, path, "guide_form")
    save(ben, path, "guide_form", **{"costs-0-high": 700})
    answer = ana.post(path, {**opened, "costs-0-DELETE": "on"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "You wanted to remove it" in text
    assert CostItem.objects.get().high == 700
    form = read(answer).forms["clash_form"]
    assert "Nothing was changed" in said(ana.post(path, form, follow=True))
    assert ana.post(path, {**form, "costs-0-DELETE": "on"}).status_code == 302
    assert not CostItem.objects.exists()


def test_a_section_another_saved_is_not_deleted_unseen(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    delete = section(guide).replace("change", "delete")
    opened = fields(ana, delete, "delete_form")
    save(ben, section(guide), "section_form", body=START.replace("Two sit", "Two fell"))
    for sent in (opened, {"post": "yes"}):
        answer = ana.post(delete, sent)
        assert answer.status_code == 409
        assert "Nothing was deleted: ben saved" in answer.content.decode()
        assert guide.sections.get(key="overview").body == START.replace("Two sit", "Two fell")
        assert marked(answer.content.decode()) == ({("del", "sit"), ("ins", "fell")} if sent is opened else set())
    form = read(answer).forms["delete_form"]
    done = ana.post(delete, form, follow=True)
    assert "Deleted from the draft" in said(done)
    assert not guide.sections.filter(key="overview").exists()
    texts = list(Edit.objects.filter(unit="testing/overview.md").values_list("text", flat=True)[:2])
    assert texts[0] == ""
    assert "Two fell" in texts[1], "the newer text is on record"


def test_a_section_another_removed_can_be_put_back_with_what_was_typed(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    path = section(guide)
    opened = fields(ana, path, "section_form")
    delete = path.replace("change", "delete")
    ben.post(delete, fields(ben, delete, "delete_form"))
    answer = ana.post(path, {**opened, "body": "Mine.\n"})
    assert answer.status_code == 409
    assert "ben removed this while you were writing" in answer.content.decode()
    assert json.loads(Edit.objects.get(origin="conflict").text)["body"] == "Mine.\n"
    form = read(answer).forms["clash_form"]
    assert "Saved" in said(ana.post(f"/admin/procedures/section/add/?guide={guide.pk}", form, follow=True))
    assert Section.objects.get(key="overview").body == "Mine.\n"


def test_own_fields_numbers_choices_and_lists_of_keys(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    hub = f"/admin/procedures/guide/{guide.pk}/change/"
    save(ana, hub, "guide_form", decision="You are deciding.")
    opened = fields(ana, hub, "guide_form")
    save(ben, hub, "guide_form", title="Tests", status_cites="agency-2020, trial")
    answer = ana.post(hub, {**opened, "summary": "Tried out.", "key_facts-0-label": "Hours"})
    assert answer.status_code == 409
    form = read(answer).forms["clash_form"]
    ana.post(hub, form)
    guide.refresh_from_db()
    assert (guide.title, guide.summary) == ("Tests", "Tried out.")
    assert guide.status_cites == ["agency-2020", "trial"]
    assert guide.key_facts.get().label == "Hours"
    path = listing(guide, "costs")
    save(ana, path, "guide_form", **{"costs-0-low": 100})
    opened = fields(ana, path, "guide_form")
    save(ben, path, "guide_form", **{"costs-0-high": 700, "costs-0-per": "course"})
    answer = ana.post(path, {**opened, "costs-0-high": 800, "costs-0-year": 2020})
    form = read(answer).forms["clash_form"]
    assert (form["costs-0-high"], form["costs-0-per"], form["costs-0-year"]) == ("700", "course", "2020")
    assert ("ins", "800") in marked(answer.content.decode())


def test_an_option_and_a_source_are_merged_too(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    for path, form, one, other in (
        (f"/admin/procedures/option/{guide.options.get(key='test').pk}/change/", "option_form", "benefit_text", "harms_text"),
        (f"/admin/procedures/source/{Source.objects.get(key='paper-2008').pk}/change/", "source_form", "title", "note"),
    ):  # fmt: skip
        save(ana, path, form, **{one: "Words kept."})
        opened = fields(ana, path, form)
        save(ben, path, form, **{one: "From Ben."})
        answer = ana.post(path, {**opened, other: "From Ana."})
        assert answer.status_code == 409
        merged = read(answer).forms["clash_form"]
        assert (merged[one], merged[other]) == ("From Ben.", "From Ana.")
        assert "Saved" in said(ana.post(path, merged, follow=True))


def test_a_text_that_does_not_hold_is_mended_first_and_clashes_then(guide: Guide, desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = desk
    opened = fields(ana, section(guide), "section_form")
    save(ben, section(guide), "section_form", body="From Ben.\n")
    answer = ana.post(section(guide), {**opened, "body": "See [it](section:nowhere).\n"})
    assert answer.status_code == 422
    again = read(answer).forms["section_form"]
    assert "nowhere" in again["body"]
    assert ana.post(section(guide), {**again, "body": "Mended.\n"}).status_code == 409
    assert guide.sections.get(key="overview").body == "From Ben.\n"
