"""Every page of the desk saves what was typed, records it once, and overwrites nobody."""

from __future__ import annotations

import pytest
from django.db.models.signals import pre_save

from procedures.document import text_of, units
from procedures.models import Claim, CostItem, Edit, Figure, Guide, Option, Question, Section, part_of, working_document

from .paper import fields, read, said, save

LISTS = ("costs", "stages", "questions", "warning_signs", "figures")


def page(guide: Guide, name: str = "") -> str:
    return f"/admin/procedures/guide/{guide.pk}/" + (f"list/{name}/" if name else "change/")


def edits() -> list[tuple[str, str]]:
    return list(Edit.objects.order_by("pk").values_list("unit", "origin"))


def test_saving_any_page_unchanged_changes_nothing_and_records_nothing(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    before = units(working_document(guide))
    for path, form in [
        (page(guide), "guide_form"),
        *((page(guide, name), "guide_form") for name in LISTS),
        *((f"/admin/procedures/section/{row.pk}/change/", "section_form") for row in guide.sections.all()),
        *((f"/admin/procedures/option/{row.pk}/change/", "option_form") for row in guide.options.all()),
        *((f"/admin/procedures/claim/{row.pk}/change/", "claim_form") for row in guide.claims.all()),
    ]:
        answer = save(client, path, form)
        assert "Nothing was changed" in said(answer), (path, answer.context.get("errors"))
    assert units(working_document(guide)) == before
    assert edits() == []


def test_one_changed_word_is_one_edit_by_the_person(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    section = guide.sections.get(key="overview")
    answer = save(
        client,
        f"/admin/procedures/section/{section.pk}/change/",
        "section_form",
        body="## Now\r\n\r\nOther words.\r\n\r\n",
    )
    assert "Saved as a draft" in said(answer)
    section.refresh_from_db()
    assert section.body == "## Now\n\nOther words.\n"
    (edit,) = Edit.objects.all()
    assert (edit.unit, edit.text, edit.by.get_username(), edit.origin, edit.guide) == (
        "testing/overview.md",
        text_of(part_of(section)),
        "ana",
        "admin",
        guide,
    )


def test_own_fields_answers_and_key_facts_are_saved_from_the_hub(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    answer = save(
        client,
        page(guide),
        "guide_form",
        title="Testing anew",
        status_cites="trial agency-2020",
        **{"answers-0-text": "Another answer.", "key_facts-0-label": "Hours"},
    )
    assert "Saved" in said(answer), answer.context["errors"]
    guide.refresh_from_db()
    assert (guide.title, guide.status_cites) == ("Testing anew", ["trial", "agency-2020"])
    assert guide.answers.get(key="approved").text == "Another answer."
    assert [unit for unit, _origin in edits()] == [
        "testing/guide.yaml",
        "testing/guide.yaml#answers/approved",
        "testing/guide.yaml#key_facts/time",
    ]


def test_a_row_is_added_at_the_end_and_its_key_stays(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    new = {"key": "who", "question": "Who does it?", "why": "", "cites": "", "token": "", "id": "", "guide": guide.pk}
    save(
        client,
        page(guide, "questions"),
        "guide_form",
        **{"questions-TOTAL_FORMS": 2},
        **{f"questions-1-{name}": value for name, value in new.items()},
    )
    assert list(guide.questions.values_list("key", "position")) == [("what", 0), ("who", 1)]
    assert [unit for unit, _origin in edits()] == ["testing/guide.yaml#questions", "testing/guide.yaml#questions/who"]
    save(
        client, page(guide, "questions"), "guide_form", **{"questions-1-key": "other", "questions-1-why": "It matters."}
    )
    assert Question.objects.get(key="who").why == "It matters."
    answer = save(
        client,
        page(guide, "questions"),
        "guide_form",
        **{"questions-TOTAL_FORMS": 3},
        **{f"questions-2-{name}": value for name, value in new.items()},
    )
    assert b"taken already" in answer.content
    assert guide.questions.count() == 2


def test_a_deleted_row_is_recorded_empty(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    save(client, page(guide, "costs"), "guide_form", **{"costs-0-DELETE": "on"})
    assert not CostItem.objects.exists()
    assert list(Edit.objects.order_by("unit").values_list("unit", "text")) == [
        ("testing/guide.yaml#costs", ""),
        ("testing/guide.yaml#costs/old", ""),
    ]


def test_a_section_is_added_and_deleted_with_its_page(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    add = f"/admin/procedures/section/add/?guide={guide.pk}"
    answer = save(client, add, "section_form", key="care", title="Care afterwards", body="## Rest")
    assert answer.redirect_chain[-1][0].startswith("/admin/procedures/section/")
    section = Section.objects.get(key="care")
    assert (section.guide, section.position, section.body) == (guide, 3, "## Rest\n")
    answer = save(client, add, "section_form", key="care", title="Again", body="")
    assert b"taken already" in answer.content
    delete = f"/admin/procedures/section/{section.pk}/delete/"
    answer = client.post(delete, fields(client, delete, "delete_form"), follow=True)
    assert answer.redirect_chain[-1][0] == page(guide)
    assert Edit.objects.filter(unit="testing/care.md").first().text == ""  # type: ignore[union-attr]
    assert client.get("/admin/procedures/section/add/").status_code == 404


def test_a_stale_form_overwrites_nothing_and_shows_both_texts(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = at_desk("ana", "Author"), at_desk("ben", "Author")
    path = f"/admin/procedures/section/{guide.sections.get(key='risks').pk}/change/"
    opened = fields(ana, path, "section_form")
    save(ben, path, "section_form", body="## Ben was here\n")
    answer = ana.post(path, {**opened, "body": "## Ana was here\n"})
    shown = answer.content.decode()
    assert "ben saved this while you were writing" in shown
    assert "Ben was here" in shown
    assert "Ana was here" in shown
    assert Section.objects.get(key="risks").body == "## Ben was here\n"
    assert answer.status_code == 409
    again = read(answer).forms["clash_form"]
    answer = ana.post(path, {**again, "body": "## Both were here\n"}, follow=True)
    assert "Saved" in said(answer)
    assert Section.objects.get(key="risks").body == "## Both were here\n"


def test_a_stale_row_of_a_list_is_refused_too(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, ben = at_desk("ana", "Author"), at_desk("ben", "Author")
    for path, name in ((page(guide, "questions"), "questions-0-why"), (page(guide), "summary")):
        opened = fields(ana, path, "guide_form")
        save(ben, path, "guide_form", **{name: "From Ben."})
        answer = ana.post(path, {**opened, name: "From Ana."})
        assert b"ben saved this while you were writing" in answer.content
    assert Question.objects.get(key="what").why == "From Ben."
    assert Guide.objects.get().summary == "From Ben."


def test_saving_the_hub_never_moves_what_is_live(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author", "Publisher")

    def taken_down_meanwhile(**_: object) -> None:
        Guide.objects.filter(pk=live_guide.pk).update(live=None)

    pre_save.connect(taken_down_meanwhile, sender=Guide)
    try:
        save(client, page(live_guide), "guide_form", title="Later")
        save(client, page(live_guide, "questions"), "guide_form", **{"questions-0-why": "Later."})
    finally:
        pre_save.disconnect(taken_down_meanwhile, sender=Guide)
    row = Guide.objects.get(pk=live_guide.pk)
    assert (row.title, row.live) == ("Later", None)


@pytest.mark.parametrize(
    ("where", "changes", "words"),
    [
        ("section", {"body": "## One\n\nText.[^triel]\n"}, ["line 3: unknown source", "did you mean", "trial"]),
        ("section", {"body": "# One\n"}, ["line 1:", "title of the page"]),
        ("section", {"title": ""}, ["This field is required"]),
        ("section", {"slug": "plan"}, ["needs this address itself"]),
        ("hub", {"answers-0-cites": "triel"}, ["unknown source", "did you mean", "trial"]),
        ("hub", {"answers-0-more": "section:overvieew"}, ["Name a section", "overview"]),
        ("hub", {"emergency_call": ""}, ["which number to call"]),
        ("claim", {"cites": "trial"}, ["unknown source"]),
        ("stages", {"stages-0-signs": "breaht"}, ["unknown warning sign", "breath"]),
        ("stages", {"stages-0-do": "Sleep.\nSee [it](section:nowhere)."}, ["line 2:", "unknown section"]),
        ("costs", {"costs-0-high": "100"}, ["smaller than"]),
        ("costs", {"costs-0-currency": "usd"}, ["three capital letters"]),
        ("figures", {"figures-0-data": "sessions: ten\ngap_weeks: [1, 2]"}, ["whole number from 1 to 60"]),
        ("figures", {"figures-0-data": "sessions: 1\nsessions: 2"}, ["line 2:"]),
        ("figures", {"figures-0-data": "sessions: [1"}, ["line"]),
        ("figures", {"figures-0-data": "just words"}, ["name, a colon and a value"]),
        ("figures", {"figures-0-data": "a: &x [1]\nb: *x"}, ["line 1:"]),
        ("option", {"benefit_text": "", "benefit_cites": ""}, ["row `benefit` is empty"]),
        ("option", {"benefit_state": "no-good-evidence", "benefit_text": "", "benefit_cites": ""}, ["who looked"]),
        ("option", {"benefit_state": "not-looked-into"}, ["There is a text"]),
        ("option", {"benefit_text": "Words.[^triel]"}, ["unknown source", "trial"]),
        ("option", {"benefit_cites": "triel"}, ["unknown source", "trial"]),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    guide: Guide, at_desk, where: str, changes: dict[str, str], words: list[str]
) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    path, form = {
        "section": (f"/admin/procedures/section/{guide.sections.get(key='overview').pk}/change/", "section_form"),
        "option": (f"/admin/procedures/option/{guide.options.get(key='test').pk}/change/", "option_form"),
        "claim": (f"/admin/procedures/claim/{guide.claims.get().pk}/change/", "claim_form"),
        "hub": (page(guide), "guide_form"),
    }.get(where, (page(guide, where), "guide_form"))
    before = units(working_document(guide))
    answer = save(client, path, form, **changes)
    assert answer.status_code == 422
    assert not answer.redirect_chain
    found = " ".join(str(error) for error in answer.context["errors"]).replace("&quot;", '"')
    for word in words:
        assert word in found, found
    assert units(working_document(guide)) == before
    assert edits() == []


def test_lists_and_data_are_typed_as_plain_words(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    save(
        client,
        page(guide, "figures"),
        "guide_form",
        **{"figures-0-data": '{"sessions": 6, "gap_weeks": [2, 4]}', "figures-0-cites": "[^trial], agency-2020"},
    )
    figure = Figure.objects.get()
    assert (figure.data, figure.cites) == ({"sessions": 6, "gap_weeks": [2, 4]}, ["trial", "agency-2020"])
    shown = fields(client, page(guide, "figures"), "guide_form")
    assert shown["figures-0-data"].split() == ["sessions:", "6", "gap_weeks:", "[2,", "4]"]
    assert shown["figures-0-cites"] == "trial, agency-2020"
    save(client, page(guide, "stages"), "guide_form", **{"stages-0-do": " Sleep.\r\n\r\nDrink water. \r\n"})
    assert guide.stages.get().do == ["Sleep.", "Drink water."]
    claim = f"/admin/procedures/claim/{guide.claims.get().pk}/change/"
    save(client, claim, "claim_form", says="It helped\r\nnobody at all.")
    assert Claim.objects.get().says == "It helped nobody at all."


def test_an_option_is_saved_cell_by_cell(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    path = f"/admin/procedures/option/{guide.options.get(key='none').pk}/change/"
    save(
        client,
        path,
        "option_form",
        cost_state="text",
        cost_text="Nothing.",
        cost_cites="trial",
        harms_state="no-good-evidence",
        harms_cites="trial",
    )
    cells = Option.objects.get(key="none").cells
    assert cells["cost"] == {"text": "Nothing.", "cites": ["trial"]}
    assert cells["harms"] == {"state": "no-good-evidence", "cites": ["trial"]}
    assert cells["pain"] == {"state": "not-looked-into"}
    assert edits() == [("testing/guide.yaml#options/none", "admin")]


def test_an_option_is_added(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    answer = save(
        client,
        f"/admin/procedures/option/add/?guide={guide.pk}",
        "option_form",
        key="other",
        name="Another",
        role="other",
    )
    assert "Saved" in said(answer), answer.context["errors"]
    assert Option.objects.get(key="other").position == 2


def test_sections_move_up_and_down_and_only_the_order_is_recorded(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    path = f"/admin/procedures/guide/{guide.pk}/order/sections/"
    client.post(path, {"key": "overview", "way": "down"})
    assert list(guide.sections.order_by("position").values_list("key", flat=True)) == ["risks", "overview", "costs"]
    (edit,) = Edit.objects.all()
    assert (edit.unit, edit.text) == ("testing/guide.yaml#sections", '["risks","overview","costs"]')
    client.post(path, {"key": "risks", "way": "up"})
    client.post(path, {"key": "nowhere", "way": "up"})
    client.post(path, {"key": "risks", "way": "sideways"})
    assert Edit.objects.count() == 1
    assert client.get(path).status_code == 405
    reader = at_desk("rea", "Medical reviewer")
    assert reader.post(path, {"key": "risks", "way": "down"}).status_code == 403


def test_a_row_moves_and_what_was_typed_is_saved_with_it(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    Question.objects.create(guide=guide, key="who", position=1, question="Who does it?")
    save(client, page(guide, "questions"), "guide_form", **{"questions-0-why": "Typed.", "_move": "questions:who:up"})
    assert list(guide.questions.order_by("position").values_list("key", flat=True)) == ["who", "what"]
    assert Question.objects.get(key="what").why == "Typed."
    assert [unit for unit, _origin in edits()] == ["testing/guide.yaml#questions", "testing/guide.yaml#questions/what"]


def test_a_new_guide_begins_with_its_own_fields_and_five_answers(at_desk, db: None) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    answer = save(
        client,
        "/admin/procedures/guide/add/",
        "guide_form",
        title="Peeling",
        folder="peeling",
        slug="peeling",
        emergency_call="911",
        emergency_place="US",
    )
    assert "Saved" in said(answer), answer.context["errors"]
    guide = Guide.objects.get(folder="peeling")
    assert edits() == [("peeling/guide.yaml", "admin")]
    assert b"Is it approved, and does it work?" in client.get(page(guide)).content
    shown = fields(client, page(guide), "guide_form")
    assert [shown[f"answers-{number}-key"] for number in range(5)] == [
        "approved",
        "wrong",
        "not-for",
        "cost",
        "help-now",
    ]
    answer = save(client, page(guide), "guide_form", **{f"answers-{number}-text": "Words." for number in range(5)})
    assert "Saved" in said(answer), answer.context["errors"]
    assert guide.answers.count() == 5
    taken = save(
        client,
        "/admin/procedures/guide/add/",
        "guide_form",
        title="Peeling",
        folder="peeling",
        slug="plan",
        emergency_call="911",
        emergency_place="US",
    )
    assert taken.status_code == 422
    assert taken.context["errors"]


def test_claims_are_listed_and_each_has_a_page(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    shown = client.get(page(guide, "claims")).content.decode()
    assert f"/admin/procedures/claim/{guide.claims.get().pk}/change/" in shown
    add = f"/admin/procedures/claim/add/?guide={guide.pk}"
    taken = save(client, add, "claim_form", key="paper-2008", says="Again.", cites="paper-2008")
    assert b"A source has this key already" in taken.content
    save(client, add, "claim_form", key="second", says="Another finding.", cites="paper-2008")
    client.post(f"/admin/procedures/guide/{guide.pk}/order/claims/", {"key": "second", "way": "up"})
    assert list(guide.claims.order_by("position").values_list("key", flat=True)) == ["second", "trial"]
    row = Claim.objects.get(key="second")
    delete = f"/admin/procedures/claim/{row.pk}/delete/"
    answer = client.post(delete, fields(client, delete, "delete_form"), follow=True)
    assert answer.redirect_chain[-1][0] == page(guide, "claims")


def test_a_list_as_long_as_a_real_one_can_be_saved(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    for number in range(170):
        Question.objects.create(guide=guide, key=f"q-{number}", position=number + 1, question=f"Question {number}?")
    answer = save(client, page(guide, "questions"), "guide_form", **{"questions-170-why": "The last one."})
    assert "Saved" in said(answer), answer.status_code
    assert [unit for unit, _origin in edits()] == ["testing/guide.yaml#questions/q-169"]
