"""Builds the search index anew from what is live, or says whether it fits."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procedures import search
from procedures.models import Guide


class Command(BaseCommand):
    help = "Builds the search index anew from the live guides. With --check only says whether it fits them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; exit with 1 if the index is wrong.")

    def handle(self, *args: Any, check: bool, verbosity: int, **options: Any) -> None:
        if check:
            self._check()
            return
        names = (lambda guide: self.stdout.write(f"{guide}")) if verbosity > 1 else None
        count = search.rebuild(each=names)
        self.stdout.write(f"{count} passages of {Guide.objects.live().count()} live guides can be found.")

    def _check(self) -> None:
        found = search.faults()
        for sentence in found[:20]:
            self.stderr.write(sentence)
        if found:
            raise CommandError(
                f"The index is wrong in {len(found)} places. Run `manage.py rebuild_search` to build it anew."
            )
        self.stdout.write("The index fits what is live.")
