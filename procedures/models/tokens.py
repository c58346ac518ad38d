"""Signed links to a preview: who holds one may read exactly one text for a while, without a login."""

from __future__ import annotations

from django.core import signing

from .frozen import Revision
from .working import Guide

SALT = "procedures.preview"
SECONDS = 12 * 60 * 60


def preview_path(guide: Guide, revision: Revision | None = None) -> str:
    """Root-relative address of the preview of one revision, or of the working text as it is when opened."""
    token = signing.dumps([guide.pk, revision.pk if revision else None], salt=SALT, compress=False)
    return f"/preview/{token}/"


def previewed(token: str) -> tuple[Guide, Revision | None]:
    """What a token leads to.

    Raises signing.SignatureExpired after `SECONDS`, signing.BadSignature for any other token that is not ours,
    Guide.DoesNotExist or Revision.DoesNotExist when it is gone.
    """
    guide_pk, revision_pk = signing.loads(token, salt=SALT, max_age=SECONDS)
    guide = Guide.objects.get(pk=guide_pk)
    return guide, guide.revisions.get(pk=revision_pk) if revision_pk else None
