"""Settings of the sites these tests start as processes of their own: as in production, with styles unhashed."""

import os

from mesoinfo.settings.base import *  # noqa: F403

BACKUP_DIR = BACKUP_DIR if "BACKUP_DIR" in os.environ else None  # noqa: F405 (tests of backups name a folder)

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    **shared_pictures(),  # noqa: F405
}
LIMITS = LIMITS if "LIMIT_SEARCH" in os.environ else {}  # noqa: F405 (one machine plays all readers)
