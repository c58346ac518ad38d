"""Everything that changes what the public sees.

Here live the table of steps (`transitions`), one function per step (`actions`, `restoring`), the freezing of the
working text, and the addresses a changed slug leaves behind. This room alone writes `Guide.live` and a revision's
state. Never here: pages, files, forms; who is asked what belongs to the admin.
"""

from .actions import (
    approve,
    publish,
    publish_unreviewed,
    send_back,
    signed_before,
    signed_below,
    submit,
    withdraw,
    wrote,
)
from .announcing import after_commit, complaint
from .freezing import SHAPE, Unfit, errors, faults, findings, frozen_document
from .restoring import restore
from .sharing import Held, holding_older, take_over
from .transitions import STEPS, NotAllowed, Step

__all__ = [
    "SHAPE",
    "STEPS",
    "Held",
    "NotAllowed",
    "Step",
    "Unfit",
    "after_commit",
    "approve",
    "complaint",
    "errors",
    "faults",
    "findings",
    "frozen_document",
    "holding_older",
    "publish",
    "publish_unreviewed",
    "restore",
    "send_back",
    "signed_before",
    "signed_below",
    "submit",
    "take_over",
    "withdraw",
    "wrote",
]
