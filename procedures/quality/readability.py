"""How hard a text is to read: two published formulas, their counting rules, and nothing else.

Formulas
    Flesch–Kincaid grade: Kincaid, Fishburne, Rogers and Chissom, Derivation of new readability formulas for Navy enlisted
    personnel, Research Branch Report 8-75, 1975: 0.39 × words/sentences + 11.8 × syllables/words − 15.59.
    SMOG: McLaughlin, SMOG Grading – a New Readability Formula, Journal of Reading 12(8), 1969:
    3.1291 + 1.043 × √(words of three or more syllables × 30 / sentences). Meant for 30 sentences; with fewer it wobbles.

What is counted
    Running text in English: paragraphs, items of lists and cards, headings. Left out: tables, sources and every block
    under five words. A block's end ends a sentence. A number is one word with the syllables it has when spoken.

Both formulas look at the length of words and sentences and at nothing else. Use them to find what to read again, never
as proof that a text is understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .passages import of_body, of_line
from .sentences import sentences, words
from .syllables import syllables

SHORTEST_BLOCK = 5
"""Blocks with fewer words than this are left out."""

_TERM = "bodyterm"  # stands for one term of the glossary, whatever its length: one word, two syllables


@dataclass(frozen=True)
class Reading:
    """What was counted in a text, and its grades (US school years)."""

    words: int
    syllables: int
    long_words: int
    lengths: tuple[int, ...]

    @property
    def sentences(self) -> int:
        return len(self.lengths)

    @property
    def average(self) -> float:
        """Words per sentence."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def longest(self) -> int:
        return max(self.lengths, default=0)

    @property
    def flesch_kincaid(self) -> float:
        if not self.words:
            return 0.0
        return 0.39 * self.average + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float:
        if not self.sentences:
            return 0.0
        return 3.1291 + 1.043 * math.sqrt(self.long_words * 30 / self.sentences)


@dataclass(frozen=True)
class Grades:
    """The same text read twice: as written, and with each term of the glossary as one two-syllable word."""

    written: Reading
    adjusted: Reading


def grade(blocks: Iterable[str], *, terms: Iterable[str] = ()) -> Grades:
    """Measure plain English blocks (no Markdown). `terms` are the glossary's terms and their other names."""
    kept = [block for block in blocks if len(words(block)) >= SHORTEST_BLOCK]
    pattern = term_pattern(terms)
    eased = [pattern.sub(_TERM, block) for block in kept] if pattern else kept
    return Grades(_read(kept), _read(eased))


def grade_body(body: str, *, summary: str = "", terms: Iterable[str] = ()) -> Grades:
    """Measure one section: its Markdown body, with its one-line summary before it."""
    return grade(section_blocks(body, summary=summary), terms=terms)


def section_blocks(body: str, *, summary: str = "") -> list[str]:
    """The plain blocks of a section that count: no tables, no syntax, no marks."""
    lines = [" ".join(sentence.text for sentence in of_line(summary))] if summary else []
    return lines + [
        " ".join(sentence.text for sentence in found) for block, found in of_body(body) if block.kind != "cell"
    ]


def term_pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of these terms, longest first, in any case, plural forms included; None when there are no terms."""
    wanted = sorted({term.strip() for term in terms if term.strip()}, key=lambda term: (-len(term), term))
    if not wanted:
        return None
    return re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(term) for term in wanted)})(?:e?s)?(?![\w-])", re.IGNORECASE)


def _read(blocks: list[str]) -> Reading:
    lengths: list[int] = []
    spoken = long_words = 0
    for block in blocks:
        for sentence in sentences(block):
            found = words(sentence)
            if not found:
                continue
            lengths.append(len(found))
            counts = [2 if word == _TERM else syllables(word) for word in found]
            spoken += sum(counts)
            long_words += sum(count >= 3 for count in counts)
    return Reading(sum(lengths), spoken, long_words, tuple(lengths))
