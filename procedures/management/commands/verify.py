"""Says whether everything stored is what was stored: texts, signatures, published files, pictures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procedures.upkeep import verify


class Command(BaseCommand):
    help = (
        "Computes every stored hash again and names what is not what was stored. Changes nothing. "
        "Exit code 1 when something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="Only live texts by hash, and files by their size.")
        parser.add_argument(
            "--lost", type=Path, metavar="FILE", help="Names of pictures, as JSON, that are known to be missing."
        )

    def handle(self, *, quick: bool, lost: Path | None, **options: Any) -> None:
        found = verify(quick=quick, lost=json.loads(lost.read_text()) if lost else ())
        for sentence in found.wrong:
            self.stderr.write(sentence)
        seen = (
            f"{found.texts} texts, {found.signatures} signatures, {found.files} published files, "
            f"{found.pictures} pictures looked at"
        )
        if found.wrong:
            raise CommandError(f"{seen}: {len(found.wrong)} are not what was stored.")
        self.stdout.write(f"{seen}: all are what was stored.")
