"""Notes that parts of a translation say what the first language says now; or lists which do not."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procedures import loading


class Command(BaseCommand):
    help = (
        "Without a translation: lists the parts whose wording in the first language changed since; exit code 1 when "
        "there are any. With one, such as mesotherapy/es: notes in its guide.yaml that PARTs (all, when none is "
        "named) were compared and are up to date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("translation", nargs="?", help="its folder, such as mesotherapy/es")
        parser.add_argument("parts", nargs="*", metavar="PART", help="such as risks.md or guide.yaml#costs/session")
        parser.add_argument("--content", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")

    def handle(self, *, translation: str | None, parts: list[str], content: Path, **options: Any) -> None:
        reading = loading.read(content)
        if reading.problems:
            raise CommandError("The content files hold errors; `manage.py check_content` names them.")
        if translation is None:
            found = loading.behind_in(reading)
            for problem in found:
                self.stdout.write(str(problem))
            self.stdout.write(f"{len(loading.translations(reading))} translations, {len(found)} parts behind")
            if found:
                raise SystemExit(1)
            return
        try:
            file, changed = loading.mark_translated(reading, translation.rstrip("/"), parts=parts)
        except loading.ContentError as error:
            raise CommandError("\n".join(str(problem) for problem in error.problems)) from error
        self.stdout.write(f"{file.relative_to(content.parent)}: {len(changed)} parts noted as up to date")
