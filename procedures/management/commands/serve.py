"""Starts the site: everything `make run` does once the packages are installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from ... import prerender
from ...models import Guide
from ...upkeep import copy_database, static_files_stamp, verify


class Command(BaseCommand):
    help = "Brings the database and files up to date, loads the content into an empty database, and serves the site."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", "2")))
        parser.add_argument("--threads", type=int, default=int(os.environ.get("THREADS", "8")))
        parser.add_argument("--reload", action="store_true", help="Django's own server, which reloads changed code.")
        parser.add_argument("--prepare-only", action="store_true", help="Do all but serve.")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not options["prepare_only"] and os.environ.get("RUN_MAIN") != "true":
            self._port_is_free(host, port)
        if os.environ.get("RUN_MAIN") != "true":  # not in the child of the reloading server
            self._migrate()
            if not options["reload"]:
                self._collect_static()
            self._content()
            if not options["reload"]:
                self._pages()
                self._verify()
        if options["prepare_only"]:
            return
        if options["reload"]:
            call_command("runserver", f"{host}:{port}")
            return
        self._say(f"Reading:  {settings.SITE_URL}/")
        self._say(f"Editing:  {settings.SITE_URL}/admin/   (make a login with: make admin)")
        self._say("Stop with Ctrl-C.")
        self.stdout.flush()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.production")
        os.environ["THREADS"] = str(options["threads"])
        self._due()
        server = str(Path(sys.executable).parent / "granian")
        os.execv(  # noqa: S606 (no shell; all arguments are ours)
            server,
            [
                server, "--interface", "wsgi", "--host", host, "--port", str(port),
                "--workers", str(options["workers"]), "--blocking-threads", str(options["threads"]),
                "--respawn-failed-workers", "--workers-kill-timeout", "15",
                "--http1-header-read-timeout", "10000", "--no-ws", "--log-level", "error",
                "mesoinfo.wsgi:application",
            ],
        )  # fmt: skip

    def _due(self) -> None:
        """Starts what publishes signed texts at their time. It stops by itself when this process is gone."""
        command = [sys.executable, sys.argv[0], "run_due", "--every", "20"]
        subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (no shell; all arguments are ours)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _port_is_free(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
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
        self._say("Loading the guides in content/ …")
        call_command("load_content", "--publish", stdout=self.stdout, stderr=self.stderr)

    def _pages(self) -> None:
        began = time.monotonic()
        try:
            made = prerender.refresh(report=self._part)
        except prerender.Failed as error:  # the site answers all the same, only slower
            self.stderr.write(str(error))
            return
        if made:
            self._say(f"  done in {time.monotonic() - began:.1f} s")

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
