"""Fills an empty data folder with many guides and pictures: `python -m tests.torture.large GUIDES MEGABYTES`.

The guides are live; what `grow` does not write, the working text, is not there, and the pages are not made.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django

PICTURE = 500_000
"""Bytes of a picture: what a telephone's photograph has after cleaning, about."""


def main(guides: str, megabytes: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from procedures import search
    from tests.growing import grow

    call_command("migrate", verbosity=0)
    for first in range(0, int(guides), 100):
        grow(min(100, int(guides) - first), first=first)
    search.rebuild()
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    for number in range(int(megabytes) * 1_000_000 // PICTURE):
        data = hashlib.shake_256(str(number).encode()).digest(PICTURE)
        (media / f"{hashlib.sha256(data).hexdigest()}.jpg").write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
