"""Each worker's own look at the database, for when the disk cannot say what has changed.

A take-down is put into effect by a rename in the folder of pages. A disk that is full, read-only or broken may refuse it,
and every worker would go on sending the old page. So each worker compares, in a thread and never during a request, what
it serves with the database, and lets Django answer for whatever is no longer true. While the database does not answer,
files are served as before: nobody can take anything down then.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from pathlib import Path

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from ..models import PictureFile
from ..pages import media
from .addresses import read_state
from .following import newest_steps
from .refreshing import Unreadable, is_true, refresh
from .serving import Pages
from .storing import Damaged

logger = logging.getLogger(__name__)
EVERY = 0.5
"""Seconds between two looks: a page that was taken down is gone everywhere within one second."""
FIRST = 1.0
"""Seconds a worker waits for its first look; a database that takes longer does not answer, and files are served without."""


class Watch:
    """Withholds from one worker's pages what is no longer the database's, until files say what it says."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.looked = threading.Event()
        self._seen: tuple[tuple[int, ...], str] | None = None
        self._file = (0, 0)

    def look(self) -> bool:
        """Asks once, by a primary key. True when there was a new step or release, and the two were compared.

        Raises DatabaseError, and Damaged when the release cannot be read; the next look then tries again.
        """
        newest = newest_steps()
        name = self.pages.folder.name()  # read second: a step that comes after the first is seen at the next look
        if self._seen == (newest, name):
            return False
        media.withhold(PictureFile.objects.hidden().values_list("file", flat=True))
        if name:
            release, state = self.pages.release(name), read_state()
            untrue = frozenset(part for part, made in release.parts.items() if not is_true(part, made, state))
            self.pages.withhold(release, untrue)
            if untrue:
                logger.info("Django answers for %s parts of %s until they are made anew", len(untrue), name)
            else:
                self._note(name, newest)
        self._seen = newest, name
        return True

    def _note(self, name: str, newest: tuple[int, ...]) -> None:
        """For the worker that starts next: it need not wait for Django to know that these files are true."""
        try:
            self.pages.folder.note_compared(name, newest)
        except OSError:
            logger.debug("That the files are true could not be kept; the next start waits for the first look")

    def start(self) -> None:
        """Looks from now on, also in every process forked from this one."""
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                if self.can_ask():
                    self.look()
            except (DatabaseError, Damaged):
                pass  # /readyz says so; what was withheld stays so
            except Exception:  # a thread has nobody else to tell
                logger.exception("What is served could not be compared with the database")
            self.looked.set()
            time.sleep(EVERY)

    def can_ask(self) -> bool:
        """Makes the connection of this thread fit for a look.

        One to SQLite is kept: closing it would write 32 KB at each look when nobody else has the file open. But a missing
        file would be made by asking, and one that was replaced is not what others read any more.
        """
        if connection.vendor != "sqlite":
            close_old_connections()
            return True
        try:
            found = Path(connection.settings_dict["NAME"]).stat()
        except OSError:
            connection.close()
            return False
        if self._file != (found.st_dev, found.st_ino):
            connection.close()
            self._file = found.st_dev, found.st_ino
        elif connection.errors_occurred:
            connection.close()
        return stat.S_ISREG(found.st_mode)


def begin(pages: Pages) -> None:
    """Watches from now on, and lets a worker that waited for the first look serve files.

    Each worker looks in the background, when it starts, whether the files still are what the database says: the one
    before it may have been killed between a release and its files, and the code may be new.
    """
    watch = Watch(pages)
    watch.start()
    watch.looked.wait(FIRST)
    pages.compared.set()
    pages.ask_for_repair()


def repair() -> None:
    """What a thread of a worker does about missing files."""
    try:
        refresh()
    except Unreadable as error:  # all else was made, and the next attempt would say the same
        logger.error("%s", error)
    finally:
        connection.close()  # the thread it ran in ends here
