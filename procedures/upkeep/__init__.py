"""Keeping the site well: copies of the database, what is on disk. Never here: what the public sees."""

from .copies import copy_database
from .files import static_files_stamp

__all__ = ["copy_database", "static_files_stamp"]
