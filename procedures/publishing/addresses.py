"""Addresses of a released guide: none is taken from another guide, and a changed one leaves a way to the new."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from ..document import RESERVED_IN_GUIDE, Document, Kind
from ..models import Guide, OldAddress, Revision, UnreadableText
from ..rendering.of_document import home_of
from .transitions import NotAllowed

logger = logging.getLogger(__name__)


def paths_of(document: Document) -> dict[str, str]:
    """What has an address of its own in a guide → its root-relative address."""
    home = home_of(document)
    paths = {"": home, **{f"section:{section.key}": f"{home}{section.address}/" for section in document.sections}}
    if document.kind != Kind.SITE:
        paths |= {f"page:{name}": f"{home}{name}/" for name in sorted(RESERVED_IN_GUIDE)}
    return paths


def must_be_free(document: Document, *, guide: Guide) -> None:
    """Raises NotAllowed when another live guide answers at an address of `document`."""
    mine = set(paths_of(document).values())
    for title, paths in _answering(document, besides=guide):
        if taken := mine & paths:
            raise NotAllowed(
                _(
                    "The address %(path)s belongs to “%(title)s”, which is live. Choose another address and send it again."
                )
                % {"path": min(taken), "title": title}
            )


def _answering(document: Document, *, besides: Guide) -> Iterator[tuple[str, set[str]]]:
    """The live guides that may answer at an address of `document`: title, and every address they answer at."""
    others = Guide.objects.live().exclude(pk=besides.pk).filter(language=document.language)
    if document.kind != Kind.SITE:  # two procedure guides clash only by their slug; reading all of them would be slow
        same = list(Revision.objects.filter(slug=document.slug, state=Revision.State.LIVE).values_list("pk", flat=True))
        others = others.filter(Q(kind=Kind.SITE) | Q(live__in=same))
    for other in others:
        if other.live is not None:
            yield other.title, _stored_paths(other, other.live, like=document)


def _stored_paths(guide: Guide, live: Revision, *, like: Document) -> set[str]:
    """Every address a live text answers at; of one that was damaged only the first, which is noted beside it."""
    try:
        return set(paths_of(live.read()).values())
    except UnreadableText:
        logger.exception("Only the first address of this text is known, so others may be given to another guide")
        return {home_of(replace(like, kind=guide.kind, slug=live.slug or guide.slug))}


def keep_old(before: Document | None, now: Document, *, guide: Guide) -> None:
    """Leaves a redirect for every address that moved between two released texts. No chains, no loops.

    An address that answers, of this guide or of another that took it over meanwhile, leads nowhere else.
    """
    present = paths_of(now)
    answering = set(present.values())
    OldAddress.objects.filter(path__in=answering).delete()  # it answers again by itself
    OldAddress.objects.filter(to__in=answering).exclude(
        guide=guide
    ).delete()  # led to a guide that was taken down there
    if before is None:
        return
    moved = {old: present[what] for what, old in paths_of(before).items() if present.get(what, old) != old}
    if not moved:
        return
    for _title, paths in _answering(before, besides=guide):
        answering |= paths
    for old, new in moved.items():
        OldAddress.objects.filter(to=old).update(to=new)
        if old not in answering:
            OldAddress.objects.update_or_create(path=old, defaults={"to": new, "guide": guide})
