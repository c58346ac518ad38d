"""Settings of the site that judges from outside look at: production, and one address that fails on purpose."""

from mesoinfo.settings.production import *  # noqa: F403

ROOT_URLCONF = "tests.outside_urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
