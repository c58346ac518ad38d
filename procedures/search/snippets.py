"""The lines of a passage a reader is shown, in pieces: what was found, and what stands around it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from . import words

LENGTH = 220
"""Characters of a snippet, about."""


@dataclass(frozen=True)
class Piece:
    """A run of text; `hit` says whether the reader's words are in it."""

    text: str
    hit: bool = False


def snippet(text: str, *, stems: Collection[str], language: str) -> tuple[Piece, ...]:
    """The stretch with most of the different `stems`, cut at words, as pieces; plain text, not HTML."""
    text = " ".join(text.split())
    found = list(words.among(text, stems, language=language))
    start, end = _stretch(text, found)
    pieces = [Piece("… ")] if start else []
    place = start
    for word in found:
        if word.start < start or word.end > end:
            continue
        if word.start > place:
            pieces.append(Piece(text[place : word.start]))
        pieces.append(Piece(text[word.start : word.end], hit=True))
        place = word.end
    if end > place:
        pieces.append(Piece(text[place:end]))
    if end < len(text):
        pieces.append(Piece(" …"))
    return tuple(pieces)


def _stretch(text: str, found: list[words.Word]) -> tuple[int, int]:
    if len(text) <= LENGTH:
        return 0, len(text)
    best = 0
    most = 0
    for word in found:
        inside = {other.stem for other in found if word.start <= other.start and other.end <= word.start + LENGTH - 60}
        if len(inside) > most:
            best, most = word.start, len(inside)
    start = text.rfind(" ", 0, max(0, best - 50)) + 1 if best > 50 else 0
    sentence = text.rfind(". ", start, best)
    if sentence >= 0:
        start = sentence + 2
    end = text.rfind(" ", start, start + LENGTH) if start + LENGTH < len(text) else len(text)
    return start, end if end > start else min(len(text), start + LENGTH)
