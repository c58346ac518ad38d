"""Draws the site's mark and the picture of shared links anew, after a colour of the token file has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ...pages import icons


class Command(BaseCommand):
    help = "Draws static/icons/ in the colours of static/css/tokens.css."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for name, data in icons.current().items():
            (icons.FOLDER / name).write_bytes(data)
            self.stdout.write(f"static/icons/{name}: {len(data)} bytes")
