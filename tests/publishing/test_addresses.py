"""A moved address leads on, in one hop, and never in a circle."""

from __future__ import annotations

from procedures import publishing
from procedures.document import RESERVED_IN_GUIDE
from procedures.models import Guide, OldAddress, Section
from tests.conftest import make_document, write_rows

from .conftest import People, release


def moved() -> dict[str, str]:
    return dict(OldAddress.objects.values_list("path", "to"))


def slug(guide: Guide, key: str, to: str) -> None:
    Section.objects.filter(guide=guide, key=key).update(slug=to)


def test_a_moved_section_leads_on(live_guide: Guide, people: People) -> None:
    slug(live_guide, "risks", "dangers")
    assert moved() == {}
    release(live_guide, people)
    assert moved() == {"/testing/risks/": "/testing/dangers/"}


def test_chains_collapse_and_the_way_back_leaves_no_loop(live_guide: Guide, people: People) -> None:
    for to in ("dangers", "harms", "perils"):
        slug(live_guide, "risks", to)
        release(live_guide, people)
    assert moved() == dict.fromkeys(["/testing/risks/", "/testing/dangers/", "/testing/harms/"], "/testing/perils/")
    slug(live_guide, "risks", "dangers")
    release(live_guide, people)
    assert moved() == dict.fromkeys(["/testing/risks/", "/testing/harms/", "/testing/perils/"], "/testing/dangers/")
    slug(live_guide, "risks", "")
    release(live_guide, people)
    assert moved() == dict.fromkeys(["/testing/dangers/", "/testing/harms/", "/testing/perils/"], "/testing/risks/")


def test_two_sections_that_swap_addresses_leave_nothing(live_guide: Guide, people: People) -> None:
    slug(live_guide, "risks", "costs")
    slug(live_guide, "costs", "risks")
    release(live_guide, people)
    assert moved() == {}


def test_a_moved_guide_takes_all_its_pages_along(live_guide: Guide, people: People) -> None:
    slug(live_guide, "risks", "dangers")
    release(live_guide, people)
    Guide.objects.filter(pk=live_guide.pk).update(slug="trying")
    slug(live_guide, "costs", "prices")
    release(live_guide, people)
    assert moved() == {
        "/testing/": "/trying/",
        "/testing/overview/": "/trying/overview/",
        "/testing/risks/": "/trying/dangers/",
        "/testing/dangers/": "/trying/dangers/",
        "/testing/costs/": "/trying/prices/",
        **{f"/testing/{page}/": f"/trying/{page}/" for page in RESERVED_IN_GUIDE},
    }


def test_an_address_that_answers_again_leads_nowhere_else(live_guide: Guide, people: People) -> None:
    Guide.objects.filter(pk=live_guide.pk).update(slug="trying")
    release(live_guide, people)
    other = write_rows(make_document(folder="other", title="Other"))  # takes /testing/ over
    publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    assert moved() == {}


def test_a_guide_that_was_taken_down_and_moved_still_leads_on(live_guide: Guide, people: People) -> None:
    publishing.withdraw(live_guide, by=people.publisher, why="Wrong.")
    Guide.objects.filter(pk=live_guide.pk).update(slug="trying")
    release(live_guide, people)
    assert moved()["/testing/risks/"] == "/trying/risks/"


def test_another_language_keeps_its_own_addresses(live_guide: Guide, people: People) -> None:
    spanish = write_rows(make_document(language="es", title="Pruebas"))
    release(spanish, people)
    slug(spanish, "risks", "riesgos")
    release(spanish, people)
    assert moved() == {"/es/testing/risks/": "/es/testing/riesgos/"}
