#!/usr/bin/env python
"""Django's command line, with the settings, secret and database of `make run` unless told otherwise."""

import os
import sys
import time


def serve_at_once() -> None:
    """`serve` after a crash: becomes the server without loading Django. Returns when something has to be done first."""
    from procedures import restarting

    restarting.this = start = restarting.Start()
    if sys.argv[2:3] == ["--beside"]:
        time.sleep(restarting.AFTER)
    if sys.argv[2:]:
        return
    try:
        from mesoinfo.settings.environment import data_dir, env, site_url

        data, site = data_dir(), site_url()
        host, port = env.str("HOST", default="127.0.0.1"), env.int("PORT", default=8000)
        workers, threads = env.int("WORKERS", default=2), env.int("THREADS", default=8)
    except Exception:  # whatever is wrong, the command itself finds the words for it
        return
    if start.is_as_before(data) and restarting.is_free(host, port) is None:
        restarting.say(site)
        beside = ("serve", "--beside")
        restarting.become_server(*beside, host=host, port=port, workers=workers, threads=threads, environ=start.environ)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.production")
    if sys.argv[1:2] == ["serve"]:
        try:
            serve_at_once()
        except KeyboardInterrupt:
            sys.exit(130)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed for this Python. Use `make run`, or .venv/bin/python after it.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
