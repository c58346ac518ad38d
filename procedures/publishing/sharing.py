"""Sources, words and pictures that changed after guides were released with them: who holds the older one, taking over.

A document carries copies of what it uses, so changing one in the library changes no released page and no signed text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from ..document import Document, Source, encode, fingerprint, units
from ..models import SHARED, Guide, Revision, Shared, UnreadableText, part_of
from . import actions
from .freezing import frozen_document
from .transitions import STEPS, NotAllowed, may

KINDS = {"sources": Revision.Change.EVIDENCE}
"""List of the library → kind of change its taking over is; words and pictures are a matter of wording."""


@dataclass(frozen=True)
class Held:
    """A live guide whose released text holds an older form of a source, word or picture.

    `hindrance`: why it cannot be taken over now, and what to do; empty when it can.
    """

    guide: Guide
    hindrance: str = ""


def list_of(row: Shared) -> str:
    """The list of a document a row of the library stands in."""
    return next(name for name, model in SHARED.items() if isinstance(row, model))


def holding_older(row: Shared) -> Iterator[Held]:
    """The live guides whose released text holds `row` as it was before. Reads the texts of those alone."""
    name, now = list_of(row), part_of(row)
    rows = Guide.objects.live().filter(live__document__contains=f'"key":"{row.key}"')
    for guide in rows.order_by("title", "language"):
        if guide.live is None or not guide.live.is_readable:
            continue  # damaged: what it held nobody can say, and `verify` names it
        released = _document(guide.live)
        if any(item.key == now.key and _worded(item) != _worded(now) for item in released.items(name)):
            yield Held(guide, _hindrance(guide, released, name, row.key))


def take_over(guide: Guide, row: Shared, *, by: User | None) -> Revision:
    """Sends `guide` for review with everything in the library as it is now and no other change.

    Raises NotAllowed with a sentence when the draft holds other changes, a text is on its way, or nothing is older.
    """
    may(STEPS["submit"], by)
    name = list_of(row)
    with transaction.atomic():
        locked = Guide.objects.select_for_update().get(pk=guide.pk)
        if locked.live is None:
            raise NotAllowed(_("This guide is not live. Send its draft for review on its own page."))
        released = _document(locked.live)
        if hindrance := _hindrance(locked, released, name, row.key):
            raise NotAllowed(hindrance)
        note = _("Taken over from the library: %(what)s") % {"what": row}
        kind = KINDS.get(name, Revision.Change.WORDING)
        revision = actions.submit(locked, by=by, kind=kind, note=note)
        if _others(released, revision.read()):  # saved between the look and the sending: nothing of it is kept
            raise NotAllowed(_changed(_others(released, revision.read())))
        return revision


def _document(revision: Revision | None) -> Document:
    if revision is None:
        raise AssertionError("the caller has made sure that there is one")
    try:
        return revision.read()
    except UnreadableText as error:
        raise NotAllowed(
            _(
                "What is stored of the live text was damaged. Send the draft for review on the guide’s page, and publish it."
            )
        ) from error


def _hindrance(guide: Guide, released: Document, name: str, key: str) -> str:
    draft = frozen_document(guide)
    if all(item.key != key for item in draft.items(name)):
        return _("The draft of this guide does not use it any more. Send the draft for review on the guide’s page.")
    waiting = guide.revisions.filter(state__in=Revision.ON_ITS_WAY).first()
    if waiting is not None and waiting.hash == fingerprint(encode(draft)):
        return _("It has been sent: a text with the newer wording is on its way.")
    if waiting is not None:
        return _(
            "Another text of this guide is on its way and would be replaced. Let it be published or sent back first."
        )
    others = _others(released, draft)
    return _changed(others) if others else ""


def _others(released: Document, draft: Document) -> list[str]:
    """The units of the guide itself that differ; what it shares with others is not among them."""
    before, after = units(released), units(draft)
    return [unit for unit in {**before, **after} if before.get(unit) != after.get(unit)]


def _changed(others: list[str]) -> str:
    shown = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
    return _(
        "Its draft holds other changes that were not published (%(what)s). Send the draft for review on the guide’s "
        "page; the newer wording goes with it."
    ) % {"what": shown}


def _worded(item: Any) -> Any:
    """`item` without the day its link was opened, which no page shows and a check of links sets by itself."""
    return replace(item, opened="") if isinstance(item, Source) else item
