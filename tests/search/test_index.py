"""The index holds what is live: no more, no less, and at once."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from procedures import publishing, search
from procedures.models import GlossaryTerm, Guide, Revision, Section
from procedures.pages import contexts
from procedures.search import tables
from procedures.search.passages import PLACES
from tests.conftest import make_document, write_rows

pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    return [hit.key for hit in search.search(query, language="en").hits]


def release(guide: Guide) -> Revision:
    revision = publishing.submit(guide, by=None, kind=Revision.Change.WORDING)
    publishing.publish_unreviewed(revision, by=None)
    guide.refresh_from_db()
    return revision


def test_a_release_can_be_found_and_its_index_fits(guide):
    assert found("probe") == []
    release(guide)
    assert "testing/overview" in found("probe")
    assert search.faults() == []


def test_a_draft_is_never_found(live_guide):
    Section.objects.filter(guide=live_guide, key="risks").update(body="A walnut.")
    write_rows(make_document(folder="secret", slug="secret", title="Walnut", terms=(), sources=(), claims=()))
    publishing.submit(live_guide, by=None, kind=Revision.Change.WORDING)
    search.rebuild()
    assert found("walnut") == []
    assert search.faults() == []


def test_a_newer_release_takes_the_place_of_the_older(live_guide):
    Section.objects.filter(guide=live_guide, key="risks").update(body="A walnut.")
    release(live_guide)
    assert found("walnut") == ["testing/risks"]
    assert "testing/risks" not in found("breathe")
    assert search.faults() == []


def test_what_is_taken_down_is_gone_within_the_transaction(live_guide, person):
    assert found("probe")
    with transaction.atomic():
        publishing.withdraw(live_guide, by=person("pia", "Publisher"), why="wrong")
        assert found("probe") == []
    assert search.faults() == []
    assert found("testing") == []


def test_a_take_down_that_fails_leaves_the_index_as_it_was(live_guide, person):
    before = found("probe")
    with transaction.atomic():
        publishing.withdraw(live_guide, by=person("pia", "Publisher"), why="wrong")
        assert found("probe") == []
        transaction.set_rollback(True)
    assert found("probe") == before
    assert search.faults() == []


def test_what_the_index_still_holds_of_a_text_that_is_not_live_is_not_found(live_guide):
    assert found("probe")
    Guide.objects.filter(pk=live_guide.pk).update(live=None)  # as if refresh had not been called
    assert found("probe") == []
    assert search.search("probe", language="en").nearest_terms == ()
    assert search.contents(language="en") == ()


def test_rebuilding_makes_the_same_index_as_releases_do(live_guide):
    def rows():
        with connection.cursor() as cursor:
            cursor.execute("SELECT key, url, text, shown FROM procedures_searchpassage ORDER BY key, url, text")
            passages = cursor.fetchall()
            cursor.execute("SELECT language, word, stem, uses FROM procedures_searchword ORDER BY language, word")
            return passages, cursor.fetchall()

    before = rows()
    assert len(before[0]) > 10
    search.rebuild()
    assert rows() == before


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("DELETE FROM procedures_searchpassage WHERE key = 'testing/risks'", "The index lacks testing/risks"),
        ("UPDATE procedures_searchpassage SET text = 'x' WHERE key = 'testing/risks'", "which is not live"),
        ("UPDATE procedures_searchword SET uses = uses + 1 WHERE word = 'probe'", "The list of words does not fit"),
        (
            "UPDATE procedures_searchpassage SET shown = false WHERE key = 'glossary:probe'",
            "glossary:probe (en) is not shown",
        ),
    ],
)
def test_the_check_names_what_is_wrong_and_rebuilding_mends_it(live_guide, damage, sentence):
    with connection.cursor() as cursor:
        cursor.execute(damage)
    errors = StringIO()
    with pytest.raises(CommandError, match="rebuild_search"):
        call_command("rebuild_search", check=True, stderr=errors)
    assert sentence in errors.getvalue()
    said = StringIO()
    call_command("rebuild_search", stdout=said)
    call_command("rebuild_search", check=True, stdout=said)
    assert "The index fits what is live." in said.getvalue()


def test_damaged_stems_are_noticed(live_guide):
    table = "procedures_searchindex" if connection.vendor == "sqlite" else "procedures_searchpassage"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET body = 'x'")
    assert "The index of stems does not fit the passages." in search.faults()


def test_parts_are_searched_where_pages_show_them():
    shown = {part: section for section, part in contexts.PLACE_OF.items() if part != "signs"}
    assert {name: place for name, (place, _fragment) in PLACES.items()} == shown


def test_a_shared_word_falls_back_to_the_older_wording_when_the_newer_is_taken_down(live_guide, person):
    newer = write_rows(make_document(folder="other", slug="other", title="Other"))
    GlossaryTerm.objects.update(definition="A newer meaning.", also=["gauge"])
    release(newer)
    assert "A newer meaning." in meaning("probe")
    assert found("gauge")[0] == "glossary:probe"
    publishing.withdraw(newer, by=person("pia", "Publisher"), why="wrong")
    assert "A thing that tests." in meaning("probe")
    assert found("gauge") == []
    assert search.faults() == []


def meaning(word: str) -> str:
    hits = [hit for hit in search.search(word, language="en").hits if hit.kind == "term"]
    assert len(hits) == 1
    return "".join(piece.text for piece in hits[0].snippet)


@pytest.mark.django_db(transaction=True)
def test_the_tables_can_be_taken_away_and_made_again(live_guide):
    assert found("probe")
    with connection.schema_editor() as editor:
        tables.drop(None, editor)
    assert not [name for name in connection.introspection.table_names() if name.startswith("procedures_search")]
    with connection.schema_editor() as editor:
        tables.create(None, editor)
    assert found("probe") == []
    search.rebuild()
    assert found("probe")
    assert search.faults() == []
