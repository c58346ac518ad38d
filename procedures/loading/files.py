"""The content folder as bytes and text: no link is followed, nothing outside the folder is read."""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .problems import Problems
from .spooling import put_aside

TEXT_LIMIT, SHARED_LIMIT = 1024 * 1024, 64 * 1024 * 1024
"""Most bytes a YAML or Markdown file may have; one that all guides share."""

PICTURE_LIMIT = 20 * 1024 * 1024
"""Most bytes a picture in the folder may have; `images` has its own, smaller limits."""

FRONT_LIMIT = 16 * 1024
"""Most characters the front matter of a section may have."""


_UNSHOWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters of the category Cc but tab and line feed."""


@dataclass(frozen=True)
class Front:
    """A section file taken apart. `yaml` starts in line 2; `body_line` is the line the body starts in."""

    yaml: str
    body: str
    body_line: int


class Folder:
    """Reads below `root`; what is wrong with a file is noted and the file is left out."""

    def __init__(self, root: Path, problems: Problems) -> None:
        self.root = root
        self.problems = problems

    def shown(self, name: str = "") -> str:
        """`name` (relative, with /) as people are told it: from the content folder on."""
        path = f"{self.root.name}/{name}" if name else self.root.name
        return path.encode("utf-8", "replace").decode()  # file names may hold bytes that are no text

    def names(self, folder: str = "") -> tuple[list[str], list[str]]:
        """Names of the files and of the folders in `folder`, hidden ones left out, each sorted. Links are problems."""
        files: list[str] = []
        folders: list[str] = []
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    self._sort(entry, f"{folder}/{entry.name}" if folder else entry.name, files, folders)
        except OSError as error:
            self.problems.add(self.shown(folder), 1, f"cannot be opened: {error.strerror} (check who may read it)")
            return [], []
        return sorted(files), sorted(folders)

    def _sort(self, entry: os.DirEntry[str], name: str, files: list[str], folders: list[str]) -> None:
        if entry.name.startswith("."):
            return
        if entry.is_symlink():
            self.problems.add(self.shown(name), 1, "is a link to another place; put the file itself here")
        elif entry.is_dir(follow_symlinks=False):
            folders.append(entry.name)
        elif entry.is_file(follow_symlinks=False):
            files.append(entry.name)
        else:
            self.problems.add(self.shown(name), 1, "is not an ordinary file; remove it")

    def data(self, name: str, *, limit: int = PICTURE_LIMIT) -> bytes | None:
        """The bytes of a file, or None when it cannot be read."""
        file = self._opened(name, limit)
        if file is None:
            return None
        with file:
            data = file.read(limit + 1)
        if len(data) > limit:
            self._too_large(name, limit)
            return None
        return data

    def _opened(self, name: str, limit: int) -> IO[bytes] | None:
        try:
            number = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            self.problems.add(self.shown(name), 1, f"cannot be opened: {error.strerror} (put an ordinary file here)")
            return None
        file = os.fdopen(number, "rb")
        about = os.fstat(number)
        if stat.S_ISREG(about.st_mode) and about.st_size <= limit:
            return file
        file.close()
        if stat.S_ISREG(about.st_mode):
            self._too_large(name, limit)
        else:
            self.problems.add(self.shown(name), 1, "is not an ordinary file; remove it")
        return None

    def _too_large(self, name: str, limit: int) -> None:
        self.problems.add(self.shown(name), 1, f"is larger than {limit // 1024} KB; make it smaller")

    def text(self, name: str) -> str | None:
        """A file's text in NFC with line feeds, or None when it is not clean UTF-8."""
        data = self.data(name, limit=TEXT_LIMIT)
        found = Problems()
        text = None if data is None else "".join(_tidy(io.BytesIO(data), self.shown(name), found))
        self.problems.join(found)
        return None if len(found) else text

    def long_text(self, name: str) -> IO[bytes] | None:
        """The same of a file that all guides share, which grows with their number: put aside, in UTF-8.

        Raises ContentError when there is no room for it.
        """
        file = self._opened(name, SHARED_LIMIT)
        if file is None:
            return None
        found = Problems()
        with file:
            text = put_aside(_tidy(file, self.shown(name), found))
        self.problems.join(found)
        return None if len(found) else text


def _tidy(lines: Iterable[bytes], path: str, problems: Problems) -> Iterator[str]:
    """The lines of a file in NFC, each but the last with its line feed. No line feed joins with what follows it."""
    found = Problems()
    for number, data in enumerate(lines, start=1):
        try:
            line = data.decode()
        except UnicodeDecodeError:  # then only that is told
            problems.add(path, number, "is not UTF-8 text; save the file as UTF-8")
            return
        if number == 1 and line.startswith("\ufeff"):
            found.add(path, 1, "starts with an invisible mark (BOM); save the file as UTF-8 without BOM")
        line = line.replace("\r\n", "\n")
        if _UNSHOWN.search(line):
            _check_line(line.removesuffix("\n"), path, number, found)
        yield line if line.isascii() else unicodedata.normalize("NFC", line)
    problems.join(found)


def _check_line(text: str, path: str, number: int, problems: Problems) -> None:
    if "\r" in text:
        message = "ends a line with a single carriage return; save the file with Unix line ends (LF)"
        problems.add(path, number, message)
        return
    for character in text:
        if character != "\t" and unicodedata.category(character) == "Cc":
            message = f"holds a character that cannot be shown (U+{ord(character):04X}); remove it"
            problems.add(path, number, message)
            return


def tidy_body(text: str) -> str:
    """A body as files hold it: no empty lines around it, one line feed at its end; nothing stays nothing."""
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    body = "\n".join(lines).rstrip()
    return f"{body}\n" if body else ""


def split(text: str, path: str, problems: Problems) -> Front | None:
    """Takes a section file apart: `---`, YAML, `---`, body."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        problems.add(
            path, 1, "does not start with front matter; begin with a line `---`, then `title:` and a line `---`"
        )
        return None
    ends = next((place for place, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
    if ends is None:
        problems.add(path, len(lines), "the front matter is not closed; put a line `---` after its last field")
        return None
    front = "\n".join(lines[1:ends])
    if len(front) > FRONT_LIMIT:
        problems.add(path, 2, f"the front matter is longer than {FRONT_LIMIT // 1024} KB; move text into the body")
        return None
    rest = lines[ends + 1 :]
    skipped = 0
    while skipped < len(rest) and not rest[skipped].strip():
        skipped += 1
    _second_front(rest[skipped:], path, ends + 2 + skipped, problems)
    return Front(front, tidy_body("\n".join(rest)), ends + 2 + skipped)


def _second_front(lines: list[str], path: str, first: int, problems: Problems) -> None:
    """A `---` that ends a block of fields at the very top of the body: front matter written in two documents."""
    for number, line in enumerate(lines, start=first):
        if line.rstrip() == "---" and number > first:
            problems.add(
                path, number, "only one front matter fits in a file; put all its fields between the first two `---`"
            )
            return
        name, colon, _ = line.partition(":")
        if not colon or not name.isidentifier():
            return
