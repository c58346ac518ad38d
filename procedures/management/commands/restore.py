"""Puts a backup in the place of what is there, and makes the site ready to start."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procedures.upkeep import BadBackup, bring_up_to_date, restore_backup


class Command(BaseCommand):
    help = (
        "Restores a backup (its folder, or a tar file of it) on an empty site. With --yes also in the place of a site, "
        "which is kept aside. Stop the server first."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--yes", action="store_true", help="Replace the site that is there.")

    def handle(self, *, backup: Path, yes: bool, **options: Any) -> None:
        try:
            done = restore_backup(backup.resolve(), replace=yes, say=self.stdout.write)
        except BadBackup as error:
            raise CommandError(f"{error}.") from error
        bring_up_to_date()
        self.stdout.write(f"Restored what was there on {done.made}, in {settings.DATA_DIR}.")
        if done.aside:
            self.stdout.write(f"What was here before is kept in {done.aside}")
        self.stdout.write("Now start the site.")
