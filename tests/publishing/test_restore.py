"""Bringing an older text back."""

from __future__ import annotations

import pytest

from procedures import publishing
from procedures.document import KeyFact, encode, units
from procedures.models import PARTS, Edit, Guide, Revision
from procedures.models import Section as SectionRow
from procedures.models import Source as SourceRow
from procedures.publishing import NotAllowed
from tests.conftest import make_document, write_rows

from .conftest import People


def test_everything_comes_back_and_the_hash_is_the_same(guide: Guide, people: People) -> None:
    first = publishing.submit(guide, by=people.author, kind="wording")
    Guide.objects.filter(pk=guide.pk).update(
        title="Other", slug="other", status_is="", status_note="", status_cites=[], emergency_call="112"
    )
    for model in PARTS.values():
        model._default_manager.filter(guide=guide).delete()
    SectionRow.objects.create(guide=guide, key="added", title="Added", position=0, body="New.\n")
    publishing.restore(first, by=people.author)
    guide.refresh_from_db()
    assert encode(publishing.frozen_document(guide)) == first.document
    assert publishing.submit(guide, by=people.author, kind="wording").hash == first.hash


def order(guide: Guide, *keys: str) -> None:
    for place, key in enumerate(keys):
        SectionRow.objects.filter(guide=guide, key=key).update(position=place)


def test_the_order_comes_back(guide: Guide, people: People) -> None:
    order(guide, "risks", "costs", "overview")
    first = publishing.submit(guide, by=people.author, kind="wording")
    order(guide, "costs", "overview", "risks")
    publishing.restore(first, by=people.author)
    assert [section.key for section in publishing.frozen_document(guide).sections] == ["risks", "costs", "overview"]
    assert list(Edit.objects.values_list("unit", flat=True)) == ["testing/guide.yaml#sections"]


def test_one_edit_is_kept_for_each_unit_that_changed_and_no_other(guide: Guide, people: People) -> None:
    first = publishing.submit(guide, by=people.author, kind="wording")
    SectionRow.objects.filter(guide=guide, key="risks").update(summary="Changed.")
    guide.key_facts.all().delete()
    guide.claims.create(key="added", says="Added.", certainty="low", cites=["paper-2008"], position=1)
    publishing.restore(first, by=people.author)
    kept = {edit.unit: edit for edit in Edit.objects.all()}
    assert kept.keys() == {
        "testing/risks.md",
        "testing/guide.yaml#key_facts",
        "testing/guide.yaml#key_facts/time",
        "testing/guide.yaml#claims",
        "testing/guide.yaml#claims/added",
    }
    before = units(make_document())
    assert {unit: edit.text for unit, edit in kept.items()} == {unit: before.get(unit, "") for unit in kept}
    assert {(edit.origin, edit.by, edit.guide) for edit in kept.values()} == {("restore", people.author, guide)}


def test_what_guides_share_is_not_touched(guide: Guide, people: People) -> None:
    first = publishing.submit(guide, by=people.author, kind="wording")
    SourceRow.objects.filter(key="paper-2008").update(title="Newer title")
    publishing.restore(first, by=people.author)
    sources = {source.key: source for source in publishing.frozen_document(guide).sources}
    assert sources["paper-2008"].title == "Newer title"


def test_the_other_guides_are_not_touched(guide: Guide, people: People) -> None:
    other = make_document(
        folder="other", slug="other", title="Other", key_facts=(KeyFact(key="o", label="O", text="O"),)
    )
    row = write_rows(other)
    publishing.restore(publishing.submit(guide, by=people.author, kind="wording"), by=people.author)
    assert publishing.frozen_document(row) == other


def test_an_address_that_is_used_elsewhere_by_now_is_refused(guide: Guide, people: People) -> None:
    first = publishing.submit(guide, by=people.author, kind="wording")
    Guide.objects.filter(pk=guide.pk).update(slug="moved")
    write_rows(make_document(folder="other", title="Other"))
    with pytest.raises(NotAllowed, match="“testing” of that text belongs to “Other” now"):
        publishing.restore(first, by=people.author)
    assert Edit.objects.count() == 0


def test_the_live_text_and_the_state_stay_as_they_are(live_guide: Guide, people: People) -> None:
    live = live_guide.live
    assert live is not None
    publishing.restore(live, by=people.author)
    live_guide.refresh_from_db()
    assert live_guide.live == live
    assert Revision.objects.get(pk=live.pk).state == "live"
    assert live_guide.events.filter(step="restore", to_revision=live).count() == 1
