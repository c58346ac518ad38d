"""Editorial checks on a document: what editors must mend before release, and what they should look at.

Here live the reading grades, the lists of words that promise, warn or have been cited by regulators, and the rule that
every figure, benefit and risk carries a mark. Pure: a document in, findings out.
Never here: the database, files, what a text looks like on a page, or who may publish.
"""

from .finding import Finding
from .findings import findings

__all__ = ["Finding", "findings"]
