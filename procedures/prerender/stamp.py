"""What pages are made from besides the database: code, templates, static names, settings, versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.template import engines

ROOMS = (
    "document", "models", "rendering", "pages", "prerender", "structured_data.py", "search", "pictures.py", "requests.py", "rows.py"
)  # fmt: skip
"""What the pages' code is, with everything it imports of this application."""
SETTINGS = """SITE_URL LANGUAGE_CODE TIME_ZONE USE_I18N STATIC_URL MEDIA_URL MIDDLEWARE
    ROOT_URLCONF TEMPLATES SECURE_CSP SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_PRELOAD
    SECURE_SSL_REDIRECT SECURE_PROXY_SSL_HEADER SECURE_REFERRER_POLICY SECURE_CROSS_ORIGIN_OPENER_POLICY
    SECURE_CONTENT_TYPE_NOSNIFF X_FRAME_OPTIONS APPEND_SLASH DEBUG""".split()
KINDS = (".py", ".html", ".xml", ".txt", ".css", ".json")
APP = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def code_stamp() -> str:
    """A hash that changes when any of it does. Taken once in a process: what runs is what was read when it started."""
    found = hashlib.sha256()
    for path in sorted(_files()):
        found.update(f"{path.relative_to(APP.parent) if path.is_relative_to(APP.parent) else path.name}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    for name in SETTINGS:
        found.update(f"{name}={getattr(settings, name, None)!r}\n".encode())
    found.update(repr([code for code, _name in settings.LANGUAGES]).encode())  # names are shown in the active language
    for name, version in sorted({(found.name.lower(), found.version) for found in distributions()}):
        found.update(f"{name}=={version}\n".encode())
    return found.hexdigest()


def _files() -> Iterator[Path]:
    project = settings.ROOT_URLCONF.split(".")[0]
    for folder in [*(APP / room for room in ROOMS), APP.parent / project, *_templates()]:
        if folder.is_file():
            yield folder
        else:
            yield from (path for path in folder.rglob("*") if path.is_file() and path.suffix in KINDS)
    for folder in settings.LOCALE_PATHS:
        yield from Path(folder).rglob("*.mo")
    names = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if names.is_file():
        yield names


def _templates() -> Iterator[Path]:
    for engine in engines.all():
        yield from (Path(folder) for folder in getattr(engine, "dirs", ()))
