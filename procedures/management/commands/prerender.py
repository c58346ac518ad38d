"""Makes the published pages' files equal the database, or says where they are not."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from procedures import prerender
from procedures.memory import give_back_large_blocks


class Command(BaseCommand):
    help = (
        "Makes the files of published pages equal the database. "
        "With --check nothing is changed: each difference is named, and the exit code is 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", dest="everything", help="Make every page anew.")
        parser.add_argument("--check", action="store_true", help="Compare with pages made afresh; change nothing.")

        parser.add_argument("--nginx", action="store_true", help="Print what nginx needs to send the same files.")

    def handle(self, *, everything: bool, check: bool, nginx: bool, **options: Any) -> None:
        give_back_large_blocks()
        if nginx:
            self._print_nginx()
            return
        if check:
            self._check()
            return
        try:
            made = prerender.refresh(everything=everything, report=self._report)
        except prerender.Failed as error:
            raise CommandError(str(error)) from error
        self._end_of_progress()
        self.stdout.write(f"{made} parts of the site made." if made else "Every page is as it should be.")

    def _print_nginx(self) -> None:
        try:
            self.stdout.write(prerender.nginx_config())
        except (prerender.Damaged, OSError) as error:
            raise CommandError(str(error)) from error

    def _check(self) -> None:
        found = 0
        try:
            for drift in prerender.check(report=self._report):
                found += 1
                self.stdout.write(str(drift))
        except (OSError, DatabaseError) as error:
            raise CommandError(f"The comparison was stopped: {error}") from error
        self._end_of_progress()
        if found:
            self.stdout.write(f"{found} differences. To make the pages anew: manage.py prerender --all")
            raise SystemExit(1)
        self.stdout.write("Every page is as Django makes it now.")

    def _report(self, number: int, total: int, name: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r  {number} of {total}: {name:<40}", ending="")

    def _end_of_progress(self) -> None:
        if sys.stderr.isatty():
            self.stderr.write("\r" + " " * 60, ending="\r")
