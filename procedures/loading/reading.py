"""What a content folder holds, with the line of everything in it.

Nothing of it is in memory: texts, lines and outlines stand in temporary files until they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, overload

from ..document import (
    PARTS,
    SHARED,
    SHARED_FILES,
    Document,
    base,
    from_plain,
    order_unit,
    own_unit,
    part_unit,
    section_unit,
    to_plain,
)
from ..models import with_used
from ..rendering import used
from .fields import Place
from .problems import Problem
from .shared import Known, SharedRows, place_of, plain_place
from .spooling import Kept, Spool

PICTURES = "images"
"""The folder of pictures: one file `<key>.<jpg, png or webp>` for each entry of images.yaml."""

Where = tuple[str, str]
"""(list or "", key or ""), within a guide or, for shared lists, within the folder."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What others may link to or collide with. `at`: where the text of the guide and its lines are kept."""

    folder: str
    kind: str
    slug: str
    language: str
    title: str
    sections: int
    at: tuple[int, int]

    @property
    def place(self) -> str:
        return base(self.folder, self.language)

    @property
    def head(self) -> Document:
        """A document of these fields alone."""
        return Document(folder=self.folder, kind=self.kind, slug=self.slug, language=self.language, title=self.title)


class Guides(Sequence[Document]):
    """The guides of a folder, each read back when it is asked for and not kept. Each carries the shared rows it uses."""

    def __init__(self, rows: SharedRows) -> None:
        self._spool = Spool()
        self._kept = Kept()
        self._rows = rows
        self._last: tuple[int, Mapping[Where, Place]] = -1, {}

    def add(self, document: Document, places: Mapping[Where, Place]) -> None:
        outline = Outline(
            folder=document.folder,
            kind=document.kind,
            slug=document.slug,
            language=document.language,
            title=document.title,
            sections=len(document.sections),
            at=(
                self._spool.put(to_plain(document)),
                self._spool.put([[*where, plain_place(place)] for where, place in places.items()]),
            ),
        )
        number = self._kept.append("outlines", [*astuple(outline)])
        self._kept.put("numbers", outline.place, number)
        self._kept.put("folders", outline.folder, True)

    def outline(self, number: int) -> Outline:
        return Outline(*self._kept.at("outlines", number))

    def outlines(self) -> Iterator[Outline]:
        return (Outline(*plain) for plain in self._kept.values("outlines", part=""))

    def folders(self) -> Known:
        """The folders that hold guides."""
        return Known(self._kept, "folders")

    def number(self, place: str) -> int | None:
        """Which guide stands at `place`."""
        found: int | None = self._kept.get("numbers", place)
        return found

    def has(self, place: str) -> bool:
        """Whether a guide stands at `place`."""
        return self._kept.has("numbers", place)

    def places(self, number: int) -> Mapping[Where, Place]:
        """Where everything of a guide stands."""
        if self._last[0] != number:
            plain = self._spool.get(self.outline(number).at[1])
            self._last = number, {(name, key): place_of(place) for name, key, place in plain}
        return self._last[1]

    def __len__(self) -> int:
        return self._kept.length("outlines")

    def __iter__(self) -> Iterator[Document]:
        return (self._read(number) for number in range(len(self)))

    @overload
    def __getitem__(self, number: int) -> Document: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Document, ...]: ...
    def __getitem__(self, number: int | slice) -> Document | tuple[Document, ...]:
        if isinstance(number, slice):
            return tuple(self._read(each) for each in range(len(self))[number])
        return self._read(range(len(self))[number])

    def bare(self) -> Iterator[Document]:
        """The guides without shared rows, for who does not look at those: no text is searched for what it uses."""
        return (self.bare_one(number) for number in range(len(self)))

    def bare_one(self, number: int) -> Document:
        return from_plain(Document, self._spool.get(self.outline(number).at[0]))

    def _read(self, number: int) -> Document:
        return with_used(self.bare_one(number), used, self._rows.some)


class Pictures(Mapping[str, bytes]):
    """The bytes of the pictures by stored file name, on the disk until they are asked for."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._at: dict[str, int] = {}

    def __setitem__(self, file: str, data: bytes) -> None:
        self._at[file] = self._spool.put_bytes(data)

    def __getitem__(self, file: str) -> bytes:
        return self._spool.get_bytes(self._at[file])

    def __iter__(self) -> Iterator[str]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)


@dataclass(frozen=True)
class Reading:
    """What a content folder holds.

    Each document carries the shared rows it uses; `rows` has all of them. `pictures` are the bytes of the pictures by
    stored file name. When `problems` is not empty, nothing of it may be used.
    """

    folder: Path
    documents: Guides
    rows: SharedRows
    pictures: Mapping[str, bytes]
    problems: tuple[Problem, ...]

    def shared(self) -> dict[str, Any]:
        """All rows that guides share, by list; they are in memory then."""
        return {name: tuple(self.rows.current(name)) for name in SHARED}

    def place(self, number: int, name: str, key: str) -> Place | None:
        """Where an item stands: of guide `number`, or of a shared list."""
        return self.rows.place(name, key) if name in SHARED else self.documents.places(number).get((name, key))

    def spot(self, unit: str, *, line: int = 1, field: str = "") -> tuple[str, int]:
        """Path and line, as people are told them, of a field of a unit; of a section's body, `line` counts within it."""
        place = self._unit(unit)
        if place is None:
            return f"{self.folder.name}/{unit.partition('#')[0]}", max(line, 1)
        if place.body and field in ("", "body"):
            return place.path, place.body + line - 1
        return place.path, place.of(field, field.partition(".")[0])

    def _unit(self, unit: str) -> Place | None:
        file, _, key = unit.partition("#")
        for name, shape in SHARED.items():
            if file == SHARED_FILES[shape]:
                return self.rows.place(name, key)
        at = file.rpartition("/")[0]
        number = self.documents.number(at)
        if number is None:
            return None
        for (name, key), place in self.documents.places(number).items():
            if not name:
                if unit == own_unit(at):
                    return place
                for part in ("sections", *PARTS):
                    if unit == order_unit(at, part):
                        return Place(place.path, place.of(part))
            elif unit == (section_unit(at, key) if name == "sections" else part_unit(at, name, key)):
                return place
        return None
