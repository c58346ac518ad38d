"""The rows that all guides share, on the disk: asked for by key or read one after another, never held as a list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from ..document import SHARED, from_plain, to_plain
from .fields import Place
from .spooling import Kept


def plain_place(place: Place) -> list[Any]:
    return [place.path, place.line, place.lines, sorted(place.bad), place.body]


def place_of(plain: list[Any]) -> Place:
    path, line, lines, bad, body = plain
    return Place(path, line, lines, set(bad), body)


class Known(Mapping[str, Any]):
    """What is kept in a list by key, and what is `beside` it, for who asks which keys there are."""

    def __init__(self, rows: Kept, name: str, *, beside: Mapping[str, Any] | None = None) -> None:
        self._rows = rows
        self._name = name
        self._beside = beside or {}

    def __contains__(self, key: object) -> bool:
        return key in self._beside or (isinstance(key, str) and self._rows.has(self._name, key))

    def __getitem__(self, key: str) -> Any:
        found = self._beside.get(key) or self._rows.get(self._name, key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._beside
        yield from (key for key in self._rows.keys(self._name) if key not in self._beside and "\0" not in key)

    def __len__(self) -> int:
        return sum(1 for _key in self)


class SharedRows:
    """The rows of the lists named in SHARED, by key, and where each stands in its file."""

    def __init__(self) -> None:
        self._rows = Kept()
        self._number = 0
        self._twice: set[str] = set()

    def add(self, name: str, item: Any, place: Place) -> None:
        """Keeps a row. One that had its key is still read after it, so that it can be told.

        Raises ContentError when there is no room.
        """
        former = self._rows.get(name, item.key)
        if former is not None:
            self._number += 1
            self._twice.add(name)
            self._rows.put(name, f"{item.key}\0{self._number}", former)  # no key holds such a character
        self._rows.put(name, item.key, [to_plain(item), plain_place(place)])

    def change(self, name: str, item: Any) -> None:
        """Puts `item` in the place of the row with its key; it stands where that one stood."""
        found = self._rows.get(name, item.key)
        self._rows.put(name, item.key, [to_plain(item), found[1]])

    def forget(self, name: str) -> None:
        """Takes back everything of a list."""
        self._rows.clear(name)
        self._twice.discard(name)

    def get(self, name: str, key: str) -> Any:
        """The row with this key; None when there is none."""
        found = self._rows.get(name, key)
        return None if found is None else from_plain(SHARED[name], found[0])

    def some(self, name: str, keys: Collection[str]) -> Iterator[Any]:
        """The rows that have one of `keys`."""
        return (row for key in keys if (row := self.get(name, key)) is not None)

    def place(self, name: str, key: str) -> Place | None:
        """Where the row with this key stands."""
        found = self._rows.get(name, key)
        return None if found is None else place_of(found[1])

    def has(self, name: str, key: str) -> bool:
        return self._rows.has(name, key)

    def items(self, name: str) -> Iterator[Any]:
        """The rows of a list by key, one after another; of a key that stands twice the later row, then the former."""
        return (from_plain(SHARED[name], plain) for plain, _place in self._rows.values(name, part=""))

    def current(self, name: str) -> Iterator[Any]:
        """The row of each key, one after another: the one that `get` gives."""
        return (next(same) for _key, same in groupby(self.items(name), key=attrgetter("key")))

    def twice(self, name: str) -> bool:
        """Whether a key of this list stands twice."""
        return name in self._twice

    def keys(self, name: str) -> Iterator[str]:
        """The keys of a list in order."""
        return (key for key in self._rows.keys(name) if "\0" not in key)

    def count(self, name: str) -> int:
        return self._rows.count(name)

    def known(self, name: str, *, beside: Mapping[str, Any] | None = None) -> Known:
        """The keys of a list, and what is `beside` them."""
        return Known(self._rows, name, beside=beside)
