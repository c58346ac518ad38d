"""Seconds from the command of a supervisor to the first 200 of a published page, after SIGKILL to everything.

    python benchmarks/first_answer.py [--kills 100] [--rest 6] [--write]

Makes a site of its own from content/ and starts it as `make run` does. Each round kills server, workers and what runs
beside them, starts `manage.py serve` at once, and asks for a page every two milliseconds. It then lets the
server rest, so that what runs beside it has ended its look. Printed as well: the first answer of a page that needs Django,
and what readers notice when one worker of two is killed. Raw samples: benchmarks/raw/first-answer-<time>.json.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from published_page import HERE, ROOT, free_port, machine

sys.path.insert(0, str(ROOT))
from procedures.restarting import Start
from tests.restarts import Readers, Server, percentile

PAGE, DYNAMIC = "/mesotherapy/risks/", "/search/?q=risk"


def said(samples: list[float]) -> str:
    return f"p50 {percentile(samples, 0.5):.3f} s, p99 {percentile(samples, 0.99):.3f} s, most {max(samples):.3f} s"


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--kills", type=int, default=100)
    reading.add_argument(
        "--rest", type=float, default=6.0, metavar="SECONDS", help="between an answer and the next kill"
    )
    reading.add_argument("--write", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about)
    pages: list[float] = []
    dynamic: list[float] = []
    workers: list[float] = []
    failed = asked = 0
    with tempfile.TemporaryDirectory(prefix="first-answer-") as temporary:
        folder, port = Path(temporary), free_port()
        environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "BACKUP_DIR": "off",
            "LINK_CHECKS": "off",
        }
        subprocess.run(
            [sys.executable, "manage.py", "serve", "--prepare-only"],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        server = Server(port, environment, folder / "server.log")
        before = Start().mark
        try:
            server.first(PAGE, server.start())
            server.until_watched(folder / "pages")
            loads = [os.getloadavg()[0]]
            for number in range(options.kills):
                time.sleep(options.rest)
                server.kill()
                if Start().mark != before:
                    sys.exit("The program was changed while it was measured: such a start prepares first. Begin again.")
                began = server.start()
                pages.append(server.first(PAGE, began))
                dynamic.append(server.first(DYNAMIC, began))
                loads.append(os.getloadavg()[0])
                if sys.stdout.isatty():
                    print(f"\r{number + 1} of {options.kills}", end="", flush=True)
            time.sleep(options.rest)
            for _number in range(max(1, options.kills // 10)):
                with Readers(server, PAGE) as readers:
                    time.sleep(0.5)
                    os.kill(server.workers()[0], signal.SIGKILL)
                    time.sleep(6)  # two kills within 5.5 s are a crash loop to granian, which then ends
                workers.append(readers.longest)
                failed, asked = failed + readers.failed, asked + readers.asked
        finally:
            server.kill()
    print(f"\n{options.kills} kills of everything, load {min(loads):.1f} to {max(loads):.1f}")
    print(f"published page   {said(pages)}")
    print(f"search (Django)  {said(dynamic)}")
    print(
        f"{len(workers)} kills of one worker of two under load: {failed} of {asked} requests cut off; longest wait {said(workers)}"
    )
    if options.write:
        stamp = f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}"
        raw = {
            "at": stamp, "about": about, "kills": options.kills, "load": [min(loads), max(loads)],
            "page_seconds": pages, "django_seconds": dynamic,
            "one_worker": {"longest_wait_seconds": workers, "failed": failed, "asked": asked},
        }  # fmt: skip
        path = HERE / "raw" / f"first-answer-{stamp}.json"
        path.write_text(json.dumps(raw, indent=1) + "\n")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
