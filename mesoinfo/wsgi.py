"""The plain WSGI application a server loads: `granian --interface wsgi mesoinfo.wsgi:application`, or gunicorn.

A request meets published pages first, then styles and scripts, then Django. Django is loaded in a thread, so that a
worker that has just been started sends pages, styles and scripts at once; what needs Django waits for it. A worker
that relieves others takes no request before it is loaded whole, or `RELIEF` seconds are over.
"""

import logging.config
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.production")

from django.conf import settings
from whitenoise import WhiteNoise

from procedures import prerender

logging.config.dictConfig(settings.LOGGING)  # Django does so when it is loaded; until then the log looks the same


def _django() -> Callable[..., Any]:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    from django.urls import resolve

    from .bodies import Bodies

    resolve("/")  # imports every view, which the first request would wait for
    return Bodies(application, most=int(os.environ.get("THREADS", "8")) // 2)


_later = prerender.Later(_django)
application = prerender.in_front_of(
    WhiteNoise(
        _later,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        immutable_file_test=r"^.+\.[0-9a-f]{12}\..+$",
    ),
    behind=_later,
)
_later.begin(wait=prerender.RELIEF if prerender.is_relief() else 0)
