"""What a content folder holds, with the line of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..document import (
    PARTS,
    SHARED,
    SHARED_FILES,
    Document,
    order_unit,
    own_unit,
    part_unit,
    section_unit,
)
from .fields import Place
from .problems import Problem

PICTURES = "images"
"""The folder of pictures: one file `<key>.<jpg, png or webp>` for each entry of images.yaml."""

Where = tuple[str, str, str]
"""(place of the guide or "", list or "", key or "")."""


@dataclass(frozen=True)
class Reading:
    """What a content folder holds.

    Each document carries all shared rows of the folder; `publishing` and `same_text` trim them. `pictures` are the bytes
    of the pictures by stored file name. When `problems` is not empty, nothing of it may be used.
    """

    folder: Path
    documents: tuple[Document, ...]
    sources: tuple[Any, ...]
    terms: tuple[Any, ...]
    images: tuple[Any, ...]
    pictures: Mapping[str, bytes]
    places: Mapping[Where, Place]
    problems: tuple[Problem, ...]

    def shared(self, name: str) -> tuple[Any, ...]:
        """The list called `name` in SHARED."""
        return getattr(self, name)  # type: ignore[no-any-return]

    def spot(self, unit: str, *, line: int = 1, field: str = "") -> tuple[str, int]:
        """Path and line, as people are told them, of a field of a unit; of a section's body, `line` counts within it."""
        place = self._units.get(unit)
        if place is None:
            return f"{self.folder.name}/{unit.partition('#')[0]}", max(line, 1)
        if place.body and field in ("", "body"):
            return place.path, place.body + line - 1
        return place.path, place.of(field, field.partition(".")[0])

    @cached_property
    def _units(self) -> dict[str, Place]:
        files = {name: SHARED_FILES[shape] for name, shape in SHARED.items()}
        found: dict[str, Place] = {}
        for (at, name, key), place in self.places.items():
            if not name:
                found[own_unit(at)] = place
                for part in ("sections", *PARTS):
                    found[order_unit(at, part)] = Place(place.path, place.of(part))
            elif name == "sections":
                found[section_unit(at, key)] = place
            elif name in SHARED:
                found[f"{files[name]}#{key}"] = place
            else:
                found[part_unit(at, name, key)] = place
        return found
