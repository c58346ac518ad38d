"""Makes a backup while the site runs, and proves it by restoring it into a temporary place."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procedures.upkeep import BadBackup, make_backup, only_one


class Command(BaseCommand):
    help = (
        "Makes a backup of database, pictures and content in DIR (default: BACKUP_DIR), proves it by restoring it into "
        "a temporary place, and removes backups too old to be kept (7 daily, 4 weekly, 12 monthly stay)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=None, metavar="DIR")

    def handle(self, *, folder: Path | None, **options: Any) -> None:
        try:
            with only_one("backup") as mine:  # several hosts may share the database
                if not mine:
                    raise BadBackup("Another backup is being made at this moment, here or by another host. Wait for it")
                made = make_backup(folder.resolve() if folder else None)
        except BadBackup as error:
            raise CommandError(f"{error}.") from error
        for sentence in made.lost:
            self.stderr.write(f"{sentence}.")
        if made.lost:
            self.stderr.write("Everything else is in the backup.")
        self.stdout.write(f"Backup made and proved: {made.path}")
