"""A backup as far as its place in the list of backups goes."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

from procedures.upkeep import backups


def stand(folder: Path, at: datetime.datetime) -> Path:
    """Makes a backup in `folder` of an empty database, with a right list; gives its folder."""
    made = folder / at.astimezone(datetime.UTC).strftime(backups.STAMP)
    made.mkdir(parents=True)
    (made / "database.sqlite3").write_bytes(b"")
    files = {"database.sqlite3": {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}}
    raw = json.dumps({"format": backups.FORMAT, "made": at.isoformat(), "files": files}).encode()
    (made / "manifest.json").write_bytes(raw)
    (made / "manifest.sha256").write_text(f"{hashlib.sha256(raw).hexdigest()}  manifest.json\n")
    return made
