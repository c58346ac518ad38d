"""Settings of `make dev`: the same secret and database, with DEBUG and files served as they change."""

from django.utils.functional import lazy

from .base import *  # noqa: F403

DEBUG = True
LOGGING = configuration(level="INFO", form="text", file="")  # noqa: F405
AFTER_RELEASE = ""  # pages are made when they are asked for, so that a changed template shows
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SECURE_CSP = SECURE_CSP | {  # noqa: F405
    "script-src": ["'self'", lazy(inline.allowed, str)(inline.RULES)],  # noqa: F405
    "style-src": ["'self'", lazy(inline.allowed, str)(inline.STYLE)],  # noqa: F405
}  # read again at each request, so that a changed style shows
