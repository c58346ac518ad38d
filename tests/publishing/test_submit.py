"""Handing in: what is frozen, what is refused, what is replaced."""

from __future__ import annotations

import pytest

from procedures import publishing
from procedures.document import Document, encode, fingerprint
from procedures.models import Answer, Guide, PublicationEvent, Question, Revision, Section, Source
from procedures.publishing import NotAllowed, actions
from tests.conftest import make_document, write_rows

from .conftest import People, in_days, release, reword, send, sign


def test_a_text_is_frozen_as_it_stands(guide: Guide, people: People) -> None:
    revision = publishing.submit(guide, by=people.author, kind="evidence", note="two new trials")
    assert revision.document == encode(make_document())
    assert revision.hash == fingerprint(revision.document)
    assert (revision.number, revision.state, revision.kind, revision.note) == (
        1,
        "in-review",
        "evidence",
        "two new trials",
    )
    assert revision.based_on is None
    reword(guide, by=people.author)
    revision.refresh_from_db()
    assert revision.read() == make_document()


def test_what_the_guide_does_not_use_stays_out(guide: Guide) -> None:
    Source.objects.create(key="other", publisher="Somebody", kind="news", how="news", supports=["EV-9"])
    assert publishing.frozen_document(guide) == make_document()


def test_a_newer_text_replaces_the_one_on_its_way(live_guide: Guide, people: People) -> None:
    older = send(live_guide, people)
    sign(older, people)
    newer = send(live_guide, people)
    older.refresh_from_db()
    assert (older.state, newer.state, newer.number) == ("replaced", "in-review", 3)
    event = PublicationEvent.objects.first()
    assert event is not None
    assert (event.step, event.from_revision, event.to_revision) == ("submit", older, newer)
    assert newer.based_on == live_guide.live


def test_the_system_cannot_hand_in_the_live_text_again(live_guide: Guide) -> None:
    with pytest.raises(NotAllowed, match="live already, word for word"):
        publishing.submit(live_guide, by=None, kind="wording")
    assert live_guide.revisions.count() == 1


def test_a_signed_live_text_cannot_be_sent_again_until_its_review_is_due(guide: Guide, people: People) -> None:
    release(guide, people)
    with pytest.raises(NotAllowed, match="live already, word for word"):
        publishing.submit(guide, by=people.author, kind="wording")


def test_a_live_text_without_signature_can_be_sent_to_be_signed(live_guide: Guide, people: People) -> None:
    revision = publishing.submit(live_guide, by=people.author, kind="wording")
    assert live_guide.live is not None
    assert revision.hash == live_guide.live.hash
    sign(revision, people)
    publishing.publish(revision, by=people.publisher)
    live_guide.refresh_from_db()
    assert live_guide.live == revision


