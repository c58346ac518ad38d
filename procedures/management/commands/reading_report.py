"""Prints how hard and how long each section is, and which statements carry a mark; changes nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procedures import loading, quality
from procedures.document import Document, Kind

KINDS = ("figure", "benefit", "risk")


class Command(BaseCommand):
    help = (
        "Reading grades (Flesch-Kincaid as written; eased: each glossary term as one two-syllable word; SMOG), sentence "
        "lengths, words of each page, and figures, benefits and risks with and without a mark."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")
        parser.add_argument("--list", action="store_true", dest="listed", help="list each statement with its marks")

    def handle(self, *, folder: Path, listed: bool, **options: Any) -> None:
        reading = loading.read(folder)
        if reading.problems:
            raise CommandError(f"{len(reading.problems)} things are wrong in the files. Run check_content first.")
        for document in reading.documents:
            self._guide(document, reading, listed=listed)

    def _guide(self, document: Document, reading: loading.Reading, *, listed: bool) -> None:
        report = quality.report(document)
        self.stdout.write(f"\n{document.title} ({document.language})")
        for line in quality.table(report):
            self.stdout.write(line)
        if document.kind != Kind.PROCEDURE:
            return
        self.stdout.write(
            f"words: the guide's own page {report.guide_page}, the whole guide on one page {report.whole}"
        )
        for kind in KINDS:
            have, lack = report.count(kind, marked=True), report.count(kind, marked=False)
            self.stdout.write(f"{kind} statements: {have} with a mark, {lack} without")
        for statement in report.statements if listed else ():
            passage = statement.passage
            path, number = reading.spot(passage.unit, line=passage.line)
            marks = ", ".join(dict.fromkeys(statement.sentence.marks or passage.marks)) or "NO MARK"
            self.stdout.write(f"{path}:{number}: {statement.kind}: {statement.sentence.text} [{marks}]")
