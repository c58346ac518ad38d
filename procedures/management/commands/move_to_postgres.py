"""Moves the whole site from SQLite into an empty PostgreSQL, and proves that every row arrived."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

import environ
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from procedures.upkeep import CannotMove, move, target


class Command(BaseCommand):
    help = (
        "Copies everything of the present database into the empty one at URL, compares both row by row by hash, and "
        "says what to do next. The present database stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL", help="postgres://user:password@host:5432/name")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        if not url.startswith(("postgres://", "postgresql://")):
            raise CommandError("The new database must be given as postgres://user:password@host:5432/name.")
        try:
            with target(environ.Env.db_url_config(url)) as alias:
                tables = move(alias, say=self.stdout.write)
        except CannotMove as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was moved: {str(error).strip()}") from error
        rows = sum(table.rows for table in tables)
        self.stdout.write(f"{rows} rows of {len(tables)} tables are the same on both sides, compared by SHA-256.")
        there = {**os.environ, "DATABASE_URL": url}
        for command in ("rebuild_search", "verify_review"):
            done = subprocess.run([sys.executable, sys.argv[0], command], env=there, check=False)  # noqa: S603 (ours)
            if done.returncode:
                raise CommandError(f"The rows arrived, but `manage.py {command}` failed there. See above.")
        self.stdout.write("Now set DATABASE_URL to the new database and start the site again.")
