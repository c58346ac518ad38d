"""Files ⇄ document ⇄ rows: read, check, plan, apply, export.

Here lives how the content folder is read strictly, every problem told as `path:line: sentence`, how files and rows are
compared three ways so that no edit is overwritten silently, and how rows are written out again in one canonical form.
Never here: publishing (the commands do that with what is reported here), HTML, admin screens.
"""

from .applying import Conflict, apply
from .comparing import Result, Step
from .editorial import Finding, counts, findings
from .exporting import Exported, NotLoaded, export
from .planning import Plan, plan
from .problems import ContentError, Problem
from .reading import Reading
from .reporting import conflict, details
from .sides import same_text
from .translating import behind_in, mark_translated, translations
from .walking import read

__all__ = [
    "Conflict",
    "ContentError",
    "Exported",
    "Finding",
    "NotLoaded",
    "Plan",
    "Problem",
    "Reading",
    "Result",
    "Step",
    "apply",
    "behind_in",
    "conflict",
    "counts",
    "details",
    "export",
    "findings",
    "mark_translated",
    "plan",
    "read",
    "same_text",
    "translations",
]
