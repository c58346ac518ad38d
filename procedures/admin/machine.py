"""What the first page tells superusers of the machine: the age of the last backup, and what is not in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from .. import upkeep

TOLD = {
    "backup": gettext_lazy("Backup"),
    "due": gettext_lazy("What is due"),
    "stored": gettext_lazy("Stored texts, pages and pictures"),
    "disk": gettext_lazy("Disk"),
}


def lines(user: Any) -> Iterator[tuple[str, str, bool]]:
    """Name, sentence and whether it is late. Asks no database. The backup is always told, the others when they fail."""
    if not user.is_superuser:
        return
    for check in upkeep.checks(only=tuple(TOLD)):
        if not check.ok or (check.name == "backup" and settings.BACKUP_DIR is not None):
            yield str(TOLD[check.name]), check.said, not check.ok
