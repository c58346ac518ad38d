"""Settings of `make run`, of a real server, and of manage.py."""

from .base import *  # noqa: F403
