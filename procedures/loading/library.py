"""Reading items: the YAML file they stand in, their fields, and the shared lists with their pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import images
from ..document import SHARED, ImageRecord, from_plain, slots
from .fields import Fields, Place
from .files import Folder
from .problems import Problems
from .reading import PICTURES, Pictures, SharedPlaces, Where
from .strict import MOST_SHARED, Node, Sequence, parse


class Library:
    """What every part of the folder is read with.

    `places` fills with the line of each item of the guide being read, `shared_places` with those of the shared lists,
    `pictures` with bytes.
    """

    def __init__(self, files: Folder, problems: Problems) -> None:
        self.files = files
        self.problems = problems
        self.places: dict[Where, Place] = {}
        self.shared_places = SharedPlaces()
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
        return tuple(
            item
            for entry in node.items
            if (item := self.one(name, entry, shape, fields, [slot.name for slot in slots(shape)])) is not None
        )

    def one(self, name: str, node: Any, shape: type, fields: Fields, allowed: list[str]) -> Any:
        values, place = fields.item(node, shape, fields=allowed, line=node.line)
        key = values["key"]
        if not key:
            if "key" not in place.bad:
                fields.problems.add(place.path, place.line, "`key` is missing; give each entry a short name of its own")
            return None
        if name in SHARED:
            self.shared_places.add(name, key, place)
        else:
            self.places[(name, key)] = place
        return values if shape is ImageRecord else shape(**values)

    def shared_list(self, name: str, file: str, shape: type) -> tuple[Any, ...]:
        found = Problems()  # of a file that turns out not to be YAML, only that is told
        fields = Fields(self.files.shown(file), found)
        derived = ("file", "width", "height") if shape is ImageRecord else ()
        allowed = [slot.name for slot in slots(shape) if slot.name not in derived]
        items: list[Any] = []

        def take(entry: Node) -> None:
            item = self.one(name, entry, shape, fields, allowed)
            if item is not None:
                items.append(item)

        node, path = self.table(file, each=take)
        if node is None:
            self.shared_places.forget(name)
            return ()
        if not isinstance(node, Sequence):
            self.problems.add(path, node.line, "must be a list: each entry begins with `- key:`")
            return ()
        self.problems.join(found)
        if shape is ImageRecord:
            items = [self.image(values) for values in items]
        return tuple(sorted(items, key=lambda item: item.key))

    def image(self, values: dict[str, Any]) -> ImageRecord:
        """The record of a picture, with the size and hash of its file `images/<key>.<ext>`."""
        place = self.shared_places.get("images", values["key"]) or Place(self.files.shown("images.yaml"), 1)
        place.bad.update(("file", "width", "height"))
        self.shared_places.add("images", values["key"], place)
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

    def unused_pictures(self, keys: set[str]) -> None:
        """Names files of `images/` that are not called like one of `keys`."""
        names, folders = self.files.names(PICTURES)
        for name in [*names, *folders]:
            if name.rpartition(".")[0] not in keys:
                message = "belongs to no entry of images.yaml; add one with this name as its key, or remove the file"
                self.problems.add(self.files.shown(f"{PICTURES}/{name}"), 1, message)
