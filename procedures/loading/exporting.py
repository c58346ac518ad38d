"""Rows → files, without loss and without touching what has not changed."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from .. import pictures
from ..document import SHARED, SHARED_FILES, Document, ImageRecord
from ..models import Agreed, Guide, UnreadableText, shared_parts, working_document
from .problems import ContentError, Problem
from .reading import PICTURES, Reading
from .sides import Side, file_side, side, tidied
from .spooling import no_room
from .walking import read_whole
from .writing import files


@dataclass(frozen=True)
class Exported:
    """What an export did, by path within the folder. `faults`: what a load of these files would refuse."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    left_over: tuple[str, ...]
    faults: tuple[Problem, ...]


class NotLoaded(Exception):
    """Files hold changes that were never loaded and would be lost; `units` names them."""

    def __init__(self, units: Iterable[str]) -> None:
        self.units = tuple(units)
        super().__init__(", ".join(self.units))


def export(folder: Path, *, live: bool = False, overwrite: bool = False) -> Exported:
    """Writes the working text, or with `live` what is released, into `folder`.

    Files whose content equals the rows stay byte for byte, and so do files it does not know. When `folder` is the content
    folder (CONTENT_DIR) and the working text is written, both sides have agreed on it afterwards: an export elsewhere
    must not let the next load of the content folder take its older text for news.

    Raises ContentError when the text cannot be written without loss or the folder cannot be written to, and NotLoaded
    when the content folder holds changes nobody has loaded (unless `overwrite`). Nothing has been written then.
    """
    folder = folder.resolve()
    home = not live and folder == Path(settings.CONTENT_DIR).resolve()
    documents, shared = _released() if live else _working()
    if not documents:
        what = "released" if live else "in the database"
        raise ContentError([Problem(folder.name, 1, f"there is no guide {what} to export; load or publish one first")])
    rows = side(documents, shared)
    texts: dict[str, bytes] = {name: text.encode() for name, text in files(documents, shared).items()}
    texts.update(_pictures(shared["images"]))
    faults = _proved(texts, rows, folder.name)
    there = read_whole(folder) if folder.is_dir() else None
    if there is not None and home and not overwrite:
        _must_be_loaded(there, rows, texts)
    work = _Writing(folder, there, rows, home)
    work.everything(texts)
    if home:
        _agree(rows)
    return Exported(tuple(work.written), tuple(work.kept), tuple(work.removed), tuple(work.left_over), faults)


def _working() -> tuple[list[Document], dict[str, tuple[Any, ...]]]:
    with transaction.atomic():
        shared = shared_parts()
        documents = [working_document(guide, shared=shared) for guide in Guide.objects.order_by("pk")]
    return [tidied(document) for document in documents], shared


def _released() -> tuple[list[Document], dict[str, tuple[Any, ...]]]:
    """What is live; of a shared row that two guides hold in different wording, the one released last."""
    guides = Guide.objects.live().order_by("live__at", "live__pk")
    documents, wrong = [], []
    for live in (guide.live for guide in guides if guide.live is not None):
        try:
            documents.append(live.read())
        except UnreadableText as error:
            wrong.append(Problem(live.guide.folder, 1, f"{error}; bring back a backup, or publish it anew"))
    if wrong:
        raise ContentError(wrong)
    shared: dict[str, Any] = {}
    for name in SHARED:
        items = {item.key: item for document in documents for item in document.items(name)}
        shared[name] = tuple(items[key] for key in sorted(items))
    return [tidied(dataclasses.replace(document, **shared)) for document in documents], shared


def _pictures(records: Iterable[ImageRecord]) -> dict[str, bytes]:
    found, wrong = {}, []
    for record in records:
        name = f"{PICTURES}/{record.key}.{record.file.rpartition('.')[2]}"
        try:
            path = pictures.path_of(Path(record.file).name)
            if path is None:
                raise FileNotFoundError
            found[name] = path.read_bytes()
        except OSError:
            message = f"the picture's file {record.file} is gone; bring it back from a backup or delete the picture"
            wrong.append(Problem(f"images.yaml#{record.key}", 1, message))
    if wrong:
        raise ContentError(wrong)
    return found


