"""Reading items: the YAML file they stand in, their fields, and the shared lists with their pictures."""

from __future__ import annotations

from typing import Any

from .. import images
from ..document import ImageRecord, from_plain, slots
from .fields import Fields, Place
from .files import SHARED_LIMIT, TEXT_LIMIT, Folder
from .problems import Problems
from .reading import PICTURES, Where
from .strict import MOST, MOST_SHARED, Sequence, parse


class Library:
    """What every part of the folder is read with; `places` fills with the line of each item, `pictures` with bytes."""

    def __init__(self, files: Folder, problems: Problems) -> None:
        self.files = files
        self.problems = problems
        self.places: dict[Where, Place] = {}
        self.pictures: dict[str, bytes] = {}

    def table(self, name: str, *, shared: bool = False) -> tuple[Any, str]:
        """The value of a YAML file, and its path as shown. A `shared` one may be as long as many guides make it."""
        path = self.files.shown(name)
        text = self.files.text(name, limit=SHARED_LIMIT if shared else TEXT_LIMIT)
        if text is None:
            return None, path
        node, wrong = parse(text, most=MOST_SHARED if shared else MOST)
        for line, message in wrong:
            self.problems.add(path, line, message)
        if node is None and not wrong:
            self.problems.add(path, 1, "is empty; write its fields or remove the file")
        return node, path

    def items(self, at: str, name: str, node: Any, shape: type, fields: Fields) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            self.problems.add(fields.path, node.line, f"`{name}` must be a list: each entry begins with `- key:`")
            return ()
        return tuple(
            item
            for entry in node.items
            if (item := self.one(at, name, entry, shape, fields, [slot.name for slot in slots(shape)])) is not None
        )

    def one(self, at: str, name: str, node: Any, shape: type, fields: Fields, allowed: list[str]) -> Any:
        values, place = fields.item(node, shape, fields=allowed, line=node.line)
        key = values["key"]
        if not key:
            if "key" not in place.bad:
                self.problems.add(place.path, place.line, "`key` is missing; give each entry a short name of its own")
            return None
        self.places[(at, name, key)] = place
        return values if shape is ImageRecord else shape(**values)

    def shared_list(self, name: str, file: str, shape: type) -> tuple[Any, ...]:
        node, path = self.table(file, shared=True)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problems.add(path, node.line, "must be a list: each entry begins with `- key:`")
            return ()
        fields = Fields(path, self.problems)
        derived = ("file", "width", "height") if shape is ImageRecord else ()
        allowed = [slot.name for slot in slots(shape) if slot.name not in derived]
        found = [self.one("", name, entry, shape, fields, allowed) for entry in node.items]
        items = [item for item in found if item is not None]
        if shape is ImageRecord:
            items = [self.image(values) for values in items]
        return tuple(sorted(items, key=lambda item: item.key))

    def image(self, values: dict[str, Any]) -> ImageRecord:
        """The record of a picture, with the size and hash of its file `images/<key>.<ext>`."""
        place = self.places[("", "images", values["key"])]
        place.bad.update(("file", "width", "height"))
        names = self.files.names(PICTURES)[0] if (self.files.root / PICTURES).is_dir() else []
        mine = [name for name in names if name.rpartition(".")[0] == values["key"]]
        record = {**values, "file": f"{values['key']}.none", "width": 1, "height": 1}
        if len(mine) != 1:
            what = "there are several files" if mine else "there is no file"
            message = f"{what} {PICTURES}/{values['key']}.<jpg, png or webp>; put exactly one picture there"
            self.problems.add(place.path, place.line, message)
            return ImageRecord(**record)
        name = f"{PICTURES}/{mine[0]}"
        data = self.files.data(name)
        if data is None:
            return ImageRecord(**record)
        seen = images.inspect(data)
        for problem in seen.problems:
            message = f"{problem} (run `manage.py clean_image {self.files.shown(name)}`)"
            self.problems.add(self.files.shown(name), 1, message)
        if seen.problems:
            return ImageRecord(**record)
        if mine[0].rpartition(".")[2] != seen.ext:
            message = f"is a picture of another type; call it {values['key']}.{seen.ext}"
            self.problems.add(self.files.shown(name), 1, message)
        file = f"{seen.sha256}.{seen.ext}"
        self.pictures[file] = data
        return from_plain(ImageRecord, {**record, "file": file, "width": seen.width, "height": seen.height})

    def unused_pictures(self) -> None:
        names, folders = self.files.names(PICTURES)
        keys = {key for at, name, key in self.places if name == "images"}
        for name in [*names, *folders]:
            if name.rpartition(".")[0] not in keys:
                message = "belongs to no entry of images.yaml; add one with this name as its key, or remove the file"
                self.problems.add(self.files.shown(f"{PICTURES}/{name}"), 1, message)