def test_a_signed_text_whose_review_is_due_can_be_signed_again(
    guide: Guide, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = release(guide, people)
    later = in_days(365)
    monkeypatch.setattr("procedures.publishing.actions.timezone.localdate", lambda: later)
    second = publishing.submit(guide, by=people.author, kind="wording")
    assert second.hash == first.hash


def test_a_signed_text_is_not_thrown_away_by_sending_it_again(live_guide: Guide, people: People) -> None:
    revision = send(live_guide, people)
    sign(revision, people)
    with pytest.raises(NotAllowed, match="signed already. Publish it"):
        publishing.submit(live_guide, by=people.author, kind="wording")


def saving_meanwhile(monkeypatch: pytest.MonkeyPatch, guide: Guide, *, times: int) -> None:
    """Somebody saves while the text is being checked, after it was read: the checks run as they are, then a save."""
    left = iter(range(times))
    plain = actions.must_hold_together

    def check_and_save(document: Document) -> None:
        plain(document)
        for place in left:
            Question.objects.filter(guide=guide).update(why=f"Saved meanwhile, {place}.")
            break

    monkeypatch.setattr(actions, "must_hold_together", check_and_save)


def test_a_save_during_the_checks_is_in_the_text(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    saving_meanwhile(monkeypatch, guide, times=1)
    revision = publishing.submit(guide, by=None, kind="wording")
    assert revision.read().questions[0].why == "Saved meanwhile, 0."


def test_a_guide_that_is_saved_all_the_time_is_refused_with_advice(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving_meanwhile(monkeypatch, guide, times=9)
    with pytest.raises(NotAllowed, match="Somebody is saving this guide at this moment. Wait a little"):
        publishing.submit(guide, by=None, kind="wording")
    assert guide.revisions.count() == 0


def test_an_unknown_kind_of_change_is_refused(guide: Guide) -> None:
    with pytest.raises(NotAllowed, match="Say what kind of change"):
        publishing.submit(guide, by=None, kind="whatever")


def test_a_text_that_does_not_hold_together_is_refused_with_its_places(guide: Guide) -> None:
    Section.objects.filter(guide=guide, key="overview").update(
        body="## A\n\nIt works.[^tril]\n\nSee [x](section:nowhere).\n"
    )
    Question.objects.filter(guide=guide).update(cites=["nobody"], why="See [](glossary:nothing).")
    Answer.objects.filter(guide=guide, key="cost").delete()
    with pytest.raises(NotAllowed) as refusal:
        publishing.submit(guide, by=None, kind="wording")
    said = str(refusal.value).split("\n")
    assert said[0] == "This text cannot be sent yet. Correct these places and send it again:"
    assert 'testing/overview.md:3: Unknown source "tril" (did you mean "trial"?).' in said
    assert 'testing/overview.md:5: Unknown section "nowhere".' in said
    assert 'testing/guide.yaml#questions/what: unknown source "nobody"' in said
    assert 'testing/guide.yaml#questions/what: `why`: Unknown term "nothing".' in said
    assert "testing/guide.yaml: the answer `cost` is missing; a guide has all five or none" in said
    assert guide.revisions.count() == 0
    assert PublicationEvent.objects.count() == 0


def test_what_the_editorial_checks_call_an_error_stops_a_text_and_a_warning_does_not(guide: Guide) -> None:
    body = "## What it costs\n\nIn one trial 12 of 40 people had a lump.\n"
    Section.objects.filter(guide=guide, key="costs").update(body=body)
    with pytest.raises(NotAllowed, match=r"testing/costs.md:3: .*(mark|source)"):
        publishing.submit(guide, by=None, kind="wording")
    Section.objects.filter(guide=guide, key="costs").update(body=body.replace("lump.", "lump.[^trial]"))
    assert publishing.submit(guide, by=None, kind="wording").state == "in-review"


def test_a_long_list_of_faults_is_cut_and_counted(guide: Guide) -> None:
    Section.objects.filter(guide=guide, key="overview").update(body="\n\n".join(f"Word.[^no-{n}]" for n in range(9)))
    with pytest.raises(NotAllowed) as refusal:
        publishing.submit(guide, by=None, kind="wording")
    said = str(refusal.value).split("\n")
    assert len(said) == 7
    assert said[-1] == "… and 4 more."


def test_a_link_to_a_guide_that_is_not_live_yet_holds(guide: Guide) -> None:
    write_rows(make_document(folder="other", slug="other", title="Other"))
    Section.objects.filter(guide=guide, key="overview").update(body="See [the other](guide:other).\n")
    assert publishing.submit(guide, by=None, kind="wording").state == "in-review"


def test_an_address_that_another_guide_holds_live_is_refused(live_guide: Guide, people: People) -> None:
    Guide.objects.filter(pk=live_guide.pk).update(slug="moved")  # not published yet: /testing/ still answers
    other = write_rows(make_document(folder="other", title="Other"))
    with pytest.raises(NotAllowed, match="/testing/ belongs to “Testing”, which is live"):
        publishing.submit(other, by=None, kind="wording")


def test_a_page_of_the_site_cannot_take_the_address_of_a_guide(live_guide: Guide) -> None:
    site = write_rows(
        make_document(
            folder="site",
            kind="site",
            slug="site",
            title="Site",
            summary="",
            decision="",
            status=None,
            emergency=None,
            sections=make_document().sections[:1],
            **dict.fromkeys("answers key_facts stages costs options questions warning_signs figures".split(), ()),
        )
    )
    Section.objects.filter(guide=site).update(slug="testing")
    with pytest.raises(NotAllowed, match="/testing/ belongs to “Testing”"):
        publishing.submit(site, by=None, kind="wording")
    Section.objects.filter(guide=site).update(slug="about")
    assert isinstance(publishing.submit(site, by=None, kind="wording"), Revision)
