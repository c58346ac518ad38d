"""Small notes in DATA_DIR of what ran when, so that it can be seen from outside without the database."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

ROUND = "round"
"""The jobs that are due were looked through."""
BACKED_UP = "backed-up"
"""A backup was made; the text says which pictures are not in it, a line each."""
VERIFIED = "verified"
"""Everything stored was compared with its hash; the text says what was wrong, a line each."""


def note(name: str, text: str = "") -> None:
    """Notes that `name` ran now. A disk that takes no note stops nobody's work."""
    folder = Path(settings.DATA_DIR) / "upkeep"
    try:
        folder.mkdir(exist_ok=True)
        fresh = folder / f".{name}-{secrets.token_hex(4)}"
        fresh.write_text(text, encoding="utf8")
        os.replace(fresh, folder / name)  # noqa: PTH105 (one call, as atomic as it is short)
    except OSError:
        return


def noted(name: str) -> tuple[datetime, str] | None:
    """When `name` ran last and what was noted; None: never, as far as is known."""
    path = Path(settings.DATA_DIR) / "upkeep" / name
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC), path.read_text(encoding="utf8")
    except (OSError, UnicodeError):
        return None
