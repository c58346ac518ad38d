"""The tables, and the questions asked of them.

Here live the working text (rows the admin edits and files load into), the frozen records of what was handed in,
signed and released, what guides share, and the way from rows to the document and back.
Never here: publishing, rendering, anything that decides what the public sees.
"""

from .assembly import (
    SHARED,
    next_position,
    own_part,
    own_values,
    part_of,
    record,
    row_values,
    shared_parts,
    trimmed,
    used_document,
    with_used,
    working_document,
)
from .frozen import Edit, PublicationEvent, Review, Revision, UnreadableText
from .jobs import Job, LinkCheck, NoMail, Notice
from .outage import RETRY_AFTER, is_outage
from .people import Invitation, LoginTry, Profile, printed_name
from .shared import Clinic, GlossaryTerm, Image, PictureFile, Shared, Source
from .small import Agreed, Feedback, OldAddress, Unsaved
from .tokens import SHARED_DAYS, Stopped, preview_path, previewed, stop_previews
from .working import (
    PARTS,
    Answer,
    Claim,
    CostItem,
    Figure,
    Guide,
    KeyFact,
    Option,
    Part,
    Question,
    Section,
    Stage,
    WarningSign,
)

__all__ = [
    "PARTS",
    "RETRY_AFTER",
    "SHARED",
    "SHARED_DAYS",
    "Agreed",
    "Answer",
    "Claim",
    "Clinic",
    "CostItem",
    "Edit",
    "Feedback",
    "Figure",
    "GlossaryTerm",
    "Guide",
    "Image",
    "Invitation",
    "Job",
    "KeyFact",
    "LinkCheck",
    "LoginTry",
    "NoMail",
    "Notice",
    "OldAddress",
    "Option",
    "Part",
    "PictureFile",
    "Profile",
    "PublicationEvent",
    "Question",
    "Review",
    "Revision",
    "Section",
    "Shared",
    "Source",
    "Stage",
    "Stopped",
    "UnreadableText",
    "Unsaved",
    "WarningSign",
    "is_outage",
    "next_position",
    "own_part",
    "own_values",
    "part_of",
    "preview_path",
    "previewed",
    "printed_name",
    "record",
    "row_values",
    "shared_parts",
    "stop_previews",
    "trimmed",
    "used_document",
    "with_used",
    "working_document",
]
