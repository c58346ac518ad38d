"""Settings of `make dev`: the same secret and database, with DEBUG and files served as they change."""

from .base import *  # noqa: F403

DEBUG = True
LOGGING = configuration(level="INFO", form="text", file="")  # noqa: F405
AFTER_RELEASE = ""  # pages are made when they are asked for, so that a changed template shows
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
