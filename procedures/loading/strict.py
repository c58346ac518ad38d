"""YAML read strictly, on PyYAML's scanner and parser: nothing is guessed, nothing is lost.

Refused, each with its line: duplicate keys, anchors, aliases, tags, merge keys, directives, several documents, comments
(they would be lost when staff edit) and nesting beyond `DEEPEST`. Values stay as written; what a plain `12:30`, `no` or
`0123` would silently become in YAML 1.1 is only named (`Scalar.tag`), for `fields` to refuse where it stands for text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

DEEPEST = 20
"""Lists and mappings inside each other; guide.yaml needs seven."""

MOST, MOST_SHARED = 20_000, 2_000_000
"""Values in one file; in one that all guides share, which grows with their number."""

_UNSHOWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters of the categories Cc and Cs but tab and line feed."""

_MARKS = "\u2028\u2029\ufeff"

_RESOLVE = yaml.SafeLoader("")
_BREAKS = "\0\r\n\x85\u2028\u2029"

HINT = "check quotes, colons and spaces at the start of lines; put a text that holds “: ” or “ #” in quotes"


@dataclass(frozen=True)
class Scalar:
    """One value as written. `tag` is str, or what YAML 1.1 would turn a plain value into: bool, int, timestamp …"""

    line: int
    text: str
    plain: bool
    tag: str


@dataclass(frozen=True)
class Sequence:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Entry:
    """One `name: value` of a mapping; `line` is where the name stands."""

    line: int
    value: Node


@dataclass(frozen=True)
class Table:
    """A mapping with names of text, in the order written."""

    line: int
    entries: Mapping[str, Entry]


Node = Scalar | Sequence | Table


class _Stopped(Exception):
    """Reading on makes no sense; the reason has been noted."""


class _Events(Reader, Scanner, Parser):
    """PyYAML's events, with the lines of comments, which its scanner only skips."""

    def __init__(self, text: str | IO[bytes]) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        self.comments: list[int] = []

    def _comment(self) -> None:
        if self.peek() == "#":
            self.comments.append(self.line)
            while self.peek() not in _BREAKS:
                self.forward()

    def scan_to_next_token(self) -> None:
        found = False
        while not found:
            while self.peek() == " ":
                self.forward()
            self._comment()
            if self.scan_line_break():  # type: ignore[no-untyped-call]
                if not self.flow_level:
                    self.allow_simple_key = True
            else:
                found = True

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> None:
        while self.peek() == " ":
            self.forward()
        self._comment()
        if self.peek() not in _BREAKS:
            raise yaml.scanner.ScannerError(
                "while scanning a block scalar",
                start_mark,
                f"expected a comment or a line break, but found {self.peek()!r}",
                self.get_mark(),
            )
        self.scan_line_break()  # type: ignore[no-untyped-call]

    def next(self) -> Any:
        """The next event."""
        return self.get_event()  # type: ignore[no-untyped-call]


