"""Says everything that is wrong with the content files; changes nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from procedures import loading


class Command(BaseCommand):
    help = "Checks the content files: exit 0 when they can be loaded and pass the editorial checks, 1 when not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")

    def handle(self, *, folder: Path, **options: Any) -> None:
        reading = loading.read(folder)
        for problem in reading.problems:
            self.stdout.write(str(problem))
        errors, warnings = len(reading.problems), 0
        if not errors:
            for finding in loading.findings(reading, today=timezone.localdate()):
                self.stdout.write(
                    f"{finding.problem.path}:{finding.problem.line}: {finding.level}: {finding.problem.message}"
                )
                errors += finding.level == "error"
                warnings += finding.level == "warning"
        self.stdout.write(f"{loading.counts(reading)}: {errors} errors, {warnings} warnings")
        if errors:
            raise SystemExit(1)
