"""Addresses of a released guide: none is taken from another guide, and a changed one leaves a way to the new."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..document import RESERVED_IN_GUIDE, Document, Kind, canonical
from ..models import Guide, OldAddress
from ..rendering.of_document import home_of
from .transitions import NotAllowed


def paths_of(document: Document) -> dict[str, str]:
    """What has an address of its own in a guide → its root-relative address."""
    home = home_of(document)
    paths = {"": home, **{f"section:{section.key}": f"{home}{section.address}/" for section in document.sections}}
    if document.kind != Kind.SITE:
        paths |= {f"page:{name}": f"{home}{name}/" for name in sorted(RESERVED_IN_GUIDE)}
    return paths


def must_be_free(document: Document, *, guide: Guide) -> None:
    """Raises NotAllowed when another live guide answers at an address of `document`."""
    others = Guide.objects.live().exclude(pk=guide.pk).filter(language=document.language)
    if document.kind != Kind.SITE:  # two procedure guides clash only by their slug; reading all of them would be slow
        same = f'"slug":{canonical(document.slug)}'
        others = others.filter(kind=Kind.SITE) | others.filter(live__document__contains=same)
    mine = set(paths_of(document).values())
    for other in others:
        if other.live is None:
            continue
        taken = mine & set(paths_of(other.live.read()).values())
        if taken:
            raise NotAllowed(
                _(
                    "The address %(path)s belongs to “%(title)s”, which is live. Choose another address and send it again."
                )
                % {"path": min(taken), "title": other.title}
            )


def keep_old(before: Document | None, now: Document, *, guide: Guide) -> None:
    """Leaves a redirect for every address that moved between two released texts. No chains, no loops."""
    present = paths_of(now)
    answering = set(present.values())
    OldAddress.objects.filter(path__in=answering).delete()  # it answers again by itself
    if before is None:
        return
    for what, old in paths_of(before).items():
        new = present.get(what)
        if new is None or new == old:
            continue
        OldAddress.objects.filter(to=old).update(to=new)
        if old not in answering:
            OldAddress.objects.update_or_create(path=old, defaults={"to": new, "guide": guide})
