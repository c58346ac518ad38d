"""Writes the content files from the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from procedures import loading

CONFLICT = 3


class Command(BaseCommand):
    help = "Writes the working text, or what is released, as content files. Exit 0: done; 1: cannot; 3: would lose changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")
        parser.add_argument(
            "--live", action="store_true", help="write what the public sees instead of the working text"
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="also write over changes in the content folder nobody has loaded"
        )

    def handle(self, *, folder: Path, live: bool, overwrite: bool, **options: Any) -> None:
        try:
            done = loading.export(folder, live=live, overwrite=overwrite)
        except loading.ContentError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            self.stderr.write("Nothing was exported.")
            raise SystemExit(1) from error
        except loading.NotLoaded as error:
            for unit in error.units:
                self.stderr.write(f"{unit}: was changed in the files and not loaded; an export would lose it")
            self.stderr.write("Nothing was exported. Run load_content first, or add --overwrite.")
            raise SystemExit(CONFLICT) from error
        for name in done.written:
            self.stdout.write(f"written: {name}")
        for name in done.removed:
            self.stdout.write(f"removed, as in the admin: {name}")
        for name in done.left_over:
            self.stdout.write(f"left over, no longer part of any guide: {name} (remove it if it is not needed)")
        for problem in done.faults:
            self.stdout.write(f"to correct before it can be loaded: {problem}")
        self.stdout.write(f"exported to {folder}: {len(done.written)} files written, {len(done.kept)} unchanged")
