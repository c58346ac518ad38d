"""Recomputes the fingerprint of every text that was handed in and of every signature, and names what does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procedures.document import canonical, fingerprint
from procedures.models import Guide, PublicationEvent, Review, Revision


class Command(BaseCommand):
    help = "Recomputes every stored fingerprint and every signature. Exit code 1 when one does not fit its text."

    def handle(self, *args: Any, **options: Any) -> None:
        texts = reviews = 0
        wrong: list[str] = []
        for revision in Revision.objects.select_related("guide").order_by("guide", "number").iterator(chunk_size=20):
            texts += 1
            wrong += [f"{_name(revision)}: {sentence}" for sentence in _faults(revision)]
        for review in Review.objects.select_related("revision__guide").order_by("pk").iterator(chunk_size=20):
            reviews += 1
            wrong += [f"{_name(review.revision)}, signed by {review}: {sentence}" for sentence in _unsigned(review)]
        wrong += _unexplained()
        for sentence in wrong:
            self.stderr.write(sentence)
        if wrong:
            raise CommandError(
                f"{len(wrong)} places are wrong. Somebody changed the database from outside: compare it with a backup "
                "from before, and do not publish these texts."
            )
        self.stdout.write(f"{texts} texts and {reviews} signatures are what they were when they were stored.")


def _name(revision: Revision) -> str:
    return f"{revision.guide} · {revision.number} ({revision.hash[:10]})"


def _faults(revision: Revision) -> Iterator[str]:
    if fingerprint(revision.document) != revision.hash:
        yield "the text does not match its fingerprint"
    try:
        plain = json.loads(revision.document)
    except ValueError:
        yield "the text is not JSON any more"
        return
    if canonical(plain) != revision.document:
        yield "the text is not in its canonical form"
    if not isinstance(plain, dict) or plain.get("format") != revision.format:
        yield "the format in the text is not the one that is noted beside it"


def _unsigned(review: Review) -> Iterator[str]:
    if review.hash != review.revision.hash:
        yield "the signature is for another text than the one it stands under"
    if fingerprint(review.revision.document) != review.hash:
        yield "the text is not the one that was signed"
    signed = PublicationEvent.objects.filter(step="approve", to_revision=review.revision_id, by=review.by_id)
    if not signed.exists():
        yield "no event says that this signature was given"


def _unexplained() -> Iterator[str]:
    """States that only a signature or a release can have brought about, without one."""
    without = Revision.objects.filter(state__in=["approved", "scheduled"], reviews__isnull=True)
    for revision in without.select_related("guide"):
        yield f"{_name(revision)}: it stands as signed, and there is no signature"
    for guide in Guide.objects.filter(live__isnull=False).select_related("live"):
        released = PublicationEvent.objects.filter(to_revision=guide.live_id, step__startswith="publish")
        if guide.live is not None and (guide.live.guide_id != guide.pk or not released.exists()):
            yield f"{guide}: what is live was never released by a publisher or a load"
