"""Settings of the tests: their own folder for data, quick password hashes, files unhashed."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="mesoinfo-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = _folder
for _name in (
    "SITE_URL",
    "HOST",
    "PORT",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "PROXIES",
    "SELF_REVIEW",
    "TIME_ZONE",
    "EMAIL_URL",
    "MAIL_FROM",
    "IDLE_MINUTES",
    "BACKUP_DIR",
    "LOG_FILE",
    "LOG_FORMAT",
    "SAMPLE",
):
    os.environ.pop(_name, None)
_database = os.environ.get("TEST_DATABASE_URL", "")  # kept: processes that share the tests read it too
os.environ.pop("DATABASE_URL", None)
if _database:
    os.environ["DATABASE_URL"] = _database

from .base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LIMITS = {}  # tests of limits set them
BACKUP_DIR = None  # tests of backups name a folder
LINK_CHECKS = False  # tests of links name servers of their own
AFTER_RELEASE = ""  # tests of prerender turn it on
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: a database in memory locks whole tables at once between threads, and has no WAL.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405
