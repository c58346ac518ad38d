"""Random walks over the steps: what is live is signed or says it is not, and the events explain every state.

MACHINE_RUNS and MACHINE_STEPS make the walks longer.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from procedures import publishing
from procedures.document import encode, fingerprint
from procedures.models import Edit, Guide, PublicationEvent, Review, Revision
from procedures.publishing import NotAllowed
from tests.conftest import make_document, size, write_rows

from .conftest import in_days, reword

RUNS = int(os.environ.get("MACHINE_RUNS", str(size(12, 200))))
STEPS = int(os.environ.get("MACHINE_STEPS", str(size(25, 50))))

KINDS = st.sampled_from(Revision.Change.values)
WHO = st.sampled_from(["ana", "rosa", "remy", "pia", "eve", "nora", None])
PLACE = st.integers(0, 9)
ROLES = {
    "ana": ["Author"],
    "rosa": ["Medical reviewer"],
    "remy": ["Medical reviewer", "Author"],
    "pia": ["Publisher"],
    "eve": ["Author", "Medical reviewer", "Publisher"],
    "nora": [],
}


def replayed(guide: Guide) -> tuple[dict[int, str], int | None, int | None]:
    """State of every revision, and what is live and taken down, told from the events alone."""
    states: dict[int, str] = {}
    live = down = None
    after = {
        "submit": "in-review",
        "approve": "approved",
        "send_back": "sent-back",
        "schedule": "scheduled",
        "hold": "approved",
        "publish": "live",
        "publish_unreviewed": "live",
    }
    for event in PublicationEvent.objects.filter(guide=guide).order_by("pk"):
        before, now = event.from_revision_id, event.to_revision_id
        if event.step == "submit" and before:
            states[before] = "replaced"
        elif event.step in ("publish", "publish_unreviewed"):
            if before:
                states[before] = "superseded"
            live, down = now, None
        elif event.step == "withdraw":
            states[before] = "withdrawn"
            live, down = None, before
        if event.step in after:
            states[now] = after[event.step]
    return states, live, down


class Walk(RuleBasedStateMachine):
    """The clinic at work: anybody tries anything at any time."""

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.people: dict[str | None, Any] = {None: None}
        for name, roles in ROLES.items():
            self.people[name] = get_user_model().objects.create(username=name, is_staff=True)
            self.people[name].groups.set(Group.objects.filter(name__in=roles))
        self.guide = write_rows(make_document())
        self.kept: dict[int, tuple[str, str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def may(self, who: str | None, role: str) -> bool:
        return who is not None and role in ROLES[who]

    def pick(self, place: int) -> Revision | None:
        revisions = list(self.guide.revisions.order_by("-number")[:10])
        return revisions[place % len(revisions)] if revisions else None

    def attempt(self, call: Callable[[], Any], *, legal: bool) -> bool:
        """Takes a step; an illegal one must be refused and change nothing. Returns whether it was taken."""
        before = self.everything()
        try:
            with transaction.atomic():
                call()
        except NotAllowed as refusal:
            assert str(refusal)
            assert not legal, f"refused: {refusal}"
            assert self.everything() == before
            return False
        assert legal, "an illegal step was taken"
        return True

    def everything(self) -> SimpleNamespace:
        return SimpleNamespace(
            guide=Guide.objects.filter(pk=self.guide.pk).values().get(),
            revisions=list(self.guide.revisions.order_by("pk").values_list("pk", "state", "scheduled_for")),
            reviews=Review.objects.count(),
            events=PublicationEvent.objects.count(),
        )

    @rule(who=st.sampled_from(["ana", "remy", "eve"]), back=st.booleans())
    def write(self, who: str, back: bool) -> None:
        reword(self.guide, by=self.people[who], words="Mixes differ." if back else "")

    @rule(who=WHO, kind=KINDS)
    def submit(self, who: str | None, kind: str) -> None:
        by = self.people[who]
        text = fingerprint(encode(publishing.frozen_document(Guide.objects.get(pk=self.guide.pk))))
        live = Guide.objects.get(pk=self.guide.pk).live
        same = live is not None and live.hash == text and (who is None or live.reviews.exists())
        waiting = self.guide.revisions.filter(state__in=["approved", "scheduled"], hash=text).exists()
        legal = (who is None or self.may(who, "Author")) and not same and not waiting
        self.attempt(lambda: publishing.submit(self.guide, by=by, kind=kind), legal=legal)

    @rule(who=WHO, place=PLACE)
    def approve(self, who: str | None, place: int) -> None:
        revision = self.pick(place)
        if revision is None:
            return
        by = self.people[who]
        earlier = (
            self.guide.revisions.filter(number__lt=revision.number, reviews__isnull=False).order_by("-number").first()
        )
        since = earlier.at if earlier else datetime.datetime.min.replace(tzinfo=datetime.UTC)
        first = earlier.number if earlier else 0
        own = (
            Edit.objects.filter(by=by, at__gt=since).exists()
            or self.guide.revisions.filter(by=by, number__gt=first, number__lte=revision.number).exists()
        )
        legal = self.may(who, "Medical reviewer") and revision.state == "in-review" and not own
        self.attempt(lambda: publishing.approve(revision, by=by, next_due=in_days(365)), legal=legal)

    @rule(who=WHO, place=PLACE)
    def send_back(self, who: str | None, place: int) -> None:
        revision = self.pick(place)
        if revision is not None:
            legal = self.may(who, "Medical reviewer") and revision.state == "in-review"
            self.attempt(lambda: publishing.send_back(revision, by=self.people[who], note="Plainer."), legal=legal)

    @rule(who=WHO, place=PLACE, hours=st.sampled_from([None, 1, -1]))
    def publish(self, who: str | None, place: int, hours: int | None) -> None:
        revision = self.pick(place)
        if revision is None:
            return
        at = None if hours is None else timezone.now() + datetime.timedelta(hours=hours)
        legal = self.may(who, "Publisher") and revision.state in ("approved", "scheduled") and hours != -1
        self.attempt(lambda: publishing.publish(revision, by=self.people[who], at=at), legal=legal)

    @rule(who=WHO, place=PLACE)
    def publish_unreviewed(self, who: str | None, place: int) -> None:
        revision = self.pick(place)
        if revision is None:
            return
        live = Guide.objects.get(pk=self.guide.pk).live
        legal = (
            (who is None or self.may(who, "Publisher"))
            and revision.state == "in-review"
            and (live is None or live.hash != revision.hash)
            and (revision.kind in ("typo", "safety") or not self.signed_text_was_shown())
        )
        self.attempt(lambda: publishing.publish_unreviewed(revision, by=self.people[who]), legal=legal)

    def signed_text_was_shown(self) -> bool:
        """Whether a signed text has been live since the guide was last taken down, as the events tell."""
        steps = PublicationEvent.objects.filter(guide=self.guide).order_by("pk").values_list("step", flat=True)
        told = [step for step in steps if step in ("publish", "withdraw")]
        return bool(told) and told[-1] == "publish"

    @rule(who=WHO)
    def withdraw(self, who: str | None) -> None:
        legal = self.may(who, "Publisher") and Guide.objects.get(pk=self.guide.pk).live is not None
        self.attempt(lambda: publishing.withdraw(self.guide, by=self.people[who], why="Wrong."), legal=legal)

    @rule(who=WHO, place=PLACE)
    def restore(self, who: str | None, place: int) -> None:
        revision = self.pick(place)
        if revision is None:
            return
        if self.attempt(lambda: publishing.restore(revision, by=self.people[who]), legal=self.may(who, "Author")):
            again = publishing.frozen_document(Guide.objects.get(pk=self.guide.pk))
            assert fingerprint(encode(again)) == revision.hash

    @invariant()
    def events_explain_every_state(self) -> None:
        if not hasattr(self, "guide"):
            return
        guide = Guide.objects.get(pk=self.guide.pk)
        states, live, down = replayed(guide)
        assert states == dict(guide.revisions.values_list("pk", "state"))
        assert (live, down) == (guide.live_id, guide.withdrawn_id)

    @invariant()
    def live_text_is_signed_or_was_released_as_unsigned(self) -> None:
        if not hasattr(self, "guide"):
            return
        live = Guide.objects.get(pk=self.guide.pk).live
        if live is None:
            return
        assert fingerprint(live.document) == live.hash
        event = PublicationEvent.objects.filter(to_revision=live, step__in=["publish", "publish_unreviewed"]).get()
        assert live.reviews.filter(hash=live.hash).exists() == (event.step == "publish")

    @invariant()
    def frozen_texts_do_not_change(self) -> None:
        if not hasattr(self, "guide"):
            return
        for pk, document, mark in self.guide.revisions.values_list("pk", "document", "hash"):
            assert self.kept.setdefault(pk, (document, mark)) == (document, mark)


@pytest.mark.torture
@pytest.mark.django_db
def test_no_walk_over_the_steps_ends_in_a_state_that_cannot_be() -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
