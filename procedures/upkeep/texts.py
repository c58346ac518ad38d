"""Whether stored texts and signatures are what they were when they were stored: every hash is computed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db.models import Q

from ..document import canonical, fingerprint
from ..models import Guide, PublicationEvent, Review, Revision


@dataclass(frozen=True)
class Texts:
    """How many texts and signatures were looked at, and a sentence for each that is not what it was."""

    texts: int
    reviews: int
    wrong: tuple[str, ...]


def verify_texts(*, live_only: bool = False) -> Texts:
    """Recomputes the fingerprint of every text that was handed in and of every signature; `live_only`: of what is live.

    Rows are read one by one, so that one the database cannot read any more is named and hides no other. Raises
    django.db.Error when there is no database to ask.
    """
    wrong: list[str] = []
    wanted = Revision.objects.order_by("guide", "number")
    if live_only:
        wanted = wanted.filter(Q(state=Revision.State.LIVE) | Q(pk__in=Guide.objects.live().values("live")))
    texts, reviews = list(wanted.values_list("pk", flat=True)), []
    for pk in texts:
        try:
            revision = Revision.objects.select_related("guide").get(pk=pk)
            wrong += [f"{_name(revision)}: {sentence}" for sentence in _faults(revision)]
        except (DatabaseError, UnicodeError) as error:
            wrong.append(f"Text {pk} cannot be read from the database ({error})")
    if not live_only:
        reviews = list(Review.objects.order_by("pk").values_list("pk", flat=True))
        for pk in reviews:
            try:
                review = Review.objects.select_related("revision__guide").get(pk=pk)
                wrong += [f"{_name(review.revision)}, signed by {review}: {what}" for what in _unsigned(review)]
            except (DatabaseError, UnicodeError) as error:
                wrong.append(f"Signature {pk} cannot be read from the database ({error})")
    wrong += _unexplained()
    return Texts(len(texts), len(reviews), tuple(wrong))


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
    if isinstance(plain, dict) and plain.get("slug") != revision.slug:
        yield "the address in the text is not the one that is noted beside it"


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
    without = Revision.objects.filter(state__in=["approved", "scheduled"], reviews__isnull=True).defer("document")
    for revision in without.select_related("guide"):
        yield f"{_name(revision)}: it stands as signed, and there is no signature"
    for guide in Guide.objects.filter(live__isnull=False).select_related("live").defer("live__document"):
        released = PublicationEvent.objects.filter(to_revision=guide.live_id, step__startswith="publish")
        if guide.live is not None and (guide.live.guide_id != guide.pk or not released.exists()):
            yield f"{guide}: what is live was never released by a publisher or a load"
