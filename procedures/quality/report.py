"""What a guide measures: grades and lengths of each section, words of its pages, marks on its statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..document import Document
from . import evidence, lengths, readability
from .passages import passages as passages_of


@dataclass(frozen=True)
class SectionReading:
    """One section: its words as a page shows them, and its running text read both ways."""

    key: str
    words: int
    grades: readability.Grades


@dataclass(frozen=True)
class Report:
    """What `manage.py reading_report` prints of one guide."""

    sections: tuple[SectionReading, ...]
    guide_page: int
    whole: int
    statements: tuple[evidence.Statement, ...]

    def count(self, kind: str, *, marked: bool) -> int:
        """Statements of a kind (figure, benefit, risk) with or without a mark."""
        return sum(one.kind == kind and one.marked == marked for one in self.statements)


def report(document: Document) -> Report:
    """Measures one guide. Grades mean something in English only."""
    passages = passages_of(document)
    terms = lengths.terms_of(document)
    return Report(
        sections=tuple(
            SectionReading(
                section.key,
                lengths.section_words(section),
                readability.grade_body(section.body, summary=section.summary, terms=terms),
            )
            for section in document.sections
        ),
        guide_page=lengths.guide_page_words(passages),
        whole=lengths.guide_words(passages),
        statements=tuple(evidence.statements(document, passages)),
    )


def table(report: Report) -> Iterator[str]:
    """The sections as lines of text, columns aligned."""
    yield f"{'section':<16}{'words':>6}{'read':>6}{'sentences':>11}{'average':>9}{'longest':>9}{'grade':>7}{'eased':>7}{'SMOG':>6}"
    for section in report.sections:
        written, eased = section.grades.written, section.grades.adjusted
        yield (
            f"{section.key:<16}{section.words:>6}{written.words:>6}{written.sentences:>11}{written.average:>9.1f}{written.longest:>9}"
            f"{written.flesch_kincaid:>7.1f}{eased.flesch_kincaid:>7.1f}{written.smog:>6.1f}"
        )
