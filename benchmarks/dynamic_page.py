"""A page rendered at every request: ours by Django, a bare Django view with the same bytes, Wagtail 8 with the same text.

    python benchmarks/dynamic_page.py [--rounds 5] [--seconds 3] [--page /mesotherapy/risks/] [--write]

All three under granian with two workers and eight threads, 16 connections, alternating in one run. Ours is the view behind
the published pages (no files are made); Wagtail is set up by this script in an environment of its own under var/wagtail/
with a project as `wagtail start` makes it, one page whose text is the main part of ours, and SQLite. Needs wrk. Prints
medians and spread; raw samples go to benchmarks/raw/dynamic-<time>.json.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from published_page import HERE, PERCENTILES, ROOT, cpu_seconds, free_port, machine, summed, wait, wrk

WAGTAIL, GRANIAN = "8.*", "2.8.7"
VERSIONS = "import django, wagtail; print(f'Wagtail {wagtail.__version__}, its Django {django.__version__}')"
FOLDER = ROOT / "var" / "wagtail"
BARE = """
from pathlib import Path
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
settings.configure(SECRET_KEY="x" * 50, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[])
BODY = Path(__file__).with_name("page.html").read_bytes()
urlpatterns = [path("", lambda request: HttpResponse(BODY))]
application = get_wsgi_application()
"""
MODEL = """
from django.db import models
from wagtail.models import Page


class HomePage(Page):
    body = models.TextField(blank=True)
"""
TEMPLATE = """\
{% extends "base.html" %}
{% block content %}<main>{% autoescape off %}{{ page.body }}{% endautoescape %}</main>{% endblock %}
"""
FILL = """
from pathlib import Path
from home.models import HomePage
page = HomePage.objects.get()
page.body = Path(PLACE).read_text()
page.save_revision().publish()
"""


@contextlib.contextmanager
def granian(python: Path, application: str, folder: Path, **environment: str) -> Iterator[tuple[str, int]]:
    port = free_port()
    running = subprocess.Popen(
        [python.parent / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
         "--blocking-threads", "8", "--no-ws", "--log-level", "error", application],
        cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait(timeout=30)


def ours(folder: Path) -> contextlib.AbstractContextManager[tuple[str, int]]:
    (folder / "without_files.py").write_text("from mesoinfo.settings.production import *\nAFTER_RELEASE = ''\n")
    environment = {
        "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "without_files", "LOG_LEVEL": "ERROR",
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "manage.py", "serve", "--prepare-only"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    return granian(Path(sys.executable), "mesoinfo.wsgi:application", ROOT, **environment)


def bare(folder: Path, page: bytes) -> contextlib.AbstractContextManager[tuple[str, int]]:
    place = folder / "bare"
    place.mkdir()
    (place / "page.html").write_bytes(page)
    (place / "bare.py").write_text(BARE)
    return granian(Path(sys.executable), "bare:application", place)


def wagtail(folder: Path, main: str) -> contextlib.AbstractContextManager[tuple[str, int]]:
    python = FOLDER / "venv" / "bin" / "python"
    if not (python.parent / "wagtail").exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=True)
        packages = [f"wagtail=={WAGTAIL}", f"granian=={GRANIAN}"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    (folder / "peer").mkdir()
    subprocess.run([python.parent / "wagtail", "start", "peer", folder / "peer"], check=True, stdout=subprocess.DEVNULL)
    site = folder / "peer"
    (site / "home" / "models.py").write_text(MODEL)
    (site / "home" / "templates" / "home" / "home_page.html").write_text(TEMPLATE)
    (site / "text.html").write_text(main)
    settings = site / "peer" / "settings" / "measured.py"
    settings.write_text(
        "from .base import *\nDEBUG = False\nSECRET_KEY = 'x' * 50\nALLOWED_HOSTS = ['*']\n"
        "TEMPLATES[0]['APP_DIRS'] = True\nSTORAGES['staticfiles'] = "
        "{'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "peer.settings.measured"}

    def manage(*words: str, stdin: str | None = None) -> None:
        done = subprocess.run(
            [python, "manage.py", *words], cwd=site, env={**os.environ, **environment}, input=stdin, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)

    manage("makemigrations", "home")
    manage("migrate", "--verbosity", "0")
    manage("shell", stdin=FILL.replace("PLACE", repr(str(site / "text.html"))))
    return granian(python, "peer.wsgi:application", site, **environment)


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--rounds", type=int, default=5)
    reading.add_argument("--seconds", type=int, default=3)
    reading.add_argument("--page", default="/mesotherapy/risks/")
    reading.add_argument("--write", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about, flush=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dynamic-")))
        script = folder / "report.lua"
        script.write_text(PERCENTILES)
        mine, pid = stack.enter_context(ours(folder))
        page = urllib.request.urlopen(mine + options.page).read()
        main_part = re.search(r"<main[^>]*>(.*)</main>", page.decode(), re.DOTALL)
        assert main_part
        servers = {
            "ours": (mine + options.page, pid),
            "bare Django view": stack.enter_context(bare(folder, page)),
            "Wagtail": stack.enter_context(wagtail(folder, main_part[1])),
        }
        theirs = urllib.request.urlopen(servers["Wagtail"][0] + "/").read()
        if main_part[1].strip().encode() not in theirs:
            raise SystemExit("Wagtail does not send the text")
        samples: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
        for number in range(options.rounds + 1):  # the first round warms up and does not count
            for name, (url, process) in servers.items():
                before = cpu_seconds(process)
                got = wrk(url if name == "ours" else f"{url}/", connections=16, seconds=options.seconds, script=script)
                got["cpu_us"] = (cpu_seconds(process) - before) / max(got["rps"] * options.seconds, 1) * 1e6
                if number:
                    samples[name].append(got)
    version = subprocess.run(
        [FOLDER / "venv/bin/python", "-c", VERSIONS],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    lines = ["| page | requests/s | p99, ms | µs of processor a request |", "|---|---|---|---|"]
    for name, got in samples.items():
        rps, p99, cpu = ([sample[what] for sample in got] for what in ("rps", "p99_ms", "cpu_us"))
        lines.append(f"| {name} | {summed(rps)} | {summed(p99, 1)} | {summed(cpu)} |")
    table = "\n".join(lines)
    print(version)
    print(table)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"dynamic-{stamp}.json"
    raw.write_text(json.dumps({"about": f"{about}; {version}", "samples": samples}, indent=1) + "\n")
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(
                f"\n## A page rendered at every request\n\n{about}; {version}. Raw: `benchmarks/raw/{raw.name}`.\n\n{table}\n"
            )


if __name__ == "__main__":
    main()
