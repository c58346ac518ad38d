"""Making the files equal the database. Serves publishing, starting, repairing and checking."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError

from ..models import Guide, PictureFile, UnreadableText
from ..pages.left_out import leaving_out
from ..pages.live import reading_once
from ..rows import NoRoom
from .addresses import State, Wanted, read_state, wanted
from .asking import Answer, CannotBeAFile, ask
from .stamp import code_stamp
from .storing import MANY_PAGES, PAGES, Damaged, Folder, Made, Release, roots_of
from .unavailable import keep_unavailable

logger = logging.getLogger(__name__)
ERRORS = (OSError, DatabaseError, CannotBeAFile, Damaged, UnreadableText)
SWITCH_EVERY = 5.0
"""Seconds of making after which what is ready goes live: a long run helps early, and a killed one is not lost."""
SWITCH_SHARE = 0.05
"""Of the time of a run switches may take: each writes the whole release, which with many guides takes seconds."""
MANY = 200
"""Parts made in one run from which on they are packed a little less: patients wait for one page, a clinic for all."""
TRIES = 5
"""How often pages are made again because somebody published while they were being made."""

Report = Callable[[int, int, str], None]
"""Called before each part with its number, how many there are, and its name."""


class Failed(Exception):
    """The files could not be made equal to the database. The text is a sentence for whoever published."""


class Unreadable(Failed):
    """All was made but what a damaged text is needed for. Trying again is of no use before that text was mended."""


@dataclass(frozen=True)
class Drift:
    """A place where files and database differ: the address or file, and what is wrong."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def folder() -> Folder:
    return Folder(Path(settings.DATA_DIR) / "pages")


def refresh(
    guide: Guide | None = None,
    *,
    everything: bool = False,
    thorough: bool | None = None,
    report: Report | None = None,
) -> int:
    """Makes the files equal the database and gives the number of parts that were made anew.

    First, within milliseconds, every part whose text is no longer the database's is taken out of what is live:
    Django answers there meanwhile, in all workers. Then the missing parts are made and go live. What is affected is
    found by comparing keys, whoever asks. `thorough`: the stored files are also compared with their hashes, which reads
    all of them; unless said otherwise that is done when no `guide` is named.
    `everything` makes all parts anew. What only other code or settings made stays live until its successor is ready.
    Raises Failed with a sentence for whoever published; what could not be made Django goes on answering.

    When the stored text of a live guide was damaged, its last good pages stay, or come back, for as long as it is the
    live text, even if what stands around it (footer, links, translations) has changed since. Lists (home page, glossary,
    sitemap, feed) stay too until something else in their language is released or taken down; then they are made
    without that guide. Keeping them would be worse: they would go on showing the title, the words and the link of
    what was taken down, or a definition that was corrected for safety. All else is made, and then Unreadable raised.
    """
    store = folder()
    began = time.monotonic()
    try:
        _switch(store, {}, thorough=guide is None if thorough is None else thorough)
    except ERRORS as error:
        raise _failed(error, stays=not _take_down(store)) from error
    try:
        with store.making():
            made = _make_all(store, everything=everything, report=report)
            with store.switching():
                store.tidy()
                keep_unavailable(store)
    except ERRORS as error:
        raise _failed(error) from error
    if made:
        logger.info("%s parts of the site made in %.2f s (%s)", made, time.monotonic() - began, guide or "all")
    _complain(store)
    return made


def _switch(
    store: Folder, made: Mapping[str, Made], *, thorough: bool = False, unreadable: Mapping[str, str] | None = None
) -> State:
    """Makes live what is live and what was `made`, as far as it is what the database says at this moment.

    `unreadable`: the parts that cannot be made because their text was damaged, with its fingerprint.
    """
    with store.switching():
        before, state = _live(store), read_state()
        parts = {
            name: part
            for name, part in {**before.parts, **made}.items()
            if is_true(name, part, state) and not (thorough and not store.whole(part.id))
        }
        missing = {name: state.text(name) for name in state.names if name not in parts}
        known = {**before.unreadable, **(unreadable or {})}
        lost = missing if missing.items() <= known.items() else {}
        release = Release(before.name, not missing, parts, lost)
        if release != before:
            store.go_live(parts, complete=release.complete, unreadable=lost)
        store.note_taken_down(PictureFile.objects.hidden().values_list("file", flat=True))
        return state


def is_true(name: str, made: Made, state: State) -> bool:
    """Whether a part says what the database says, whatever code it was made by."""
    return (
        name in state.names
        and made.live == state.live(name)
        and made.key == state.key(name, made.links)
        and (not made.lacking or state.are_unreadable(made.lacking))
    )


