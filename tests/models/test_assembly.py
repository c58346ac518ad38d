"""Rows to document and back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures import models, publishing
from procedures.document import PARTS as PART_SHAPES
from procedures.document import SHARED as SHARED_SHAPES
from procedures.document import Section, own_text, text_of, units
from procedures.models import PARTS, SHARED, Guide, own_part, own_values, part_of, record, row_values, working_document
from procedures.rendering import used
from tests.conftest import make_document, write_rows
from tests.document.strategies import items

ROWS = {**PARTS, **SHARED}
SHAPES = {"sections": Section, **PART_SHAPES, **SHARED_SHAPES}


def test_there_is_a_table_for_every_list() -> None:
    assert ROWS.keys() == SHAPES.keys()
    assert {name: model.SHAPE for name, model in ROWS.items()} == SHAPES


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_part_goes_into_a_row_and_comes_back(name: str, data: st.DataObject) -> None:
    part = data.draw(items(SHAPES[name]))
    row = ROWS[name](**row_values(part))
    assert part_of(row) == part
    assert text_of(part_of(row)) == text_of(part)


@pytest.mark.django_db
def test_a_guide_goes_into_rows_and_comes_back() -> None:
    document = make_document()
    guide = Guide.objects.get(pk=write_rows(document).pk)
    assert working_document(guide) == document
    assert own_text(own_part(guide)) == own_text(document)
    bare = make_document(status=None, emergency=None)
    assert own_part(Guide(**own_values(bare))).status is None


@pytest.mark.django_db
def test_rows_name_their_units_as_documents_do() -> None:
    document = make_document(language="es")
    guide = write_rows(document)
    named = {row.unit for model in PARTS.values() for row in model._default_manager.filter(guide=guide)}
    assert named == {unit for unit in units(document) if unit.endswith(".md") or "/" in unit.partition("#")[2]}
    assert guide.place == "testing/es"


@pytest.mark.django_db
def test_only_what_is_used_is_kept_words_used_by_words_included() -> None:
    guide = write_rows(make_document())
    models.GlossaryTerm.objects.filter(key="probe").update(definition="A [needle](glossary:needle).[^far-2020]")
    models.GlossaryTerm.objects.create(key="needle", term="Needle", definition="Thin. See [probe](glossary:probe).")
    models.GlossaryTerm.objects.create(key="unused", term="Unused", definition="Nothing.")
    for key in ("far-2020", "unused-2020"):
        models.Source.objects.create(key=key, publisher="P", kind="news", how="news", supports=["EV-1"])
    found = models.trimmed(working_document(guide), used)
    assert [term.key for term in found.terms] == ["needle", "probe"]
    assert [source.key for source in found.sources] == ["agency-2020", "far-2020", "paper-2008"]
    assert found == publishing.frozen_document(guide)


@pytest.mark.django_db
def test_every_save_is_kept_with_its_words() -> None:
    guide = write_rows(make_document())
    edit = record("testing/risks.md", '{"a":1}', origin="admin", guide=guide)
    assert (edit.unit, edit.text, edit.origin, edit.by, edit.guide) == (
        "testing/risks.md",
        '{"a":1}',
        "admin",
        None,
        guide,
    )
    assert edit.at is not None


@pytest.mark.django_db
def test_only_live_guides_are_live() -> None:
    guide = write_rows(make_document())
    other = write_rows(make_document(folder="other", slug="other"))
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)
    assert list(Guide.objects.live()) == [guide]
    assert list(Guide.objects.withdrawn()) == []
    assert other in Guide.objects.all()
