"""Starts the site: everything `make run` does once the packages are installed.

After a crash `manage.py` need not come here: when nothing has changed since the last good start it becomes the server at
once (`procedures.restarting`) and starts this command `--beside` it, which looks at everything all the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from ... import prerender, restarting
from ...models import Guide
from ...upkeep import copy_database, static_files_stamp, verify

DUE = ("run_due", "--every", "20", "--server")
"""What publishes signed texts at their time. It stops by itself when who keeps it running (`restarting.keep`) is gone."""
MANY = 20
"""Live guides beyond which a start answers first and makes pages beside it: a thousand guides take many minutes."""


class Command(BaseCommand):
    help = "Brings the database and files up to date, loads the content into an empty database, and serves the site."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", "2")))
        parser.add_argument("--threads", type=int, default=int(os.environ.get("THREADS", "8")))
        parser.add_argument("--reload", action="store_true", help="Django's own server, which reloads changed code.")
        parser.add_argument("--prepare-only", action="store_true", help="Do all but serve.")
        parser.add_argument(
            "--pages-later", action="store_true", help="The pages of many guides are made by the next start."
        )
        parser.add_argument("--beside", type=int, metavar="PID", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if options["beside"]:
            self._beside(options["beside"])
            return
        if not options["prepare_only"] and os.environ.get("RUN_MAIN") != "true":
            self._port_is_free(host, port)
        all_made = True
        if os.environ.get("RUN_MAIN") != "true":  # not in the child of the reloading server
            if options["reload"]:
                self._migrate()
                self._content()
            else:
                all_made = self._prepare(wait=options["prepare_only"] and not options["pages_later"])
        if options["prepare_only"]:
            return
        if options["reload"]:
            call_command("runserver", f"{host}:{port}")
            return
        restarting.say(settings.SITE_URL)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.production")
        beside = DUE if all_made else ("serve", "--beside")
        environ = restarting.this.environ if restarting.this and not all_made else None
        restarting.become_server(
            *beside, host=host, port=port, workers=options["workers"], threads=options["threads"], environ=environ
        )

    def _prepare(self, *, wait: bool) -> bool:
        """Brings everything up to date, and keeps that this start has done so. False: the pages are still to be made.

        `wait`: also for the pages of many guides.
        """
        self._migrate()
        self._collect_static()
        self._content()
        if not wait and Guide.objects.filter(live__isnull=False).count() > MANY:
            self._say("The pages of many guides are made beside the server, which answers meanwhile.")
            self._verify()
            return False
        made = self._pages()
        self._verify()
        if made and restarting.this:
            with suppress(OSError):  # the next start then prepares first
                restarting.this.note(settings.DATA_DIR)
        return True

    def _beside(self, server: int) -> None:
        """Beside a server that answers already: looks whether there was something to do all the same, then does what is due."""
        try:
            self._prepare(wait=True)
        except KeyboardInterrupt:
            return
        except DatabaseError as error:  # /readyz says so too; published pages need no database
            self.stderr.write(
                f"The database could not be looked at ({error}). Published pages are served all the same."
            )
        except (Exception, SystemExit) as error:
            restarting.forget(settings.DATA_DIR)
            self.stderr.write(
                f"Not everything is up to date: {error}. The next start brings it up to date before it serves."
            )
        if os.getppid() == server:
            os.execv(sys.executable, [sys.executable, sys.argv[0], *DUE, str(server)])  # noqa: S606 (no shell; all ours)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _port_is_free(self, host: str, port: int) -> None:
        error = restarting.is_free(host, port)
        if error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). "
                f"Stop what uses it, or choose another port: make run PORT={port + 1}"
            ) from error

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        todo = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not todo:
            return
        copy = copy_database() if executor.loader.applied_migrations else None
        if copy:
            self._say(f"Kept a copy of the database: {copy}")
        self._say(f"Bringing the database up to date ({len(todo)} steps) …")
        call_command("migrate", verbosity=0, interactive=False, database=DEFAULT_DB_ALIAS)
        if executor.loader.applied_migrations:  # from before search existed, or indexed by an older program
            call_command("rebuild_search", stdout=self.stdout)

    def _collect_static(self) -> None:
        file = settings.STATIC_ROOT / ".stamp"
        stamp = static_files_stamp()
        if file.is_file() and file.read_text() == stamp:
            return
        self._say("Collecting styles and scripts …")
        began = time.monotonic()
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        file.write_text(stamp)
        self._say(f"  done in {time.monotonic() - began:.1f} s")

    def _content(self) -> None:
        if Guide.objects.exists():
            try:
                call_command("load_content", "--dry-run", stdout=self.stdout, stderr=self.stderr)
            except SystemExit:
                self._say(
                    "The content files were not loaded; `manage.py load_content` says why. The site goes on as it was."
                )
            return
        if not settings.SAMPLE:
            self._say(
                "There is no guide in the database, and SAMPLE is off: the site has no guides until a backup is brought "
                "back (manage.py restore), or the files in content/ are loaded: manage.py load_content makes them drafts."
            )
            return
        self._say("Loading the guides in content/ …")
        call_command("load_content", "--publish", stdout=self.stdout, stderr=self.stderr)

    def _pages(self) -> bool:
        """Whether all of them could be made."""
        began = time.monotonic()
        try:
            made = prerender.refresh(report=self._part)
        except prerender.Unreadable as error:  # all that can be made is made
            self.stderr.write(str(error))
            return True
        except prerender.Failed as error:  # the site answers all the same, only slower
            self.stderr.write(str(error))
            return False
        if made:
            self._say(f"  done in {time.monotonic() - began:.1f} s")
        return True

    def _verify(self) -> None:
        """A quick look at what is stored. What is wrong is said; the site serves what is right all the same."""
        for sentence in verify(quick=True).wrong:
            self.stderr.write(sentence)

    def _part(self, number: int, total: int, name: str) -> None:
        if number == 1:
            self._say("Preparing pages …")
        if sys.stdout.isatty():
            self.stdout.write(f"\r  {number} of {total} ", ending="\n" if number == total else "")
            self.stdout.flush()
