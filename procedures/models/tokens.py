"""Signed links to a preview: who holds one may read exactly one text for a while, without a login.

Staff get one for themselves on every page of the desk; one that is meant to be shared lives longer. All of a guide's
links die at once when staff stop them: a link names the last stop before it was made, and a later one makes it void.
"""

from __future__ import annotations

from django.core import signing
from django.utils import timezone

from .frozen import PublicationEvent, Revision
from .working import Guide

SALT = "procedures.preview"
SECONDS = 12 * 60 * 60
"""How long staff may look by a link of the desk."""
SHARED_DAYS = 7
"""How long a link that is meant to be shared leads anywhere."""
STOP = "stop_previews"
"""Step of the event that makes all links void that were made before."""


class Stopped(Exception):
    """Staff have stopped this link before its time."""


def preview_path(guide: Guide, revision: Revision | None = None, *, shared: bool = False) -> str:
    """Root-relative address of the preview of one revision, or of the working text as it is when opened."""
    payload = [guide.pk, revision.pk if revision else None, _last_stop(guide), int(shared)]
    return f"/preview/{signing.dumps(payload, salt=SALT, compress=False)}/"


def previewed(token: str) -> tuple[Guide, Revision | None]:
    """What a token leads to.

    Raises signing.SignatureExpired when its time is over, Stopped when staff have stopped it, signing.BadSignature for
    any other token that is not ours, Guide.DoesNotExist or Revision.DoesNotExist when what it led to is gone.
    """
    *_ids, shared = signing.loads(token, salt=SALT)
    age = SHARED_DAYS * 24 * 60 * 60 if shared else SECONDS
    guide_pk, revision_pk, stop, _shared = signing.loads(token, salt=SALT, max_age=age)
    guide = Guide.objects.get(pk=guide_pk)
    if stop != _last_stop(guide):
        raise Stopped
    return guide, guide.revisions.get(pk=revision_pk) if revision_pk else None


def stop_previews(guide: Guide, *, by: object) -> None:
    """Makes every link to a preview of this guide void that exists now. Who did it is on record."""
    PublicationEvent.objects.create(guide=guide, step=STOP, by=by, at=timezone.now())  # type: ignore[misc]
    vars(guide).pop("_last_stop", None)


def _last_stop(guide: Guide) -> int:
    """The event that stopped the links of a guide last, 0 if none did. Asked once for each guide in hand."""
    known = vars(guide)
    if "_last_stop" not in known:
        found = (
            PublicationEvent.objects.filter(guide_id=guide.pk, step=STOP).order_by("-pk").values_list("pk", flat=True)
        )
        known["_last_stop"] = found.first() or 0
    return int(known["_last_stop"])
