"""Settings of the sites these tests start: LOCK_SECONDS says how long a writer waits for another."""

import os

from tests.prerender.site_settings import *  # noqa: F403
from tests.prerender.site_settings import DATABASES

DATABASES["default"]["OPTIONS"]["timeout"] = float(os.environ.get("LOCK_SECONDS", "10"))
