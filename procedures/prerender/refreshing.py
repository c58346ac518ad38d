"""Making the files equal the database. Serves publishing, starting, repairing and checking."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from ..models import Guide
from .addresses import State, Wanted, read_state, wanted
from .asking import Answer, CannotBeAFile, ask
from .serving import App, Pages
from .stamp import code_stamp
from .storing import Damaged, Folder, Made, Release

logger = logging.getLogger(__name__)
TRIES = 5
"""How often pages are made again because somebody published while they were being made."""

Report = Callable[[int, int, str], None]
"""Called before each part with its number, how many there are, and its name."""


class Failed(Exception):
    """The files could not be made equal to the database. The text is a sentence for whoever published."""


@dataclass(frozen=True)
class Drift:
    """A place where files and database differ: the address or file, and what is wrong."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def folder() -> Folder:
    return Folder(Path(settings.DATA_DIR) / "pages")


def refresh(guide: Guide | None = None, *, everything: bool = False, report: Report | None = None) -> int:
    """Makes the files equal the database and gives the number of parts that were made anew.

    What is affected is found by comparing keys, whoever asks; without a `guide` the stored files are also compared
    with their hashes and damaged ones made anew. `everything` makes all parts anew. Another refresh is waited for.
    Raises Failed: then what was live stays live, unless it shows a text that has been taken down; then nothing stays
    live and Django answers.
    """
    store = folder()
    began = time.monotonic()
    try:
        with store.locked():
            made = _refresh(store, everything=everything, thorough=guide is None, report=report)
            store.tidy()
    except (OSError, DatabaseError, CannotBeAFile, Damaged) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Failed(
            f"The pages patients get could not be made ({reason}). {_fall_back(store)} "
            "When the cause is gone, run: manage.py prerender"
        ) from error
    if made:
        logger.info("%s parts of the site made in %.2f s (%s)", made, time.monotonic() - began, guide or "all")
    return made


def _refresh(store: Folder, *, everything: bool, thorough: bool, report: Report | None) -> int:
    before = _live(store)
    parts, count = dict(before.parts), 0
    fresh: set[str] = set()
    state = read_state(code_stamp())
    for _try in range(TRIES):
        names = state.names()
        todo = [
            name
            for name in names
            if (everything and name not in fresh) or not _stands(store, parts.get(name), name, state, thorough=thorough)
        ]
        for number, name in enumerate(todo, start=1):
            if report:
                report(number, len(todo), name)
            parts[name] = _make(store, name, state)
            fresh.add(name)
            count += 1
        again = read_state(code_stamp())
        if again == state:
            break
        state = again
    wanted_parts = {name: parts[name] for name in state.names() if name in parts}
    if wanted_parts != dict(before.parts) or before.code != code_stamp():
        store.go_live(code_stamp(), wanted_parts)
    return count


def _live(store: Folder) -> Release:
    try:
        return store.release()
    except (Damaged, ValueError, KeyError):
        logger.exception("The release that was live is damaged and is made anew")
        return Release()


def _stands(store: Folder, made: Made | None, name: str, state: State, *, thorough: bool) -> bool:
    return (
        made is not None
        and made.live == state.live(name)
        and made.key == state.key(name, made.links)
        and (not thorough or store.whole(made.id))
    )


def _make(store: Folder, name: str, state: State) -> Made:
    asked = wanted(name, state)
    part = store.store(_answers(asked), depth=asked.depth)
    return Made(id=part, key=state.key(name, asked.links), live=state.live(name), links=asked.links)


def _answers(asked: Wanted) -> dict[str, Answer]:
    answers = {path: ask(path) for path in asked.paths}
    return {path: answer for path, answer in answers.items() if answer.status in asked.paths[path]}


def _fall_back(store: Folder) -> str:
    """What readers see after a failure, in a sentence. Takes everything offline if a withdrawn text were still shown."""
    try:
        shown = {made.live for made in store.release().parts.values() if made.live}
        live = set(Guide.objects.live().values_list("live__hash", flat=True))
        gone = shown & set(Guide.objects.withdrawn().values_list("withdrawn__hash", flat=True)) - live
    except Exception:  # whatever failed may fail again here; the failure is being told already
        logger.exception("It could not be seen whether a withdrawn text is still live")
        return "The former ones stay."
    if not gone:
        return "The former ones stay."
    store.forget()
    return "The guide is down all the same: until then every page is made when it is asked for."


def current() -> bool:
    """Whether a release is live and was made by this code and these settings; nothing is asked of the database."""
    try:
        return folder().release().code == code_stamp()
    except (Damaged, ValueError, KeyError):
        return False


def in_front_of(app: App) -> Pages:
    """The WSGI application that serves published pages and hands everything else to `app`.

    What was made by other code or settings is served on and made anew in the background.
    """
    pages = Pages(app, folder(), repair=_repair)
    if settings.AFTER_RELEASE and not current():
        pages.ask_for_repair()
    return pages


def _repair() -> None:
    try:
        refresh()
    finally:
        connection.close()  # the thread it ran in ends here


def check(*, report: Report | None = None) -> Iterator[Drift]:
    """Every difference between what is stored and what Django answers now. Changes nothing that is served."""
    store = folder()
    with store.locked():
        if not store.name():
            yield Drift("pages/live", "there is no release (run manage.py prerender)")
            return
        try:
            release = store.release()
        except Damaged as error:
            yield Drift("pages/live", str(error))
            return
        if release.code != code_stamp():
            yield Drift("pages/live", "was made by other code or settings (run manage.py prerender)")
        state = read_state(code_stamp())
        names = state.names()
        for name in sorted(set(release.parts) - set(names)):
            yield Drift(name, "should not be there any more")
        for number, name in enumerate(names, start=1):
            if report:
                report(number, len(names), name)
            made = release.parts.get(name)
            if made is None:
                yield Drift(name, "is missing")
            else:
                yield from _differences(store, made, _answers(wanted(name, state)))


def _differences(store: Folder, made: Made, answers: dict[str, Answer]) -> Iterator[Drift]:
    try:
        entries = store.manifest(made.id)["addresses"]
    except Damaged as error:
        yield Drift("pages/parts", str(error))
        return
    for path in sorted(set(entries) | set(answers)):
        entry, answer = entries.get(path), answers.get(path)
        if entry is None or answer is None:
            yield Drift(path, "is not stored" if entry is None else "is stored, and Django does not answer it so")
            continue
        if entry["status"] != answer.status:
            yield Drift(path, f"stored with status {entry['status']}, Django answers {answer.status}")
        if [tuple(pair) for pair in entry["headers"]] != list(answer.headers):
            yield Drift(path, "its headers differ from Django's")
        for encoding, file in entry["files"].items():
            try:
                body = store.body(made.id, file)
            except Damaged as error:
                yield Drift(path, str(error))
                continue
            if encoding == "identity" and body != answer.body:
                yield Drift(path, "its text differs from what Django makes now")
