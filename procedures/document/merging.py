"""Two texts that grew from one, put together: diff3 as Khanna, Kunal and Pierce describe it (FSTTCS 2007), on sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SENTENCES = re.compile(r"[^\n]*?(?:[.!?]+(?:\[\^[^\]\s]*\])*(?=\s)[^\S\n]*|\n+)|[^\n]+", re.S)
"""A sentence with the space and the marks behind it, or the rest of a line with its end. Together they give the text back."""


@dataclass(frozen=True)
class Merged:
    """`text` holds what both changed; `overlaps` counts the places where both changed the same sentence otherwise."""

    text: str
    overlaps: int


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    pieces: tuple[str, ...]


def merge(base: str, *, theirs: str, yours: str) -> Merged:
    """`base` with the changes of both. Where they overlap both passages stand, theirs first, so that no word is lost."""
    if theirs == yours or yours == base:
        return Merged(theirs, 0)
    if theirs == base:
        return Merged(yours, 0)
    old = _sentences(base)
    found, place, overlaps = "", 0, 0
    for start, end, first, second in _groups(_edits(old, _sentences(theirs)), _edits(old, _sentences(yours))):
        found += "".join(old[place:start])
        one, other = (_applied(old, start, end, edits) for edits in (first, second))
        if not second or one == other:
            found += one
        elif not first:
            found += other
        else:
            overlaps += 1
            found += _joined(one, other)
        place = end
    return Merged(found + "".join(old[place:]), overlaps)


def _sentences(text: str) -> list[str]:
    return SENTENCES.findall(text)


def _edits(old: list[str], new: list[str]) -> list[_Edit]:
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [_Edit(a, b, tuple(new[c:d])) for what, a, b, c, d in codes if what != "equal"]


def _groups(first: list[_Edit], second: list[_Edit]) -> list[tuple[int, int, list[_Edit], list[_Edit]]]:
    """The changes of both in order, those that touch the same place together: (from, to, theirs, yours)."""
    waiting = sorted(
        [(edit.start, edit.end, side, edit) for side, edits in enumerate((first, second)) for edit in edits],
        key=lambda item: item[:3],
    )
    groups: list[tuple[int, int, list[_Edit], list[_Edit]]] = []
    for start, end, side, edit in waiting:
        if groups and (start < groups[-1][1] or (start == end == groups[-1][0] == groups[-1][1])):
            group = groups.pop()
        else:
            group = (start, end, [], [])
        group[2 + side].append(edit)  # type: ignore[union-attr]
        groups.append((group[0], max(group[1], end), group[2], group[3]))
    return groups


def _applied(old: list[str], start: int, end: int, edits: list[_Edit]) -> str:
    found, place = "", start
    for edit in edits:
        found += "".join([*old[place : edit.start], *edit.pieces])
        place = edit.end
    return found + "".join(old[place:end])


def _joined(one: str, other: str) -> str:
    return one + (" " if one and other and not one[-1].isspace() and not other[0].isspace() else "") + other
