"""What is not kept for ever."""

from __future__ import annotations

import datetime

from django.contrib.sessions.models import Session

from ..models import Feedback, LoginTry

KEPT = datetime.timedelta(days=365)
"""How long what readers say of pages is kept (the privacy page promises 12 months)."""
TRIES_KEPT = datetime.timedelta(hours=2)
"""How long a failed login is kept: no rule of `staff.throttle` looks back further than an hour."""


def forget_old(now: datetime.datetime) -> int:
    """Deletes what readers said more than 12 months before `now`; gives how many. Failed logins and sessions that have
    ended go too. Writes nothing where nothing is old.
    """
    for ended in (LoginTry.objects.filter(at__lt=now - TRIES_KEPT), Session.objects.filter(expire_date__lt=now)):
        if ended.exists():
            ended.delete()
    old = Feedback.objects.filter(at__lt=now - KEPT)
    return old.delete()[0] if old.exists() else 0
