"""Makes a picture fit for the content folder: nothing but pixels, named by its hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procedures.images import Refused, clean


class Command(BaseCommand):
    help = "Cleans JPEG, PNG or WebP files, writes them into a folder and prints the lines images.yaml needs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--into", type=Path, default=Path("content/images"), metavar="FOLDER")

    def handle(self, *, files: list[Path], into: Path, **_: Any) -> None:
        for file in files:
            try:
                cleaned = clean(file.read_bytes())
                into.mkdir(parents=True, exist_ok=True)
                target = into / f"{cleaned.sha256}.{cleaned.ext}"
                target.write_bytes(cleaned.data)
            except Refused as refused:
                raise CommandError(f"{file}: {refused}") from refused
            except OSError as error:
                raise CommandError(f"{file}: {error.strerror or error}") from error
            self.stdout.write(f"# {target}\n- key: \n  file: {target.name}")
            self.stdout.write(f"  width: {cleaned.width}\n  height: {cleaned.height}\n  words: \n")
