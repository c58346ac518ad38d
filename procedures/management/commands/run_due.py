"""Does what is due: releases texts at their time, says which reviews are overdue, forgets what is old, makes backups."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
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
                    self._beside()
                for _second in range(max(1, every)):
                    if os.getppid() != parent:
                        break
                    time.sleep(1)
                    self._follow(follower)
        except KeyboardInterrupt:
            return

    def _once(self, calendar: prerender.Calendar) -> bool:
        now = timezone.now()
        done: list[Done] = []
        with only_one("due") as mine:  # several hosts may share the database
            if mine:
                done = publish_due(now)
                if forgotten := forget_old(now):
                    self.stdout.write(f"Feedback older than 12 months: {forgotten} deleted.")
                done += self._mails(now)
        note(ROUND)
        for item in done:
            (self.stderr if item.failed else self.stdout).write(item.sentence)
        return self._overdue_failed(calendar) or any(item.failed for item in done)

    def _mails(self, now: datetime.datetime) -> list[Done]:
        sent, failed = send_notices(now)
        if sent:
            self.stdout.write(f"Mails to staff: {sent} sent.")
        return [Done(sentence, failed=True) for sentence in failed]

    def _overdue_failed(self, calendar: prerender.Calendar) -> bool:
        """Once a day: a page that is a file says on the very day that its review is overdue."""
        try:
            calendar.look(timezone.localdate())
        except prerender.Failed as error:
            self.stderr.write(str(error))
            return True
        return False

    def _try(self, calendar: prerender.Calendar) -> None:
        close_old_connections()
        try:
            self._once(calendar)
        except DatabaseError as error:  # the next round may find the database again
            self.stderr.write(f"What is due could not be looked up: {error}")
        finally:
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
        try:
            todo = _long(timezone.now())
        except (OSError, DatabaseError) as error:
            self.stderr.write(f"What else is due could not be seen: {error}")
            return
        now = time.monotonic()
        for command in todo:
            if now >= self.not_before.get(command, 0.0):
                self.not_before[command] = now + AGAIN
                arguments = [sys.executable, sys.argv[0], command]
                self.running = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)  # noqa: S603 (no shell; all ours)
                return

    def _follow(self, follower: prerender.Follower) -> None:
        """Picks up what another host has released. With SQLite there is one host, which makes its pages itself."""
        if connection.vendor == "sqlite":
            return
        close_old_connections()
        try:
            follower.look()
        except (DatabaseError, prerender.Failed) as error:  # asked again in a second
            self.stderr.write(f"Pages that another host released could not be made: {error}")
