"""Keeping the site well: copies of the database, what is on disk, what is due. Never here: what the public sees."""

from .copies import copy_database
from .due import Done, publish_due
from .files import static_files_stamp
from .moving import CannotMove, move, target
from .old import forget_old
from .texts import verify_texts
from .verifying import Verified, verify

__all__ = [
    "CannotMove",
    "Done",
    "Verified",
    "copy_database",
    "forget_old",
    "move",
    "publish_due",
    "static_files_stamp",
    "target",
    "verify",
    "verify_texts",
]
