"""Keeping the site well: copies of the database, what is on disk, what is due. Never here: what the public sees."""

from .backups import Backup, BadBackup, backup_is_due, last_good, make_backup
from .copies import copy_database
from .due import Done, publish_due
from .files import static_files_stamp
from .health import Check, checks
from .marks import ROUND, VERIFIED, note
from .moving import CannotMove, move, target
from .old import forget_old
from .restoring import NotEmpty, bring_up_to_date, restore_backup
from .texts import verify_texts
from .verifying import Verified, verification_is_due, verify

__all__ = [
    "ROUND",
    "VERIFIED",
    "Backup",
    "BadBackup",
    "CannotMove",
    "Check",
    "Done",
    "NotEmpty",
    "Verified",
    "backup_is_due",
    "bring_up_to_date",
    "checks",
    "copy_database",
    "forget_old",
    "last_good",
    "make_backup",
    "move",
    "note",
    "publish_due",
    "restore_backup",
    "static_files_stamp",
    "target",
    "verification_is_due",
    "verify",
    "verify_texts",
]
