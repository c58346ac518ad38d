"""What is on disk."""

from __future__ import annotations

import hashlib

from django.contrib.staticfiles.finders import get_finders


def static_files_stamp() -> str:
    """A short text that changes when any static file of the site or its packages does (name, size, time)."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(ignore_patterns=[]), key=lambda found: found[0]):
            size, time = storage.size(path), storage.get_modified_time(path)
            digest.update(f"{path}\0{size}\0{time.timestamp()}\n".encode())
    return digest.hexdigest()
