"""Noticing what another host has released. Each host has its own folder of pages; the database is what they share."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import PublicationEvent
from .refreshing import refresh


@dataclass
class Follower:
    """Makes this host's files again when the record of what was done in public has grown.

    Every step that readers can see, a release, a take-down, a picture taken down, a change of the clinic's record,
    writes one event; so the number of the newest event is all that has to be asked, by its primary key.
    """

    seen: int | None = None

    def look(self) -> bool:
        """Asks once. True when there was something new and the files were compared with the database.

        Raises what `refresh` raises, and DatabaseError; the next look then tries again.
        """
        newest = PublicationEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if self.seen == newest:
            return False
        refresh()
        self.seen = newest
        return True
