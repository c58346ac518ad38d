"""Walking through the content folder: which files there are, and what each of them holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..document import (
    DEFAULT_LANGUAGE,
    FORMAT,
    OWN_FIELDS,
    PARTS,
    SHARED,
    SHARED_FILES,
    Document,
    Kind,
    Section,
    base,
    did_you_mean,
    slots,
)
from .checks import check
from .fields import Fields, Place
from .files import Folder, split
from .library import Library
from .problems import ContentError, Problems
from .reading import PICTURES, Guides, Reading
from .strict import Scalar, Table, parse

SITE_FIELDS = ("kind", "slug", "language", "title", "summary", "sections")
"""What guide.yaml of the site's own pages may hold."""

IGNORED = ("drafts",)
"""Folders in a guide's folder that are not read."""

NOT_CONTENT = ("ledger.yaml",)
"""Files in a guide's folder that are the authors' own records: known, and not read."""


def read(folder: Path) -> Reading:
    """Reads and checks a content folder; every problem there is ends up in `Reading.problems`.

    When there was no room for what was read, that is the only problem, and nothing has been read.
    """
    try:
        return read_whole(folder)
    except ContentError as error:
        empty = Problems()
        return dataclasses.replace(_Walk(Folder(folder.resolve(), empty), empty).reading(), problems=error.problems)


def read_whole(folder: Path) -> Reading:
    """The same, but raises ContentError when there is no room for what is read."""
    problems = Problems()
    files = Folder(folder.resolve(), problems)
    walk = _Walk(files, problems)
    if files.root.is_dir():
        walk.everything()
        check(walk.reading(), problems)
    else:
        problems.add(files.shown(), 1, "there is no such folder (name the folder that holds the guides)")
    return walk.reading()