def _make_all(store: Folder, *, everything: bool, report: Report | None) -> int:
    fresh: dict[str, Made] = {}
    broken: dict[str, CannotBeAFile | NoRoom] = {}
    lost: dict[str, str] = {}
    count, cost, switched = 0, 0.0, time.monotonic()
    for _try in range(TRIES):
        state = read_state()
        standing = _standing(fresh if everything else _live(store).parts, state)
        todo = [name for name in state.names if not (name in standing or name in broken or name in lost)]
        if not todo:
            break
        if back := _put_back(store, todo, state, lost):
            _switch(store, back)
        fresh |= back if everything else {}
        waiting: dict[str, Made] = {}
        level = PAGES if len(todo) < MANY else MANY_PAGES
        for number, name in enumerate(todo, start=1):
            if report:
                report(number, len(todo), name)
            if name in lost or name not in state.names:
                continue
            try:
                waiting[name] = _make(store, name, state, level)
            except (CannotBeAFile, NoRoom) as error:
                broken[name] = error
                continue
            except UnreadableText:
                lost[name] = state.text(name)
                continue
            count += 1
            if everything:
                fresh[name] = waiting[name]
            if time.monotonic() - switched > max(SWITCH_EVERY, cost / SWITCH_SHARE):
                began = time.monotonic()
                del state  # of ten thousand guides two at once are too much
                state = _switch(store, waiting)
                waiting, switched = {}, time.monotonic()
                cost = switched - began
        del state
        _switch(store, waiting, unreadable=lost)
    if broken:
        raise next(iter(broken.values()))
    return count


def _standing(parts: Mapping[str, Made], state: State) -> set[str]:
    """The parts that need not be made anew."""
    return {name for name, made in parts.items() if made.code == code_stamp() and is_true(name, made, state)}


def _complain(store: Folder) -> None:
    """Raises Unreadable when live texts cannot be read, with a sentence that names their guides."""
    release = _live(store)
    marks = {mark for part in release.parts.values() for mark in part.lacking}
    marks |= {mark for mark in release.unreadable.values() if mark}
    titles = sorted(Guide.objects.live().filter(live__hash__in=marks).values_list("title", flat=True))
    if titles:
        raise Unreadable(
            f"The stored text of “{'”, “'.join(titles)}” was damaged, so no pages are made of it. The last good ones stay "
            "where there are any; what lists guides does without it. Everything else is up to date. Send its draft for "
            "review and publish it anew, or bring back a backup (manage.py verify names all that is damaged)."
        )


def _put_back(store: Folder, todo: list[str], state: State, lost: dict[str, str]) -> dict[str, Made]:
    """Of the guides in `todo` whose text was damaged the last good pages, before anything else is made.

    Adds each such guide to `lost`, with the fingerprint of that text, so that nobody tries to make it.
    """
    found: dict[str, Made] = {}
    rows = {state.row(name).pk: name for name in todo if name.startswith("guide-")}
    guides = Guide.objects.filter(pk__in=rows) if len(rows) < MANY else Guide.objects.all()
    for guide in guides.select_related("live", "withdrawn").iterator(chunk_size=20):
        revision = guide.live or guide.withdrawn
        if guide.pk not in rows or revision is None:
            continue
        try:
            revision.read()
        except UnreadableText:
            name = rows[guide.pk]
            lost[name] = state.text(name)
            former = store.kept(name, live=revision.hash) if guide.live else None
            if former and revision.hash == state.live(name):
                key = state.key(name, former.links)
                found[name] = replace(former, key=key, code=code_stamp(), lacking=(revision.hash,))
    return found


def _live(store: Folder) -> Release:
    try:
        return store.release()
    except Damaged as error:
        logger.warning("The pages are made anew: %s", error)
        return Release()


def _make(store: Folder, name: str, state: State, level: int) -> Made:
    with leaving_out() as unread, reading_once():
        asked = wanted(name, state)
        part = store.store(_answers(asked), depth=asked.depth, level=level)
    key = state.key(name, asked.links)  # of the state read before: if it has changed since, the part does not go live
    lacking = tuple(sorted(unread))
    roots = roots_of(asked.paths, asked.depth)
    return Made(part, key, code_stamp(), live=state.live(name), links=asked.links, lacking=lacking, roots=roots)


def _answers(asked: Wanted) -> Iterator[tuple[str, Answer]]:
    for path, statuses in asked.paths.items():
        answer = ask(path)
        if answer.status in statuses:
            yield path, answer


def _failed(error: Exception, *, stays: bool = False) -> Failed:
    reason = getattr(error, "strerror", None) or str(error)
    stay = "A server in front that sends these files itself may still show what was taken down: stop it until then. "
    return Failed(
        f"The published pages could not all be stored as files ({reason}). They are answered more slowly until that "
        f"is done. {stay if stays else ''}When the cause is gone, run: manage.py prerender"
    )


