"""What is not kept for ever."""

from __future__ import annotations

import datetime
import logging
import re
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session

from ..models import Feedback, LoginTry, Unsaved

logger = logging.getLogger(__name__)
KEPT = datetime.timedelta(days=365)
"""How long what readers say of pages is kept (the privacy page promises 12 months)."""
UNSAVED_KEPT = datetime.timedelta(days=30)
"""How long text stays that was typed and never saved."""
LOGS_KEPT = datetime.timedelta(days=30)
"""How long the files of the log stay (LOG_FILE; what is printed is kept by whoever catches it, such as journald)."""
REPLACED_KEPT = datetime.timedelta(days=365)
"""How long a site stays that a restore put aside: as long as the oldest backup, which the privacy page counts with."""
TRIES_KEPT = datetime.timedelta(hours=2)
"""How long a failed login is kept: no rule of `staff.throttle` looks back further than an hour."""


def forget_old(now: datetime.datetime) -> int:
    """Deletes what readers said more than 12 months before `now`; gives how many. Failed logins, sessions that have
    ended, text nobody saved within 30 days, older files of the log and sites put aside a year ago go too. Writes nothing
    where nothing is old.
    """
    for forget in (_forget_old_logs, _forget_replaced):
        try:
            forget(now)
        except OSError:  # a file nobody may delete keeps nothing else
            logger.exception("Not all old files could be deleted; it is tried again")
    for ended in (
        LoginTry.objects.filter(at__lt=now - TRIES_KEPT),
        Session.objects.filter(expire_date__lt=now),
        Unsaved.objects.filter(at__lt=now - UNSAVED_KEPT),
    ):
        if ended.exists():
            ended.delete()
    old = Feedback.objects.filter(at__lt=now - KEPT)
    return old.delete()[0] if old.exists() else 0


def _forget_old_logs(now: datetime.datetime) -> None:
    """Deletes the files `mesoinfo.logs.DailyFile` wrote for days before the last 30."""
    if not settings.LOG_FILE:
        return
    log = Path(settings.LOG_FILE)
    ours = re.compile(rf"{re.escape(log.stem)}-(\d{{4}}-\d\d-\d\d){re.escape(log.suffix)}")
    oldest = (now - LOGS_KEPT).date().isoformat()
    for path in log.parent.iterdir() if log.parent.is_dir() else ():
        found = ours.fullmatch(path.name)
        if found and found[1] < oldest:
            path.unlink(missing_ok=True)


def _forget_replaced(now: datetime.datetime) -> None:
    """Deletes what `restore` put aside in `replaced-<time>/` more than a year ago."""
    oldest = f"replaced-{(now - REPLACED_KEPT).astimezone(datetime.UTC):%Y%m%dT%H%M%S}"
    for path in Path(settings.DATA_DIR).glob("replaced-*"):
        if re.fullmatch(r"replaced-\d{8}T\d{6}\.\d+Z", path.name) and path.name < oldest:
            shutil.rmtree(path, ignore_errors=True)
