"""Tries the links of the sources."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procedures.models import Source
from procedures.upkeep import check_links, failed_links, only_one
from procedures.upkeep.links import Answer


class Command(BaseCommand):
    help = (
        "Opens the link of each source that was not tried within a week, one request a second to a host, and keeps what "
        "it answered. Where a link opens for the first time the source says since when. Changes no live text."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Also those tried within a week.")

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one("links") as mine:
            if not mine:
                self.stdout.write("The links are being tried already, by another process.")
                return
            count = check_links(everything=options["all"], report=self._report)
        self.stdout.write(f"{count} links tried; of all, {len(failed_links())} do not open.")

    def _report(self, source: Source, answer: Answer) -> None:
        if not answer.ok:
            self.stdout.write(f"{source.key}: {answer.words}")
