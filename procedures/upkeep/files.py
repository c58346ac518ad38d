"""What is on disk."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders

PICTURE = re.compile(r"([0-9a-f]{64})\.[a-z]+")
"""Name of a picture's file; the group is the SHA-256 of its bytes."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex, read piece by piece. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def static_files_stamp() -> str:
    """A short text that changes when any static file of the site or its packages does (name, size, time)."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(ignore_patterns=[]), key=lambda found: found[0]):
            size, time = storage.size(path), storage.get_modified_time(path)
            digest.update(f"{path}\0{size}\0{time.timestamp()}\n".encode())
    return digest.hexdigest()
