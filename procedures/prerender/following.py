"""Noticing what changes pages without anybody here releasing anything: another host, and the day.

Each host has its own folder of pages; the database is what they share.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings

from ..models import PublicationEvent
from .beginning import NEWEST
from .refreshing import Unreadable, refresh


def newest_steps() -> tuple[int, ...]:
    """The numbers of the newest events: they differ after every step that readers can see. By the primary key."""
    return tuple(PublicationEvent.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST])


@dataclass
class Follower:
    """Makes this host's files again when the record of what was done in public has grown.

    Every step that readers can see, a release, a take-down, a picture taken down, a change of the clinic's record,
    writes one event; so the numbers of the newest events are all that has to be asked.
    """

    seen: tuple[int, ...] | None = None

    def look(self) -> bool:
        """Asks once. True when there was something new and the files were compared with the database.

        Raises what `refresh` raises, and DatabaseError; the next look then tries again.
        """
        newest = newest_steps()
        if self.seen == newest:
            return False
        try:
            refresh()
        except Unreadable:  # to be said once: before somebody mends the text and releases it, trying again is of no use
            self.seen = newest
            raise
        self.seen = newest
        return True


@dataclass
class Calendar:
    """Makes the pages again that say something else from a certain day on: that the review of a text is overdue.

    The keys of the parts hold which reviews are overdue, so a look on a day that changes nothing reads the database in a
    few queries and writes nothing.
    """

    day: datetime.date | None = None

    def look(self, today: datetime.date) -> int:
        """The number of parts that were made anew; compares once a day. Raises what `refresh` raises, then tries again."""
        if self.day == today or not settings.AFTER_RELEASE:
            return 0
        try:
            made = refresh(thorough=False)
        except Unreadable:
            self.day = today
            raise
        self.day = today
        return made