def _take_down(store: Folder) -> bool:
    """After a failed switch: a text that was taken down must not stay, so nothing stays. Needs no space on the disk.

    Workers see to that for themselves (`watching`); a server that sends the files itself follows the link only. False
    when the link may show a text that was taken down and cannot be removed.
    """
    try:
        live = set(Guide.objects.live().values_list("live__hash", flat=True))
        withdrawn = set(Guide.objects.withdrawn().values_list("withdrawn__hash", flat=True)) - live
        if withdrawn and _shows(store, withdrawn):
            store.forget()
    except DatabaseError:
        logger.exception("Whether a text that was taken down is still shown cannot be seen without the database")
    except OSError:
        logger.exception(
            "The files show a text that was taken down, and cannot be changed; Django answers in their place"
        )
        return False
    return True


def _shows(store: Folder, texts: set[str]) -> bool:
    """Whether the live release shows one of these; also when it cannot be read, because then it may."""
    try:
        return any(made.live in texts for made in store.release().parts.values())
    except Damaged:
        return True


def current() -> bool:
    """Whether everything live was made by this code and these settings; nothing is asked of the database."""
    try:
        release = folder().release()
    except Damaged:
        return False
    return release.settled and all(made.code == code_stamp() for made in release.parts.values())


def unread() -> int:
    """How many stored texts could not be read when the live pages were made; nothing is asked of the database."""
    try:
        release = folder().release()
    except Damaged:
        return 0
    return len(
        {*release.unreadable.values(), *(mark for made in release.parts.values() for mark in made.lacking)} - {""}
    )


def check(*, report: Report | None = None) -> Iterator[Drift]:
    """Every difference between what is stored and what Django answers now. Changes nothing that is served."""
    store = folder()
    with store.making():
        if not store.name():
            yield Drift("pages/live", "there is no release (run manage.py prerender)")
            return
        try:
            release = store.release()
        except Damaged as error:
            yield Drift("pages/live", str(error))
            return
        if not current():
            yield Drift(
                "pages/live", "is not complete, or was made by other code or settings (run manage.py prerender)"
            )
        state = read_state()
        names = state.names
        for name in sorted(release.parts.keys() - names.keys()):
            yield Drift(name, "should not be there any more")
        for number, name in enumerate(names, start=1):
            if report:
                report(number, len(names), name)
            made = release.parts.get(name)
            if made is None:
                yield Drift(name, "is missing")
            else:
                try:
                    with reading_once():
                        found = list(_differences(store, made, _answers(wanted(name, state))))
                except UnreadableText as error:
                    found = [Drift(name, f"its text cannot be read: {error}")]
                except (CannotBeAFile, NoRoom) as error:
                    found = [Drift(name, f"cannot be made: {error}")]
                yield from found


def verify(*, quick: bool = False) -> tuple[int, list[str]]:
    """How many stored files were looked at, and a sentence for each that is missing or not what was written.

    Compares with hashes (`quick`: with sizes), not with the database: that is `check`. Changes nothing.
    """
    store = folder()
    seen = 0
    wrong: list[str] = []
    if not store.root.is_dir():
        return seen, wrong
    for name in store.names("releases"):
        with store.making():  # lets a publisher in between two of them, and nothing be tidied away under our hands
            if name in store.names("releases"):
                seen += 1
                wrong += _faults(partial(store.release_named, f"releases/{name}"))
    for part in store.names("parts"):
        with store.making():
            if part in store.names("parts"):
                count, found = store.faults(part, quick=quick)
                seen, wrong = seen + count, wrong + found
    if store.name():
        live = [found for found in wrong if store.name() in found]
        wrong += [] if live else _faults(partial(_whole, store))
    return seen, wrong


def _faults(look: Callable[[], object]) -> list[str]:
    try:
        look()
    except Damaged as error:
        return [str(error)]
    return []


def _whole(store: Folder) -> None:
    """Raises Damaged when the live release or one of its parts is not there at all."""
    gone = {made.id for made in store.release().parts.values()} - set(store.names("parts"))
    if gone:
        raise Damaged(f"{store.root / 'parts' / min(gone)} is missing, and the live release needs it")


def _differences(store: Folder, made: Made, answers: Iterable[tuple[str, Answer]]) -> Iterator[Drift]:
    try:
        entries = dict(store.manifest(made.id)["addresses"])
    except Damaged as error:
        yield Drift("pages/parts", str(error))
        return
    for path, answer in answers:
        entry = entries.pop(path, None)
        if entry is None:
            yield Drift(path, "is not stored")
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
    for path in sorted(entries):
        yield Drift(path, "is stored, and Django does not answer it so")
