"""The steps a text can take, in one table: who may take it, from which states, to which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Revision

State = Revision.State


class NotAllowed(Exception):
    """A step was refused. Its text is a sentence for the person who asked, with what to do next."""


@dataclass(frozen=True)
class Step:
    """One row of the table.

    `sources` are the states a revision may be in before (empty: the step starts from the working text),
    `target` the state after it (None: it stays), `alone` whether the system may take it without a person.
    """

    name: str
    permission: str
    sources: frozenset[Revision.State]
    target: Revision.State | None
    refusal: Any
    alone: bool = False


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "submit",
            "procedures.submit_guide",
            frozenset(),
            State.IN_REVIEW,
            gettext_lazy("Only authors send texts for review. Ask an author, or ask for the role of an author."),
            alone=True,
        ),
        Step(
            "approve",
            "procedures.review_guide",
            frozenset({State.IN_REVIEW}),
            State.APPROVED,
            gettext_lazy("Only medical reviewers sign texts. Ask a medical reviewer to read this one."),
        ),
        Step(
            "send_back",
            "procedures.review_guide",
            frozenset({State.IN_REVIEW}),
            State.SENT_BACK,
            gettext_lazy(
                "Only medical reviewers send texts back. Ask a medical reviewer, or write a note to the author."
            ),
        ),
        Step(
            "publish",
            "procedures.publish_guide",
            frozenset({State.APPROVED, State.SCHEDULED}),
            State.LIVE,
            gettext_lazy("Only publishers publish. Ask a publisher to release this text."),
            alone=True,
        ),
        Step(
            "schedule",
            "procedures.publish_guide",
            frozenset({State.APPROVED, State.SCHEDULED}),
            State.SCHEDULED,
            gettext_lazy("Only publishers publish. Ask a publisher to release this text."),
        ),
        Step(
            "publish_unreviewed",
            "procedures.publish_guide",
            frozenset({State.IN_REVIEW}),
            State.LIVE,
            gettext_lazy("Only publishers publish. Ask a publisher to release this text."),
            alone=True,
        ),
        Step(
            "withdraw",
            "procedures.publish_guide",
            frozenset({State.LIVE}),
            State.WITHDRAWN,
            gettext_lazy("Only publishers take a guide down. Ask a publisher, at once if it is urgent."),
        ),
        Step(
            "hold",
            "procedures.publish_guide",
            frozenset({State.SCHEDULED}),
            State.APPROVED,
            gettext_lazy("Only publishers change when a text is published. Ask a publisher."),
        ),
        Step(
            "restore",
            "procedures.submit_guide",
            frozenset(State),
            None,
            gettext_lazy("Only authors bring an older text back. Ask an author to do it."),
        ),
    )
}
"""Step name → row. Replacing and superseding are what `submit` and publishing do to the text that stood there before."""


def may(step: Step, by: User | None) -> None:
    """Raises NotAllowed unless `by` (None: the system) may take this step at all."""
    if by is None:
        if not step.alone:
            raise NotAllowed(_("This step needs a person: log in and take it yourself."))
    elif not by.has_perm(step.permission):
        raise NotAllowed(str(step.refusal))


def stands(step: Step, revision: Revision) -> None:
    """Raises NotAllowed unless `revision` is in a state this step starts from. Read the row under its lock first."""
    if State(revision.state) not in step.sources:
        raise NotAllowed(f"{_SITUATION[State(revision.state)]} {_NEXT[State(revision.state)]}")


_SITUATION = {
    State.IN_REVIEW: gettext_lazy("This text waits for a medical reviewer; no clinician has signed it."),
    State.SENT_BACK: gettext_lazy("This text was sent back to its author."),
    State.REPLACED: gettext_lazy("A newer text has been sent since."),
    State.APPROVED: gettext_lazy("This text has been signed already."),
    State.SCHEDULED: gettext_lazy("This text is signed and will be published at the time that was set."),
    State.LIVE: gettext_lazy("This text is live already."),
    State.SUPERSEDED: gettext_lazy("This text was live once and a newer one has taken its place."),
    State.WITHDRAWN: gettext_lazy("This text has been taken down."),
}
_NEXT = {
    State.IN_REVIEW: gettext_lazy("Ask a medical reviewer to read and sign it first."),
    State.SENT_BACK: gettext_lazy("Read the note, change the draft and send it for review again."),
    State.REPLACED: gettext_lazy("Open the newer one."),
    State.APPROVED: gettext_lazy("It can be published."),
    State.SCHEDULED: gettext_lazy("Publish it now, choose another time, or send a newer text."),
    State.LIVE: gettext_lazy("Nothing is left to do here; to change it, edit the draft."),
    State.SUPERSEDED: gettext_lazy("To use its words again, bring it back as a draft and send it for review."),
    State.WITHDRAWN: gettext_lazy("To show the guide again, correct the draft and send it for review."),
}