def _proved(texts: Mapping[str, bytes], rows: Side, name: str) -> tuple[Problem, ...]:
    """Reads the new files back, in a folder of their own, before any is put in place: they must say the same.

    A draft may hold faults; they are returned. A text that would come back changed is refused.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="export-") as place:
            root = Path(place) / name
            for path, data in texts.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(data)
            reading = read_whole(root)
    except OSError as error:
        raise no_room(error) from error
    back = file_side(reading)
    lost = sorted(unit for unit in {*rows.texts, *back.texts} if rows.texts.get(unit) != back.texts.get(unit))
    if lost:
        reasons = {path: [p for p in reading.problems if p.path == path] for path in {reading.spot(u)[0] for u in lost}}
        found = [problem for problems in reasons.values() for problem in problems]
        missing = [
            Problem(*reading.spot(unit), f"{unit} cannot be written to a file without loss; edit it") for unit in lost
        ]
        raise ContentError(found or missing)
    return reading.problems


def _must_be_loaded(there: Reading, rows: Side, names: Iterable[str]) -> None:
    """Refuses to write over a unit that is neither what the rows say nor what both sides last agreed on.

    And over a shared list in which a key stands twice: which of the two rows is meant is the author's to say.
    """
    agreed = dict(Agreed.objects.values_list("unit", "text"))
    before = file_side(there).texts
    lost = [unit for unit, text in before.items() if text not in (rows.texts.get(unit), agreed.get(unit))]
    lost += [SHARED_FILES[shape] for name, shape in SHARED.items() if there.rows.twice(name)]
    mine, here, known = _by_file(before), _by_file(rows.texts), _by_file(agreed)
    wrong = {problem.path for problem in there.problems}
    for name in names:  # what cannot be read may hold anything
        if f"{there.folder.name}/{name}" in wrong and mine.get(name) not in (here.get(name), known.get(name)):
            lost.append(name)
    if lost:
        raise NotLoaded(sorted(set(lost)))


def _agree(rows: Side) -> None:
    with transaction.atomic():
        now = [Agreed(unit=unit, text=text) for unit, text in rows.texts.items()]
        Agreed.objects.bulk_create(now, update_conflicts=True, unique_fields=["unit"], update_fields=["text"])
        gone = [unit for unit in Agreed.objects.values_list("unit", flat=True) if unit not in rows.texts]
        Agreed.objects.filter(unit__in=gone).delete()


class _Writing:
    def __init__(self, folder: Path, there: Reading | None, rows: Side, home: bool) -> None:
        self.folder = folder
        self.there = there
        self.home = home
        self.rows = _by_file(rows.texts)
        self.before = _by_file(file_side(there).texts) if there else {}
        self.bad = {problem.path for problem in there.problems} if there else set()
        self.written: list[str] = []
        self.kept: list[str] = []
        self.removed: list[str] = []
        self.left_over: list[str] = []

    def everything(self, texts: Mapping[str, bytes]) -> None:
        for name in texts:
            self.may_write(name)
        for name, data in texts.items():
            if self.says_the_same(name, data):
                self.kept.append(name)
            else:
                put(self.folder / name, data)
                self.written.append(name)
        self.sweep(texts)

    def may_write(self, name: str) -> None:
        """No part of the way below the folder may be a link: it could lead anywhere."""
        way = self.folder
        for part in Path(name).parts:
            way = way / part
            if way.is_symlink():
                where = f"{self.folder.name}/{way.relative_to(self.folder).as_posix()}"
                raise ContentError([Problem(where, 1, "is a link to another place; remove it, then export again")])

    def says_the_same(self, name: str, data: bytes) -> bool:
        path = self.folder / name
        if not path.is_file():
            return False
        if name.startswith(f"{PICTURES}/"):
            return path.read_bytes() == data
        readable = f"{self.folder.name}/{name}" not in self.bad or name in self.before
        return readable and self.before.get(name) == self.rows.get(name)

    def sweep(self, texts: Mapping[str, bytes]) -> None:
        """Sections and pictures that no row has any more: removed where the words or bytes are kept, else named."""
        agreed = dict(Agreed.objects.values_list("unit", "text")) if self.home else {}
        sections = {name: unit for name, unit in self.before.items() if name.endswith(".md") and name not in texts}
        for name, units in sections.items():
            self.drop(name, kept=all(agreed.get(unit) == text for unit, text in units.items()))
        pictures = self.folder / PICTURES
        for path in sorted(pictures.iterdir()) if pictures.is_dir() else []:
            name = f"{PICTURES}/{path.name}"
            if name not in texts and path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                file = f"{hashlib.sha256(path.read_bytes()).hexdigest()}{path.suffix}"
                self.drop(name, kept=self.home and (Path(settings.MEDIA_ROOT) / file).is_file())

    def drop(self, name: str, *, kept: bool) -> None:
        if kept:
            (self.folder / name).unlink()
            self.removed.append(name)
        else:
            self.left_over.append(name)


def _by_file(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for unit, text in texts.items():
        found.setdefault(unit.partition("#")[0], {})[unit] = text
    return found


def put(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".export-", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ContentError(
            [Problem(path.name, 1, f"cannot be written: {error.strerror} (check the folder)")]
        ) from error