class _Builder:
    def __init__(self, text: str | IO[bytes], first_line: int, most: int, each: Callable[[Node], None] | None) -> None:
        self.events = _Events(text)
        self.each = each
        self.most = most
        self.first = first_line
        self.wrong: list[tuple[int, str]] = []
        self.count = 0

    def note(self, line: int, message: str) -> None:
        self.wrong.append((line, message))

    def line(self, event: Any) -> int:
        return int(event.start_mark.line) + self.first

    def document(self) -> Node | None:
        self.events.next()
        start = self.events.next()
        if isinstance(start, yaml.StreamEndEvent):
            return None
        if start.version or start.tags:
            self.note(self.line(start), "YAML directives (%) are not allowed; remove the line")
        node = self.node(self.events.next(), 1)
        self.events.next()
        after = self.events.next()
        if not isinstance(after, yaml.StreamEndEvent):
            self.note(self.line(after), "only one document fits in a file; remove the second `---`")
            raise _Stopped
        return node

    def node(self, event: Any, depth: int) -> Node:
        line = self.line(event)
        self.count += 1
        if depth > DEEPEST:
            self.note(line, f"lists and mappings are nested more than {DEEPEST} deep; make it simpler")
            raise _Stopped
        if self.count > self.most:
            self.note(line, f"the file holds more than {self.most} values; make it shorter")
            raise _Stopped
        if isinstance(event, yaml.AliasEvent):
            self.note(line, f"`*{event.anchor}` (alias) is not allowed; write the value out")
            return Scalar(line, "", False, "alias")
        if event.anchor:
            self.note(line, f"`&{event.anchor}` (anchor) is not allowed; remove it")
        if event.tag and event.tag != "!":
            self.note(line, f"`{event.tag}` (tag) is not allowed; write plain text, numbers, lists and mappings")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            take = self.each if self.each and depth == 1 else items.append
            while not isinstance(event := self.events.next(), yaml.SequenceEndEvent):
                take(self.node(event, depth + 1))
            return Sequence(line, tuple(items))
        return self.table(line, depth)

    def scalar(self, event: Any, line: int) -> Scalar:
        plain = not event.style
        tag = "str"
        if plain:
            found = _RESOLVE.resolve(yaml.ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call]
            tag = found.rpartition(":")[2]
        unshown = _UNSHOWN.search(event.value)
        if unshown:
            self.note(line, f"holds a character that cannot be shown (U+{ord(unshown.group()):04X}); remove it")
            return Scalar(line, "", False, "alias")
        return Scalar(line, event.value, plain, tag)

    def table(self, line: int, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        while not isinstance(event := self.events.next(), yaml.MappingEndEvent):
            at = self.line(event)
            name = self.node(event, depth + 1)
            value = self.node(self.events.next(), depth + 1)
            if not isinstance(name, Scalar) or name.tag == "alias":
                self.note(at, "the name of a field must be a word")
            elif name.tag == "merge":
                self.note(at, "`<<` (merge) is not allowed; write the fields out")
            elif name.text in entries:
                self.note(
                    at,
                    f"`{_short(name.text)}` stands twice (first in line {entries[name.text].line}); keep one of them",
                )
            else:
                entries[name.text] = Entry(at, value)
        return Table(line, entries)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _lines(text: str | IO[bytes]) -> Iterator[str]:
    """The lines without their line feeds; the last one is empty when nothing follows a line feed."""
    if isinstance(text, str):
        yield from text.split("\n")
        return
    line = b"\n"
    for line in text:
        yield line.decode().removesuffix("\n")
    if line.endswith(b"\n"):
        yield ""


def _refused(lines: Iterable[str], first_line: int) -> tuple[tuple[int, str] | None, int]:
    """Line and sentence about a character that may not stand in YAML, if there is one, and the number of the last line."""
    found: dict[str, tuple[int, str]] = {}
    number = first_line
    for number, line in enumerate(lines, start=first_line):
        if line.isascii() and line.isprintable():
            continue
        for mark in _MARKS:
            if mark in line:
                found.setdefault(mark, (number, f"holds an invisible mark (U+{ord(mark):04X}); remove it"))
        other = Reader.NON_PRINTABLE.search(line)
        if other:
            message = f"holds a character YAML does not allow (U+{ord(other.group()):04X}); remove it"
            found.setdefault("", (number, message))
    return next((found[mark] for mark in (*_MARKS, "") if mark in found), None), number


def parse(
    text: str | IO[bytes], *, first_line: int = 1, most: int = MOST, each: Callable[[Node], None] | None = None
) -> tuple[Node | None, list[tuple[int, str]]]:
    """The value in `text` (LF line ends), or None when there is none or it cannot be read, and what is wrong.

    `text` may be a file of UTF-8 without faults, which is read in pieces. `first_line` is the line of its file that `text`
    starts in, `most` how many values it may hold; problems are `(line, sentence)`. With `each`, the entries of a list are given
    to it one after another and not kept; when the value is None in the end, what it was given may not be used.
    """
    node: Node | None = None
    wrong, last = _refused(_lines(text), first_line)
    if wrong:
        return None, [wrong]
    if not isinstance(text, str):
        text.seek(0)
    builder = _Builder(text, first_line, most, each)
    try:
        node = builder.document()
    except _Stopped:
        pass
    except yaml.MarkedYAMLError as error:
        mark_at = error.problem_mark or error.context_mark
        at = first_line + (mark_at.line if mark_at else 0)
        builder.note(min(at, last), f"this is not YAML: {error.problem} ({HINT})")
    except (ValueError, OverflowError) as error:  # PyYAML lets chr() fail on \U escapes beyond Unicode
        builder.note(first_line + builder.events.line, f"this is not YAML: {error} ({HINT})")
    for line in builder.events.comments:
        builder.note(
            line + first_line, "comments would be lost when staff edit: use `note:`, or quotes around a text with `#`"
        )
    return (node if not builder.wrong or node else None), sorted(builder.wrong)
