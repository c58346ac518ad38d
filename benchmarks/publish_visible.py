"""From the Publish button to the new page served by every worker, on a running site.

    python benchmarks/publish_visible.py [--times 10] [--write]

Makes a site of its own from content/, publishes a changed title again and again in another process, and asks for
the guide's first page meanwhile, each time over a new connection so that both workers are met.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from published_page import HERE, ROOT, free_port, machine, ours, summed

PUBLISHER = """
import django, json, sys, time
django.setup()
from procedures import prerender, publishing
from procedures.models import Guide
plain = Guide.objects.get(folder="mesotherapy", language="en").title
for line in sys.stdin:
    Guide.objects.filter(folder="mesotherapy", language="en").update(title=f"{plain} {line.strip()}")
    guide = Guide.objects.get(folder="mesotherapy", language="en")
    revision = publishing.submit(guide, by=None, kind="typo", note="")
    began = time.time()
    publishing.publish_unreviewed(revision, by=None)
    print(json.dumps([began, time.time()]), flush=True)
"""


def page(url: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--times", type=int, default=10)
    reading.add_argument("--data", type=Path)
    reading.add_argument("--write", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about)
    visible, stored = [], []
    with tempfile.TemporaryDirectory(prefix="publish-") as temporary:
        folder, port = options.data or Path(temporary), free_port()
        environment = {
            **os.environ, "DATA_DIR": str(folder), "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "mesoinfo.settings.production", "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        with ours(folder, port) as (url, _pid):
            publisher = subprocess.Popen(
                [sys.executable, "-c", PUBLISHER], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
            )  # fmt: skip
            assert publisher.stdin
            assert publisher.stdout
            os.set_blocking(publisher.stdout.fileno(), False)
            for number in range(options.times):
                mark = f"({chr(97 + number % 26)}{chr(97 + number // 26)})"
                publisher.stdin.write(f"{mark}\n")
                last_old, seen, said = 0.0, 0, ""
                while not said or seen < 40:
                    asked = time.time()
                    if mark.encode() in page(url, "/mesotherapy/"):
                        seen += 1
                    else:
                        last_old, seen = asked, 0
                    said = said or publisher.stdout.readline()
                    if publisher.poll() is not None:
                        raise SystemExit("the publisher ended early")
                began, ended = json.loads(said)
                visible.append(max(0.0, last_old - began))
                stored.append(ended - began)
            publisher.stdin.close()
            publisher.wait(timeout=30)
    lines = (
        f"last answer with the former text: {summed(visible, 2)} s after the button, at worst {max(visible):.2f} s; "
        f"all files of the release in place: {summed(stored, 2)} s"
    )
    print(lines)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"publish-visible-{stamp}.json"
    raw.write_text(json.dumps({"about": about, "visible_s": visible, "stored_s": stored}, indent=1) + "\n")
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(
                f"\n## From the button to the page\n\n{about}.\n{options.times} releases of the shipped guide, asked over new "
                f"connections to two workers: {lines}. Raw: `benchmarks/raw/{raw.name}`.\n"
            )


if __name__ == "__main__":
    main()
