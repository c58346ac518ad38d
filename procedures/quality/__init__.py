"""Editorial checks on a document: what editors must mend before release, and what they should look at.

Here live the reading grades, the lists of words that promise, warn or have been cited by regulators, and the rule that
every figure, benefit and risk carries a mark. Pure: a document in, findings out.
Never here: the database, files, what a text looks like on a page, or who may publish.
"""

from .evidence import Statement, statements
from .finding import ERRORS, WARNINGS, Finding
from .findings import errors, findings
from .passages import passages
from .readability import Grades, grade, grade_body
from .report import Report, report, table

__all__ = [
    "ERRORS",
    "WARNINGS",
    "Finding",
    "Grades",
    "Report",
    "Statement",
    "errors",
    "findings",
    "grade",
    "grade_body",
    "passages",
    "report",
    "statements",
    "table",
]
