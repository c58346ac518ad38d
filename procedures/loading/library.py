"""Reading items: the YAML file they stand in, their fields, and the shared lists with their pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import images
from ..document import ImageRecord, slots
from .fields import Fields, Place
from .files import Folder
from .problems import Problems
from .reading import PICTURES, Pictures, Where
from .shared import SharedRows
from .strict import MOST_SHARED, Node, Sequence, parse


class Library:
    """What every part of the folder is read with.

    `places` fills with the line of each item of the guide being read, `rows` with what all guides share, `pictures` with
    bytes.
    """

    def __init__(self, files: Folder, problems: Problems) -> None:
        self.files = files
        self.problems = problems
        self.places: dict[Where, Place] = {}
        self.rows = SharedRows()
        self.pictures = Pictures()

    def table(self, name: str, *, each: Callable[[Node], None] | None = None) -> tuple[Any, str]:
        """The value of a YAML file, and its path as shown.

        With `each` it is a shared list: as long as many guides make it, and read entry by entry (`strict.parse`).
        """
        path = self.files.shown(name)
        text = self.files.long_text(name) if each else self.files.text(name)
        if text is None:
            return None, path
        node, wrong = parse(text, most=MOST_SHARED, each=each) if each else parse(text)
        if not isinstance(text, str):
            text.close()
        for line, message in wrong:
            self.problems.add(path, line, message)
        if node is None and not wrong:
            self.problems.add(path, 1, "is empty; write its fields or remove the file")
        return node, path

    def items(self, name: str, node: Any, shape: type, fields: Fields) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            self.problems.add(fields.path, node.line, f"`{name}` must be a list: each entry begins with `- key:`")
            return ()
        found = []
        for entry in node.items:
            item, place = self.one(entry, shape, fields, [slot.name for slot in slots(shape)])
            if item is not None:
                self.places[(name, item.key)] = place
                found.append(item)
        return tuple(found)

    def one(self, node: Any, shape: type, fields: Fields, allowed: list[str]) -> tuple[Any, Place]:
        """An entry of a list and where it stands; None and a place when it has no key."""
        values, place = fields.item(node, shape, fields=allowed, line=node.line)
        if not values["key"]:
            if "key" not in place.bad:
                fields.problems.add(place.path, place.line, "`key` is missing; give each entry a short name of its own")
            return None, place
        if shape is ImageRecord:  # until its file has been looked at
            values |= {"file": f"{values['key']}.none", "width": 1, "height": 1}
            place.bad.update(("file", "width", "height"))
        return shape(**values), place

    def shared_list(self, name: str, file: str, shape: type) -> None:
        """Puts the entries of a shared list into `rows`."""
        found = Problems()  # of a file that turns out not to be YAML, only that is told
        fields = Fields(self.files.shown(file), found)
        derived = ("file", "width", "height") if shape is ImageRecord else ()
        allowed = [slot.name for slot in slots(shape) if slot.name not in derived]

        def take(entry: Node) -> None:
            item, place = self.one(entry, shape, fields, allowed)
            if item is not None:
                self.rows.add(name, item, place)

        node, path = self.table(file, each=take)
        if node is None:
            self.rows.forget(name)
        elif not isinstance(node, Sequence):
            self.problems.add(path, node.line, "must be a list: each entry begins with `- key:`")
        else:
            self.problems.join(found)
            for key in list(self.rows.keys(name)) if shape is ImageRecord else ():
                self.rows.change(name, self.image(self.rows.get(name, key)))

    def image(self, record: ImageRecord) -> ImageRecord:
        """The record of a picture, with the size and hash of its file `images/<key>.<ext>`."""
        key = record.key
        place = self.rows.place("images", key) or Place(self.files.shown("images.yaml"), 1)
        names = self.files.names(PICTURES)[0] if (self.files.root / PICTURES).is_dir() else []
        mine = [name for name in names if name.rpartition(".")[0] == key]
        if len(mine) != 1:
            what = "there are several files" if mine else "there is no file"
            message = f"{what} {PICTURES}/{key}.<jpg, png or webp>; put exactly one picture there"
            self.problems.add(place.path, place.line, message)
            return record
        name = f"{PICTURES}/{mine[0]}"
        data = self.files.data(name)
        if data is None:
            return record
        seen = images.inspect(data)
        for problem in seen.problems:
            message = f"{problem} (run `manage.py clean_image {self.files.shown(name)}`)"
            self.problems.add(self.files.shown(name), 1, message)
        if seen.problems:
            return record
        if mine[0].rpartition(".")[2] != seen.ext:
            message = f"is a picture of another type; call it {key}.{seen.ext}"
            self.problems.add(self.files.shown(name), 1, message)
        file = f"{seen.sha256}.{seen.ext}"
        self.pictures[file] = data
        return replace(record, file=file, width=seen.width, height=seen.height)

    def unused_pictures(self) -> None:
        """Names files of `images/` that are not called like an entry of images.yaml."""
        names, folders = self.files.names(PICTURES)
        for name in [*names, *folders]:
            if not self.rows.has("images", name.rpartition(".")[0]):
                message = "belongs to no entry of images.yaml; add one with this name as its key, or remove the file"
                self.problems.add(self.files.shown(f"{PICTURES}/{name}"), 1, message)
