"""Does what is due: publishes signed texts whose time has come, says which reviews are overdue, forgets what readers said a year ago."""

from __future__ import annotations

import os
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from procedures import prerender
from procedures.upkeep import forget_old, publish_due


class Command(BaseCommand):
    help = (
        "Publishes the signed texts whose time has come; makes the pages again whose review became overdue; "
        "deletes feedback older than 12 months. "
        "Exit code 1 when a text could not be published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="Go on until whoever started it has stopped.")

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        calendar = prerender.Calendar()
        if every is None:
            if self._once(calendar):
                raise CommandError("Not everything that is due could be done.")
            return
        parent = os.getppid()
        follower = prerender.Follower()
        try:
            while os.getppid() == parent:
                self._try(calendar)
                for _second in range(max(1, every)):
                    if os.getppid() != parent:
                        break
                    time.sleep(1)
                    self._follow(follower)
        except KeyboardInterrupt:
            return

    def _once(self, calendar: prerender.Calendar) -> bool:
        now = timezone.now()
        done = publish_due(now)
        if forgotten := forget_old(now):
            self.stdout.write(f"Feedback older than 12 months: {forgotten} deleted.")
        for item in done:
            (self.stderr if item.failed else self.stdout).write(item.sentence)
        return self._overdue_failed(calendar) or any(item.failed for item in done)

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

    def _follow(self, follower: prerender.Follower) -> None:
        """Picks up what another host has released. With SQLite there is one host, which makes its pages itself."""
        if connection.vendor == "sqlite":
            return
        close_old_connections()
        try:
            follower.look()
        except (DatabaseError, prerender.Failed) as error:  # asked again in a second
            self.stderr.write(f"Pages that another host released could not be made: {error}")