class _Walk(Library):
    def __init__(self, files: Folder, problems: Problems) -> None:
        super().__init__(files, problems)
        self.documents = Guides(self.rows)

    def reading(self) -> Reading:
        return Reading(
            folder=self.files.root,
            documents=self.documents,
            rows=self.rows,
            pictures=self.pictures,
            problems=self.problems.found(),
        )

    def everything(self) -> None:
        names, folders = self.files.names()
        known = tuple(SHARED_FILES.values())
        for name in names:
            if name.endswith((".yaml", ".yml")) and name not in known:
                message = f"is not a file the site knows{did_you_mean(name, known)}; known are {', '.join(known)}"
                self.problems.add(self.files.shown(name), 1, message)
        for name, shape in SHARED.items():
            if SHARED_FILES[shape] in names:
                self.shared_list(name, SHARED_FILES[shape], shape)
        if PICTURES in folders:
            self.unused_pictures()
        before = len(self.problems)
        for folder in folders:
            if folder != PICTURES:
                self.guides(folder)
        if not self.documents and len(self.problems) == before:
            message = "holds no guide (each guide is a folder with a guide.yaml; see docs/writing-content.md)"
            self.problems.add(self.files.shown(), 1, message)

    def guides(self, folder: str) -> None:
        names, folders = self.files.names(folder)
        if "guide.yaml" in names:
            self.guide(folder, folder=folder, language=DEFAULT_LANGUAGE, names=names)
        elif any(name.endswith((".md", ".yaml")) for name in names):
            self.problems.add(
                self.files.shown(folder), 1, "holds texts but no guide.yaml; write one, or remove the folder"
            )
        for inner in folders:
            if inner in IGNORED:
                continue
            place = f"{folder}/{inner}"
            inside, deeper = self.files.names(place)
            if "guide.yaml" in inside and inner == DEFAULT_LANGUAGE:
                message = f"is for the language of {folder}/ itself; move its files there, or name another language"
                self.problems.add(self.files.shown(place), 1, message)
            elif "guide.yaml" in inside:
                self.guide(place, folder=folder, language=inner, names=inside)
            elif any(name.endswith((".md", ".yaml")) for name in inside):
                message = "holds texts but no guide.yaml; write one, or call the folder `drafts`"
                self.problems.add(self.files.shown(place), 1, message)
            for extra in deeper:
                if extra not in IGNORED:
                    message = "is a folder too deep: guides are <guide>/ or <guide>/<language>/; remove it"
                    self.problems.add(self.files.shown(f"{place}/{extra}"), 1, message)

    def guide(self, at: str, *, folder: str, language: str, names: list[str]) -> None:
        node, path = self.table(f"{at}/guide.yaml")
        if node is None:
            return
        self.places = {}
        fields = Fields(path, self.problems)
        written = node.entries.get("kind") if isinstance(node, Table) else None
        kind = written.value.text if written and isinstance(written.value, Scalar) else ""
        allowed = SITE_FIELDS if kind == Kind.SITE else (*OWN_FIELDS, "sections", *PARTS)
        lists = ("sections", *PARTS)
        own_node = node
        if isinstance(node, Table):
            own_node = Table(node.line, {name: entry for name, entry in node.entries.items() if name not in lists})
        values, place = fields.item(own_node, Document, fields=[name for name in allowed if name not in lists], line=1)
        place.line = 1
        self.places[("", "")] = place
        values["format"] = FORMAT
        values["folder"] = folder
        if kind == Kind.SITE and "slug" not in place.lines:
            values["slug"] = folder
        if isinstance(node, Table):
            for name in lists:
                entry = node.entries.get(name)
                if entry is None:
                    continue
                place.lines[name] = entry.line
                if name not in allowed:
                    self.problems.add(path, entry.line, f"`{name}` does not belong to the site's own pages; remove it")
                elif name == "sections":
                    values[name] = self.sections(at, entry.value, fields, place, names)
                else:
                    values[name] = self.items(name, entry.value, PARTS[name], fields)
        self.language(values, place, folder=folder, language=language)
        self.unknown_files(at, names, values)
        self.documents.add(Document(**values), self.places)

    def language(self, values: dict[str, Any], place: Place, *, folder: str, language: str) -> None:
        written = values["language"]
        if "language" in place.bad:
            values["language"] = language
        elif written and written != language:
            wanted = base(folder, written)
            message = f"`language` is {written}, but the folder is for {language} (move it to {wanted}/, or correct it)"
            self.problems.add(place.path, place.of("language"), message)
            values["language"] = language
        elif not written:
            self.problems.add(place.path, place.line, f"`language` is missing; write `language: {language}`")
            values["language"] = language

    def unknown_files(self, at: str, names: list[str], values: Mapping[str, Any]) -> None:
        wanted = {f"{section.key}.md" for section in values["sections"]}
        for name in names:
            if name in wanted or name == "guide.yaml" or name in NOT_CONTENT:
                continue
            if name.endswith(".md"):
                message = f"is not in `sections:` of {self.files.shown(at)}/guide.yaml; add it there or remove the file"
                self.problems.add(self.files.shown(f"{at}/{name}"), 1, message)
            elif name.endswith((".yaml", ".yml")):
                message = f"is not a file the site knows{did_you_mean(name, ['guide.yaml'])}; remove it"
                self.problems.add(self.files.shown(f"{at}/{name}"), 1, message)

    def sections(self, at: str, node: Any, fields: Fields, place: Place, names: list[str]) -> tuple[Section, ...]:
        slot = next(slot for slot in slots(PARTS["claims"]) if slot.name == "cites")
        listed = Place(place.path, place.line)
        keys = fields.texts(node, dataclasses.replace(slot, name="sections"), listed, "sections")
        place.lines.update(listed.lines)
        found = []
        for number, key in enumerate(keys):
            line = listed.lines[f"sections.{number}"]
            if not key:
                continue
            if key in keys[:number]:
                self.problems.add(place.path, line, f"`{key}` stands twice in `sections`; keep one of them")
            elif f"{key}.md" not in names:
                message = f"there is no {key}.md{did_you_mean(f'{key}.md', names)}; write it, or take it off the list"
                self.problems.add(place.path, line, message)
                found.append(self.stand_in(key, Place(place.path, line)))
            else:
                found.append(self.section(at, key))
        return tuple(found)

    def stand_in(self, key: str, place: Place) -> Section:
        """A section that could not be read, so that links to it are not reported as well."""
        place.bad.update(slot.name for slot in slots(Section))
        self.places[("sections", key)] = place
        return Section(key=key, title=key)

    def section(self, at: str, key: str) -> Section:
        name = f"{at}/{key}.md"
        path = self.files.shown(name)
        text = self.files.text(name)
        front = split(text, path, self.problems) if text is not None else None
        if front is None:
            return self.stand_in(key, Place(path, 1))
        node, wrong = parse(front.yaml, first_line=2)
        for line, message in wrong:
            self.problems.add(path, line, message)
        if node is None:
            if not wrong:
                self.problems.add(path, 1, "`title` is missing")
            return self.stand_in(key, Place(path, 1))
        names = [slot.name for slot in slots(Section) if slot.name not in ("key", "body")]
        values, place = Fields(path, self.problems).item(node, Section, fields=names, line=1)
        place.line = 1
        place.body = front.body_line
        self.places[("sections", key)] = place
        return Section(**{**values, "key": key, "body": front.body})
