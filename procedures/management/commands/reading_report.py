"""Prints how hard and how long each section is, and which statements carry a mark; changes nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procedures import loading, quality
from procedures.document import CellState, Document, Kind
from procedures.rendering import plain

KINDS = ("figure", "benefit", "risk")
CELLS = {
    CellState.TEXT: "with a text",
    CellState.NO_GOOD_EVIDENCE: "“no good evidence”",
    CellState.NOT_LOOKED_INTO: "“not looked into”",
}


class Command(BaseCommand):
    help = (
        "Reading grades (Flesch-Kincaid as written; eased: each glossary term as one two-syllable word; SMOG), sentence "
        "lengths, words of each page, figures, benefits and risks with and without a mark, where the marks lead, "
        "and the cells of the choice table."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")
        parser.add_argument("--list", action="store_true", dest="listed", help="list each statement with its marks")

    def handle(self, *, folder: Path, listed: bool, **options: Any) -> None:
        reading = loading.read(folder)
        if reading.problems:
            raise CommandError(f"{len(reading.problems)} things are wrong in the files. Run check_content first.")
        shared = reading.shared()
        for document in reading.documents.bare():
            self._guide(replace(document, **shared), reading, listed=listed)

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
        self._marks(document, report)
        self._cells(document)
        for statement in report.statements if listed else ():
            passage = statement.passage
            path, number = reading.spot(passage.unit, line=passage.line)
            marks = ", ".join(dict.fromkeys(statement.sentence.marks or passage.marks)) or "NO MARK"
            self.stdout.write(f"{path}:{number}: {statement.kind}: {statement.sentence.text} [{marks}]")

    def _marks(self, document: Document, report: quality.Report) -> None:
        """Where the marks of these statements lead: to a claim or a source, and from there out of the site."""
        claims = {claim.key: claim.cites for claim in document.claims}
        sources = {source.key: source for source in document.sources}
        keys = {mark for one in report.statements for mark in (*one.sentence.marks, *one.passage.marks)}
        reached = {key: [sources[cite] for cite in claims.get(key, (key,)) if cite in sources] for key in keys}
        nowhere = sorted(key for key, found in reached.items() if not found)
        cited = {source.key: source for found in reached.values() for source in found}
        linked = sum(1 for source in cited.values() if source.link)
        self.stdout.write(
            f"marks: {len(keys)} different, {len(keys) - len(nowhere)} open to a source, {len(nowhere)} to none"
            f"{': ' + ', '.join(nowhere) if nowhere else ''}; of their {len(cited)} sources {linked} have a link, "
            f"{len(cited) - linked} are printed only"
        )

    def _cells(self, document: Document) -> None:
        """The three states of the cells of the choice table, and how even its columns are."""
        states = Counter(str(cell.state) for option in document.options for cell in option.cells.values())
        told = ", ".join(f"{states[state]} {words}" for state, words in CELLS.items())
        self.stdout.write(f"cells of the choice table: {sum(states.values())}: {told}")
        for option in document.options:
            texts = [cell.text for cell in option.cells.values() if cell.state == CellState.TEXT]
            words = sum(len(plain(text, inline=True).split()) for text in texts)
            mean = words / len(texts) if texts else 0.0
            self.stdout.write(f"  {option.name}: {words} words in {len(texts)} cells, {mean:.1f} each")
