"""What is found, in what order, and how it is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from procedures import search
from procedures.document import Section, Term
from procedures.models import GlossaryTerm
from tests.conftest import make_document
from tests.pages.conftest import release

pytestmark = pytest.mark.django_db


def guide(folder: str, *sections: Section, **changes: object) -> object:
    bare = {"answers": (), "figures": (), "summary": "", **changes}
    made = release(make_document(folder=folder, slug=folder, title=folder.title(), sections=sections, **bare))
    search.refresh(made)
    return made


def section(key: str, title: str, body: str, **more: str) -> Section:
    return Section(key=key, title=title, body=body, **more)


def keys(query: str, *, language: str = "en") -> list[str]:
    return [hit.key for hit in search.search(query, language=language).hits]


def test_a_word_in_a_title_counts_more_than_the_same_word_in_the_text():
    guide("alpha", section("one", "Overview", "A walnut here, a walnut there, and one more walnut.\n"))
    guide("beta", section("two", "Walnut", "Nothing but words about something else.\n"))
    assert keys("walnut")[:2] == ["beta/two", "alpha/one"]


def test_a_hit_leads_to_its_very_heading():
    guide(
        "alpha",
        section(
            "one", "Overview", "## First\n\nNothing.\n\n## Second thing\n\nA walnut.\n\n## Second thing\n\nA hazel.\n"
        ),
    )
    walnut, hazel = search.search("walnut", language="en").hits[0], search.search("hazel", language="en").hits[0]
    assert (walnut.url, walnut.heading_id, walnut.heading) == (
        "/alpha/one/#second-thing",
        "second-thing",
        "Second thing",
    )
    assert hazel.url == "/alpha/one/#second-thing-2"


def test_the_snippet_is_plain_text_in_pieces_and_marks_every_form_of_a_word():
    body = "Before. " * 60 + "Some *bruises* & <b>bruising</b> came.[^trial] " + "After. " * 60
    guide("alpha", section("one", "Overview", f"{body}\n"))
    pieces = search.search("bruise", language="en").hits[0].snippet
    assert [piece.text for piece in pieces if piece.hit] == ["bruises", "bruising"]
    assert type(pieces[0].text) is str
    text = "".join(piece.text for piece in pieces)
    assert len(text) < 260
    assert "& <b>" in text
    assert text.startswith("… ")
    assert text.endswith(" …")


def test_words_that_say_nothing_are_not_marked_beside_one_that_does():
    texts = ["The lips swell, and the pain goes.", "The skin is the same.", "The face is calm.", "The end is near."]
    guide("alpha", *(section(f"s{number}", "Overview", f"{text}[^trial]\n") for number, text in enumerate(texts)))
    marked = [piece.text for piece in search.search("the pain", language="en").hits[0].snippet if piece.hit]
    assert marked == ["pain"]
    alone = search.search("the", language="en").hits
    assert {piece.text.lower() for hit in alone for piece in hit.snippet if piece.hit} == {"the"}


@pytest.mark.parametrize("asked", ["infection", "infections", "infected", "INFECTING", "infecting"])
def test_forms_of_a_word_find_each_other(asked):
    guide("alpha", section("one", "Overview", "She was infected.[^trial]\n"))
    assert keys(asked) == ["alpha/one"]


def test_a_phrase_in_quotes_must_stand_so():
    guide(
        "alpha",
        section("one", "Overview", "Cold water is given.\n"),
        section("two", "Water", "Water that is cold.\n"),
    )
    assert keys('"cold water"') == ["alpha/one"]
    assert set(keys("cold water")) == {"alpha/one", "alpha/two"}
    assert keys('"cold milk"') == []


def test_a_misspelled_word_in_a_phrase_is_read_as_what_was_meant():
    guide(
        "alpha",
        section("one", "Overview", "Cold water is given. Ice, too.\n"),
        section("two", "More", "Water that is cold.\n"),
    )
    found = search.search('why "cold wather" now', language="en")
    assert [hit.key for hit in found.hits] == ["alpha/one"]
    assert found.did_you_mean == 'why "cold water" now'
    assert {piece.text.lower() for piece in found.hits[0].snippet if piece.hit} == {"cold", "water"}
    found = search.search('"colld wather"', language="en")
    assert [hit.key for hit in found.hits] == ["alpha/one"]
    assert found.did_you_mean == '"cold water"'
    assert search.search('"cold zzzzzz"', language="en").did_you_mean == ""


def test_the_spelling_proposed_for_a_phrase_is_one_that_was_found():
    guide(
        "alpha",
        section("one", "Overview", "Cold water is given.\n"),
        section("two", "More", "The weather, and weather again.\n"),
    )
    found = search.search('"cold wather"', language="en")
    assert [hit.key for hit in found.hits] == ["alpha/one"]
    assert found.did_you_mean == '"cold water"'


def test_words_that_say_nothing_lead_nowhere():
    guide("alpha", *(section(key, f"The end of {key}", "Text.\n") for key in ("one", "two", "three", "four", "five")))
    guide("beta", section("one", "The cost of it", "Text.\n"))
    found = search.search('"the cost of the moon"', language="en")
    assert [near.title for near in found.nearest_terms] == ["Beta: The cost of it"]


def test_a_phrase_that_stands_nowhere_leads_to_its_words():
    guide("alpha", section("one", "Cold water", "It is given.\n"), section("two", "More", "Warm milk.\n"))
    found = search.search('"cold milk"', language="en")
    assert found.hits == ()
    assert [near.title for near in found.nearest_terms] == ["Alpha: Cold water"]
    found = search.search('"cold mulk"', language="en")
    assert (found.hits, found.did_you_mean) == ((), ""), "what may be meant, cold milk, stands nowhere either"
    assert [near.title for near in found.nearest_terms] == ["Alpha: Cold water"]


def test_other_names_lead_to_the_word_and_to_the_sections_that_use_it():
    terms = (Term(key="probe", term="Probe", also=("Tastor", "feeler gauge"), definition="A thing that tests."),)
    guide("alpha", section("one", "Overview", "We use a [probe](glossary:probe) for it.\n"), terms=terms)
    for name in ("tastor", "Feeler gauges"):
        assert keys(name) == ["glossary:probe", "alpha/one"]
    assert search.search("tastor", language="en").did_you_mean == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lidocane", "lidocaine"), ("anafilaxis", "anaphylaxis"), ("bruzing", "bruising"), ("kibella", "kybella")],
)
def test_a_misspelled_word_finds_what_was_meant_and_is_named(typed, meant):
    guide("alpha", section("one", "Overview", f"It is about {meant} here.[^trial]\n"))
    found = search.search(f"the {typed}", language="en")
    assert [hit.key for hit in found.hits][:1] == ["alpha/one"]
    assert found.did_you_mean == f"the {meant}"


def test_a_word_that_is_known_is_never_taken_for_another():
    guide("alpha", section("one", "Overview", "A scar.\n"), section("two", "More", "A scan.\n"))
    assert keys("scan") == ["alpha/two"]
    assert search.search("scan", language="en").did_you_mean == ""


def test_the_beginning_of_a_word_is_enough():
    guide("alpha", section("one", "Overview", "About phosphatidylcholine.\n"))
    assert keys("phospha") == ["alpha/one"]


def test_each_language_finds_its_own_with_its_own_endings():
    guide("alpha", section("one", "Overview", "About animal infection.[^trial]\n"))
    guide("beta", section("uno", "Riesgos", "Las infecciones y la hinchazón son posibles.[^trial]\n"), language="es")
    assert keys("infección", language="es") == ["beta/uno"]
    assert keys("hinchazon riesgo", language="es") == ["beta/uno"]
    assert keys("infection") == ["alpha/one"]
    assert search.search("riesgos", language="es").hits[0].url == "/es/beta/uno/"


def test_accents_and_case_do_not_matter():
    guide("alpha", section("one", "Overview", "Dr Hjärtsvikt of Málaga.\n"))
    assert keys("HJARTSVIKT") == keys("hjärtsvikt") == keys("malaga") == ["alpha/one"]


def test_nothing_found_names_near_words():
    guide("alpha", section("one", "Overview", "A [probe](glossary:probe).\n"))
    found = search.search("probiotika", language="en")
    assert found.hits == ()
    assert [near.url for near in found.nearest_terms] == ["/glossary/#probe"]


def test_terms_shared_by_guides_are_found_once_in_the_wording_released_last():
    term = Term(key="probe", term="Probe", definition="An older meaning.")
    body = "A [probe](glossary:probe).\n"
    guide("alpha", section("one", "Overview", body), terms=(term,))
    GlossaryTerm.objects.all().delete()
    guide("beta", section("one", "Overview", body), terms=(replace(term, definition="A newer meaning."),))
    hits = [hit for hit in search.search("probe", language="en").hits if hit.kind == "term"]
    assert ["".join(piece.text for piece in hit.snippet) for hit in hits] == ["A newer meaning."]
