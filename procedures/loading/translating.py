"""Which parts of a translation in the content folder are behind, and noting that they were brought up."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path

from ..document import DEFAULT_LANGUAGE, Document, base, behind, brought_up, noted
from .exporting import put
from .problems import ContentError, Problem
from .reading import Reading
from .sides import tidied
from .writing import guide_file


def translations(reading: Reading) -> tuple[tuple[Document, Document], ...]:
    """Each translation with its original, both without shared rows; one whose original is not there is left out."""
    originals = {item.folder: item for item in reading.documents.bare() if item.language == DEFAULT_LANGUAGE}
    return tuple(
        (tidied(item), tidied(originals[item.folder]))
        for item in reading.documents.bare()
        if item.language != DEFAULT_LANGUAGE and item.folder in originals
    )


def behind_in(reading: Reading) -> tuple[Problem, ...]:
    """Every part of a translation whose wording in the first language has changed since it was translated."""
    found = []
    for item, original in translations(reading):
        place = base(item.folder, item.language)
        for part in sorted(behind(item, original)):
            path, line = reading.spot(f"{place}/{part}")
            words = f"{base(original.folder, original.language)}/{part} changed after this was translated"
            found.append(
                Problem(path, line, f"{words}; bring it up, then say: manage.py mark_translated {place} {part}")
            )
    return tuple(found)


def mark_translated(reading: Reading, place: str, *, parts: Collection[str] = ()) -> tuple[Path, tuple[str, ...]]:
    """Notes in `place`/guide.yaml that `parts` (none given: all) say what the original says now.

    Gives the file and the parts whose note changed. Raises ContentError when the folder holds no such translation or a
    part is not in both languages, and when the file cannot be written.
    """
    pairs = {base(item.folder, item.language): (item, original) for item, original in translations(reading)}
    if place not in pairs:
        there = ", ".join(sorted(pairs)) or "none"
        raise ContentError([Problem(place, 1, f"there is no such translation (there is: {there})")])
    item, original = pairs[place]
    lines = brought_up(item, original, parts=parts or None)
    new = dataclasses.replace(item, translated=lines)
    unknown = sorted(set(parts) - set(noted(new)))
    if unknown:
        raise ContentError(
            [Problem(f"{place}/{part}", 1, "is not a part of both languages; correct its name") for part in unknown]
        )
    before = noted(item)
    changed = tuple(part for part, made_from in noted(new).items() if before.get(part) != made_from)
    file = reading.folder / place / "guide.yaml"
    if changed or lines != item.translated:
        put(file, guide_file(new).encode())
    return file, changed
