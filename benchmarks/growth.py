"""Load, release and prerender of many guides: time and the most memory, and the slope between the counts.

    python benchmarks/growth.py [100 1000 10000] [--write] [--load | --pages] [--light]

Writes guides of test text (tests/growing.py) as content files into a temporary folder, then runs in processes of their
own, as an operator would: `load_content --publish` with the pages made afterwards by `prerender`. Raw samples go to
benchmarks/raw/growth-<time>.json. 10,000 guides take hours; without arguments it runs 100 and 1,000. `--load` leaves the pages out;
`--pages` leaves the load out and makes the pages of guides that tests/growing.py writes live straight to the tables, so that
both halves can be measured side by side. `--light` packs all pages at brotli's level 5: a whole run for its memory, in half of
the time, which is no measure of the time then.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from published_page import HERE, ROOT, machine

MANAGE = """
import os, resource, sys, time
sys.path.insert(0, os.getcwd())
import django
django.setup()
from django.core.management import call_command
began, used = time.perf_counter(), time.process_time()
if os.environ.get("PACKED_AT"):
    from procedures.prerender import refreshing
    refreshing.PAGES = refreshing.MANY_PAGES = int(os.environ["PACKED_AT"])
call_command(*sys.argv[1:])
print("\\nMEASURED", time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_utime
      + resource.getrusage(resource.RUSAGE_SELF).ru_stime, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

GROW = """
import os, sys
sys.path.insert(0, os.getcwd())
import django
django.setup()
from procedures import search
from tests.growing import grow
for first in range(0, int(sys.argv[1]), 250):
    grow(min(250, int(sys.argv[1]) - first), first=first)
search.rebuild()
"""


def surroundings(folder: Path) -> dict[str, str]:
    return {
        **os.environ, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "benchmarks_settings", "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(folder),
    }  # fmt: skip


def run(folder: Path, *command: str) -> dict[str, float]:
    """Seconds on the clock, seconds of processor, and the most memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MANAGE, *command],
        cwd=ROOT,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "MEASURED" not in done.stdout:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    seconds, processor, memory = map(float, done.stdout.rpartition("MEASURED")[2].split())
    return {"seconds": seconds, "processor": processor, "mb": memory}


def prepare(folder: Path) -> None:
    (folder / "benchmarks_settings.py").write_text(
        "from mesoinfo.settings.production import *\nAFTER_RELEASE = ''  # the pages are a step of their own here\n"
    )
    run(folder, "migrate", "--verbosity", "0")
    run(folder, "collectstatic", "--noinput", "--verbosity", "0")


def grow(folder: Path, count: int) -> None:
    grown = [sys.executable, "-c", GROW, str(count)]
    subprocess.run(grown, cwd=ROOT, env=surroundings(folder), check=True)


def measure(count: int, *, load: bool, pages: bool) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="growth-") as temporary:
        folder = Path(temporary)
        prepare(folder)
        steps: dict[str, tuple[str, ...]] = {}
        if load:
            written = [sys.executable, "-m", "tests.growing", str(folder / "content"), str(count)]
            subprocess.run(written, cwd=ROOT, check=True)
            steps |= {"load": ("load_content", str(folder / "content"), "--publish")}
        else:
            grow(folder, count)
        if pages:
            steps |= {"prerender": ("prerender",), "prerender again": ("prerender",)}
        found = {}
        for name, command in steps.items():
            found[name] = run(folder, *command)
            print(count, name, found[name], flush=True)
        return found


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("counts", nargs="*", type=int, default=[100, 1000])
    reading.add_argument("--write", action="store_true")
    reading.add_argument("--load", action="store_true")
    reading.add_argument("--pages", action="store_true")
    reading.add_argument("--light", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about, flush=True)
    if options.light:
        os.environ["PACKED_AT"] = "5"
    found: dict[int, dict[str, dict[str, float]]] = {}
    for count in options.counts:
        began = time.monotonic()
        found[count] = measure(count, load=not options.pages, pages=not options.load)
        print(f"{count} guides measured in {time.monotonic() - began:.0f} s", flush=True)
    lines = [
        "| guides | step | seconds | processor, s | ms of processor a guide | most memory, MB | slope against linear |",
        "|---|---|---|---|---|---|---|",
    ]
    former: dict[str, tuple[int, float]] = {}
    for count, steps in found.items():
        for step, got in steps.items():
            slope = ""
            if step in former:
                fewer, before = former[step]
                slope = f"{got['processor'] / before / (count / fewer):.2f}"
            former[step] = count, got["processor"]
            lines.append(
                f"| {count:,} | {step} | {got['seconds']:.1f} | {got['processor']:.1f} | "
                f"{got['processor'] / count * 1000:.0f} | {got['mb']:.0f} | {slope} |"
            )
    table = "\n".join(lines)
    print(table)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"growth-{stamp}.json"
    raw.write_text(json.dumps({"about": about, "samples": found}, indent=1) + "\n")
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(f"\n## Growth\n\n{about}. Raw: `benchmarks/raw/{raw.name}`.\n\n{table}\n")


if __name__ == "__main__":
    main()
