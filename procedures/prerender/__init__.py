"""Published pages as files: made from the live documents through Django's own views, and served without Django.

Here live the list of addresses that can be files (`addresses`), asking Django for one (`asking`), the folder of
releases (`storing`), making the files equal the database (`refreshing`), noticing what another host or the day changed (`following`),
serving them (`serving`), doing so before Django is there (`beginning`), and letting Django answer for what the disk
could not take out (`watching`).
Never here: what a page says, who may publish, anything that writes to the database.

`beginning`, `serving` and `storing` are imported by a worker before Django is set up; the others need its models. So a
name is looked up in its module when somebody asks for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .beginning import RELIEF, Later, in_front_of, is_relief
    from .following import Calendar, Follower
    from .proxy import nginx_config
    from .refreshing import Drift, Failed, Unreadable, check, current, refresh, unread, verify
    from .storing import Damaged

__all__ = [
    "RELIEF",
    "Calendar",
    "Damaged",
    "Drift",
    "Failed",
    "Follower",
    "Later",
    "Unreadable",
    "check",
    "current",
    "in_front_of",
    "is_relief",
    "nginx_config",
    "refresh",
    "unread",
    "verify",
]
_MODULES = {
    "beginning": ("RELIEF", "Later", "in_front_of", "is_relief"),
    "following": ("Calendar", "Follower"),
    "proxy": ("nginx_config",),
    "refreshing": ("Drift", "Failed", "Unreadable", "check", "current", "refresh", "unread", "verify"),
    "storing": ("Damaged",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"{__name__} has no {name}")
