"""Does what is due: releases texts at their time, says which reviews are overdue, forgets what is old, makes backups."""

from __future__ import annotations

import datetime
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from procedures import prerender
from procedures.upkeep import (
    ROUND,
    Done,
    backup_is_due,
    forget_old,
    links_are_due,
    note,
    only_one,
    publish_due,
    send_notices,
    verification_is_due,
)

logger = logging.getLogger(__name__)
LATER = 300.0
"""Seconds after the start before a backup or a verification is begun: the first minutes belong to readers."""
AGAIN = 3600.0
"""Seconds after one that failed before it is tried again."""


def _long(now: datetime.datetime) -> list[str]:
    """The commands that are due and take minutes."""
    due = {"backup": backup_is_due(now), "verify": verification_is_due(now), "check_links": links_are_due(now)}
    return [command for command in due if due[command]]


class Command(BaseCommand):
    running: subprocess.Popen[bytes] | None = None
    help = (
        "Publishes the signed texts whose time has come; makes the pages again whose review became overdue; "
        "deletes feedback older than 12 months and unsaved text and logs older than 30 days; makes a backup each day "
        "and verifies everything stored each week; sends staff the mails that are due; tries the links of sources. "
        "Exit code 1 when a text could not be published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="Go on until whoever started it has stopped.")
        parser.add_argument("--server", type=int, metavar="PID", help="The process that started it, for --every.")

    def handle(self, *args: Any, every: int | None, server: int | None = None, **options: Any) -> None:
        calendar = prerender.Calendar()
        self.failures = self.broken = 0
        self.not_before: dict[str, float] = {}
        if every is None:
            if self._once(calendar) | self._now():
                raise CommandError("Not everything that is due could be done.")
            return
        parent, began = server or os.getppid(), time.monotonic()  # without a number, one that died early is not noticed
        follower = prerender.Follower()
        try:
            while os.getppid() == parent:
                self._try(calendar)
                if time.monotonic() - began > LATER:
                    with self._named("Backups, verification and links could not be begun"):
                        self._beside()
                for _second in range(max(1, every)):
                    if os.getppid() != parent:
                        break
                    time.sleep(1)
                    self._follow(follower)
        except KeyboardInterrupt:
            return

    def _once(self, calendar: prerender.Calendar) -> bool:
        """One round; whether something failed. A job that fails is named and keeps no other from being done."""
        now, failures, broken = timezone.now(), self.failures, self.broken
        with self._named("What is due could not be looked through"):
            with only_one("due") as mine:  # several hosts may share the database
                if mine:
                    self._jobs(now)
            if self.broken == broken:  # a text that may not be published yet was looked at all the same
                note(ROUND)
        with self._named("Pages that say something else from today on could not be made"):
            calendar.look(timezone.localdate())  # once a day: a page that is a file says that its review is overdue
        return self.failures > failures

    def _jobs(self, now: datetime.datetime) -> None:
        with self._named("Texts whose time has come could not be published"):
            for item in publish_due(now):
                self._say(item)
        with self._named("What is old could not be deleted"):
            if forgotten := forget_old(now):
                self.stdout.write(f"Feedback older than 12 months: {forgotten} deleted.")
        with self._named("Mails to staff could not be sent"):
            sent, failed = send_notices(now)
            if sent:
                self.stdout.write(f"Mails to staff: {sent} sent.")
            for sentence in failed:
                self._say(Done(sentence, failed=True))

    def _say(self, item: Done) -> None:
        if item.failed:
            self._complain(item.sentence)
        else:
            self.stdout.write(item.sentence)

    def _complain(self, sentence: str) -> None:
        self.failures += 1
        with suppress(OSError):  # a full disk under the log stops no work
            self.stderr.write(sentence)

    @contextmanager
    def _named(self, what: str) -> Iterator[None]:
        """Whatever goes wrong inside is said in a sentence, with `what` before it, and is over then."""
        try:
            yield
        except prerender.Failed as error:  # a sentence already
            self._complain(str(error))
        except (OSError, DatabaseError) as error:
            self.broken += 1
            self._complain(f"{what} ({error or type(error).__name__}). It is tried again.")
        except Exception as error:
            self.broken += 1
            logger.exception(what)  # nobody has foreseen it: the log says where
            self._complain(f"{what} ({type(error).__name__}: {error}). It is tried again.")

    def _try(self, calendar: prerender.Calendar) -> None:
        with self._named("The database could not be reached"):
            close_old_connections()
        self._once(calendar)
        with self._named("The connection to the database could not be closed"):
            connection.close()

    def _now(self) -> bool:
        """What takes minutes, one after the other; whether something failed."""
        failed = False
        for command in _long(timezone.now()):
            try:
                call_command(command, stdout=StringIO(), stderr=self.stderr)
            except CommandError as error:
                self.stderr.write(str(error))
                failed = True
        return failed

    def _beside(self) -> None:
        """What takes minutes, in a process of its own, so that a text still goes out at its time. One after the other."""
        if self.running and self.running.poll() is None:
            return
        now = time.monotonic()
        for command in _long(timezone.now()):
            if now >= self.not_before.get(command, 0.0):
                self.not_before[command] = now + AGAIN
                arguments = [sys.executable, sys.argv[0], command]
                self.running = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)  # noqa: S603 (no shell; all ours)
                return

    def _follow(self, follower: prerender.Follower) -> None:
        """Picks up what another host has released. With SQLite there is one host, which makes its pages itself."""
        if connection.vendor == "sqlite":
            return
        with self._named("Pages that another host released could not be made"):  # asked again in a second
            close_old_connections()
            follower.look()
