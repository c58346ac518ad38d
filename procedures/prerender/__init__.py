"""Published pages as files: made from the live documents through Django's own views, and served without Django.

Here live the list of addresses that can be files (`addresses`), asking Django for one (`asking`), the folder of
releases (`storing`), making the files equal the database (`refreshing`), noticing what another host or the day changed (`following`),
serving them (`serving`), and letting Django answer for what the disk could not take out (`watching`).
Never here: what a page says, who may publish, anything that writes to the database.
"""

from .following import Calendar, Follower
from .proxy import nginx_config
from .refreshing import Drift, Failed, check, current, refresh, verify
from .storing import Damaged
from .watching import in_front_of

__all__ = [
    "Calendar",
    "Damaged",
    "Drift",
    "Failed",
    "Follower",
    "check",
    "current",
    "in_front_of",
    "nginx_config",
    "refresh",
    "verify",
]
