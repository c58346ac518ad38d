"""A moved address leads on, in one hop, and never in a circle."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from unittest import mock

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procedures import publishing
from procedures.document import RESERVED_IN_GUIDE
from procedures.models import Guide, OldAddress, Revision, Section, triggers
from procedures.publishing.addresses import must_be_free, paths_of
from tests.conftest import make_document, write_rows
from tests.growing import grow

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


def test_an_address_another_guide_took_over_leads_nowhere_else(live_guide: Guide, people: People) -> None:
    slug(live_guide, "risks", "dangers")
    release(live_guide, people)
    publishing.withdraw(live_guide, by=people.publisher, why="Wrong.")
    Guide.objects.filter(pk=live_guide.pk).update(slug="trying")
    other = write_rows(make_document(folder="other", title="Other"))  # answers at /testing/ now, its risks too
    publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    release(live_guide, people)
    assert moved() == {"/testing/dangers/": "/trying/dangers/"}


def test_a_live_address_cannot_be_taken(live_guide: Guide, people: People) -> None:
    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    Guide.objects.filter(pk=live_guide.pk).update(slug="trying")  # a draft: the live text still answers at /testing/
    Guide.objects.filter(pk=other.pk).update(slug="testing")
    with pytest.raises(publishing.NotAllowed, match="/testing/.* belongs to “Testing”, which is live. Choose another"):
        publishing.submit(other, by=None, kind="wording")
    release(live_guide, people)
    publishing.publish_unreviewed(publishing.submit(other, by=None, kind="wording"), by=None)
    assert "/testing/" not in moved()


@pytest.mark.parametrize("word", [*sorted(RESERVED_IN_GUIDE), "es", "zh-hant"])
def test_a_reserved_word_is_refused_with_a_sentence(word: str, guide: Guide) -> None:
    Guide.objects.filter(pk=guide.pk).update(slug=word)
    with pytest.raises(publishing.NotAllowed, match="an address the site needs itself; choose another"):
        publishing.submit(guide, by=None, kind="wording")
    guide.slug = word
    with pytest.raises(ValidationError, match="The site needs this address itself; choose another"):
        guide.full_clean()
    if word not in RESERVED_IN_GUIDE:
        return
    Guide.objects.filter(pk=guide.pk).update(slug="testing")
    slug(guide, "risks", word)
    with pytest.raises(publishing.NotAllowed, match="an address the site needs itself; choose another"):
        publishing.submit(guide, by=None, kind="wording")
    with pytest.raises(ValidationError, match="The site needs this address itself; choose another"):
        guide.sections.get(key="risks").full_clean()


def test_whatever_is_renamed_no_redirect_hides_a_page_or_leads_on_to_another(
    live_guide: Guide, people: People, tell: Callable[[str], None]
) -> None:
    chance, refused, done = random.Random(5), 0, 0
    guides = [live_guide, write_rows(make_document(folder="other", slug="other", title="Other"))]
    for _turn in range(40):
        guide = chance.choice(guides)
        guide.refresh_from_db()
        if chance.random() < 0.15 and guide.live is not None:
            publishing.withdraw(guide, by=people.publisher, why="Wrong.")
            continue
        wanted = chance.choice(["testing", "other", "third"])
        if not Guide.objects.filter(slug=wanted).exclude(pk=guide.pk).exists():
            Guide.objects.filter(pk=guide.pk).update(slug=wanted)
        slug(guide, "risks", chance.choice(["", "dangers", "harms"]))
        try:
            revision = publishing.submit(guide, by=people.author, kind="typo")
            publishing.publish_unreviewed(revision, by=people.publisher)
            done += 1
        except publishing.NotAllowed:
            refused += 1
        live = [row.live.read() for row in Guide.objects.live() if row.live is not None]
        answering = {path for document in live for path in paths_of(document).values()}
        redirects = moved()
        assert not answering & redirects.keys()
        assert not redirects.keys() & set(redirects.values())
    tell(f"addresses: {done} releases under changed addresses, {refused} refused, {len(moved())} redirects left")
    assert done > 10
    assert refused > 2


def test_many_live_guides_are_not_read_to_know_whether_an_address_is_free(db):
    grow(3)
    guide = write_rows(make_document(slug="somewhere"))
    with CaptureQueriesContext(connection) as asked, mock.patch.object(Revision, "read") as read:
        must_be_free(make_document(slug="somewhere"), guide=guide)
    assert read.call_count == 0
    assert len(asked) == 2
    with pytest.raises(publishing.NotAllowed, match="/grown-1/"):
        must_be_free(make_document(slug="grown-1"), guide=guide)


@pytest.mark.django_db(transaction=True)
def test_texts_from_before_get_their_address_beside_them(live_guide: Guide) -> None:
    """The migration reads it out of each text; of one that cannot be read it stays unknown and stops nothing."""
    text = Revision.objects.get()
    damaged = Revision.objects.create(
        guide=live_guide, number=2, document="[", hash="-", state="replaced", at=timezone.now()
    )
    with connection.schema_editor() as editor:
        triggers.drop(apps, editor)
        Revision.objects.update(slug=None)
        import_module("procedures.migrations.0013_revision_slug").fill(apps, editor)
        triggers.create(apps, editor)
    assert list(Revision.objects.order_by("number").values_list("pk", "slug")) == [
        (text.pk, live_guide.slug),
        (damaged.pk, None),
    ]
