"""What is to happen at a certain time."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass

from .. import publishing
from ..models import Revision, is_outage

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """One thing that was due: a sentence, and whether it could be done."""

    sentence: str
    failed: bool = False


def publish_due(now: datetime.datetime) -> list[Done]:
    """Publishes every signed text whose time has come. One that cannot be published keeps its place and is named."""
    found = []
    due = Revision.objects.filter(state=Revision.State.SCHEDULED, scheduled_for__lte=now).select_related("guide")
    for revision in due.order_by("scheduled_for"):
        try:
            publishing.publish(revision, by=None)
        except publishing.NotAllowed as error:
            found.append(Done(f"{revision.guide}: not published. {error}", failed=True))
        except Exception as error:  # one must not keep the others from going out at their time
            if is_outage(error):
                raise
            logger.exception("A text whose time has come could not be published")
            found.append(Done(f"{revision.guide}: not published, and tried again ({error}).", failed=True))
        else:
            found.append(
                Done(f"{revision.guide}: published, as was set for {revision.scheduled_for:%Y-%m-%d %H:%M %Z}.")
            )
    return found
