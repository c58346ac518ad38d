"""Keeping the site well: copies of the database, what is on disk, what is due. Never here: what the public sees."""

from .backups import Backup, BadBackup, backup_is_due, last_good, make_backup
from .copies import copy_database
from .due import Done, publish_due
from .files import static_files_stamp
from .health import Check, checks
from .links import check_links, failed_links, links_are_due, try_link
from .marks import ROUND, VERIFIED, note
from .moving import CannotMove, move, target
from .notices import failed_mails, send_notices
from .old import forget_old
from .restoring import NotEmpty, bring_up_to_date, restore_backup
from .texts import verify_texts
from .turns import only_one
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
    "check_links",
    "checks",
    "copy_database",
    "failed_links",
    "failed_mails",
    "forget_old",
    "last_good",
    "links_are_due",
    "make_backup",
    "move",
    "note",
    "only_one",
    "publish_due",
    "restore_backup",
    "send_notices",
    "static_files_stamp",
    "target",
    "try_link",
    "verification_is_due",
    "verify",
    "verify_texts",
]
