"""Where an English sentence ends, and what its words are."""

from __future__ import annotations

import re

# A point after one of these is part of the word. "etc." and "p.m." may also end a sentence: they do before a capital.
_ABBREVIATIONS = frozenset("dr mr mrs ms prof st vs e.g i.e no nos fig approx al cf vol inc ltd co dept est".split())
_ENDING = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)")
_WORD = re.compile(r"[$€£]?\d+(?:[.,:]\d+)*(?:[-–][A-Za-z]+)?%?|[^\W\d_][\w&]*(?:['’\-][\w&]+)*|\d+\w+|\d")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of one block of English text, in order, each with its end mark.

    Points inside numbers (0.5), names of files, initials (J. Smith) and common abbreviations end nothing; a colon and
    a semicolon end nothing either. The end of the block ends a sentence.
    """
    found: list[str] = []
    start = 0
    for match in _ENDING.finditer(text):
        rest = text[match.end() :].lstrip()
        if rest and not _ends(text[start : match.end()], rest):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def _ends(before: str, after: str) -> bool:
    """Does a sentence end between these two? Asked where an end mark is followed by a space."""
    last = before.split()[-1]
    word = last.rstrip("\"'”’»)]").lstrip("\"'“‘«([")
    if not word.endswith(".") or word.endswith(".."):
        return not after[0].islower()
    stem = word.rstrip(".").lower()
    if stem in _ABBREVIATIONS:
        return False
    if re.fullmatch(r"[A-Z]", word.rstrip(".")):  # an initial: J. Smith
        return False
    return not after[0].islower()


def words(text: str) -> tuple[str, ...]:
    """The words of a text: letters with inner hyphens and apostrophes, and numbers with their sign ($1,500, 72%)."""
    return tuple(match[0] for match in _WORD.finditer(text))
