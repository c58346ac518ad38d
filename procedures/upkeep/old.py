"""What is not kept for ever."""

from __future__ import annotations

import datetime

from ..models import Feedback

KEPT = datetime.timedelta(days=365)
"""How long what readers say of pages is kept (the privacy page promises 12 months)."""


def forget_old(now: datetime.datetime) -> int:
    """Deletes what readers said more than 12 months before `now`; gives how many. Writes nothing where nothing is old."""
    old = Feedback.objects.filter(at__lt=now - KEPT)
    return old.delete()[0] if old.exists() else 0
