"""The plain WSGI application a server loads: `granian --interface wsgi mesoinfo.wsgi:application`, or gunicorn.

A request meets published pages first, then styles and scripts, then Django.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.production")
_django = get_wsgi_application()

from procedures import prerender  # noqa: E402 (its models need Django to be set up)

from .bodies import Bodies  # noqa: E402

application = prerender.in_front_of(
    WhiteNoise(
        Bodies(_django, most=int(os.environ.get("THREADS", "8")) // 2),
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        immutable_file_test=r"^.+\.[0-9a-f]{12}\..+$",
    )
)
