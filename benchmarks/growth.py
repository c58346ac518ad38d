"""Load, release and prerender of many guides: time and the most memory, and the slope between the counts.

    python benchmarks/growth.py [100 1000 10000] [--write] [--load | --pages] [--sample]

Writes guides of test text (tests/growing.py) as content files into a temporary folder, then runs in processes of their
own, as an operator would: `load_content --publish` with the pages made afterwards by `prerender`. Raw samples go to
benchmarks/raw/growth-<time>.json. 10,000 guides take hours; without arguments it runs 100 and 1,000. `--load` leaves the pages out;
`--pages` leaves the load out and makes the pages of guides that tests/growing.py writes live straight to the tables, so that
both halves can be measured side by side. `--sample` makes the pages of every hundredth guide only and gives the others copies of
what was noted of those, with their own addresses: minutes instead of hours, for what all guides together cost. All else is
done as ever. Then a worker reads the release and is asked for a page of each guide.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from published_page import HERE, ROOT, machine

MANAGE = """
import os, resource, sys, time
sys.path.insert(0, os.getcwd())
import django
django.setup()
from django.core.management import call_command
began, used = time.perf_counter(), time.process_time()
if os.environ.get("SAMPLE"):
    from procedures.prerender import refreshing
    refreshing._make = __import__("growth").stand_in(refreshing._make)
call_command(*sys.argv[1:])
print("\\nMEASURED", time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_utime
      + resource.getrusage(resource.RUSAGE_SELF).ru_stime, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

WORKER = """
import os, sys, time
sys.path.insert(0, os.getcwd())
import django
django.setup()
from procedures.prerender.refreshing import folder
from procedures.prerender.serving import Pages

def held(name):
    return int(next(line for line in open("/proc/self/status") if line.startswith(name)).split()[1]) / 1024

pages = Pages(None, folder(), repair=lambda: None)
before, began = held("VmRSS"), time.perf_counter()
table = pages.current()
ready = time.perf_counter() - began
roots = sorted({made.roots[0] for name, made in table.release.parts.items() if name.startswith("guide-")})
read = held("VmRSS") - before
assert all(table.find(f"/{root}/") for root in roots)
print("MEASURED", ready, read, held("VmHWM") - before)
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
        "PYTHONPATH": f"{folder}:{HERE}",
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


def stand_in(make: Callable[..., Any], *, every: int = 100) -> Callable[..., Any]:
    """`refreshing._make`, which makes only every so many guides; the others have copies of the last one's manifest."""
    last: list[Any] = []

    def made(store: Any, name: str, state: Any, level: int) -> Any:
        kind, _dash, number = name.partition("-")
        if kind != "guide" or state.row(name).kind == "site" or not last or int(number) % every == 0:
            part = make(store, name, state, level)
            last[:] = [part] if kind == "guide" and state.row(name).kind != "site" else last
            return part
        (model,) = last
        (root,) = model.roots
        text = (store.root / "parts" / model.id / "manifest.json").read_text()
        own = state.row(name).folder
        text = text.replace(f'"/{root}', f'"/{own}')
        mark = hashlib.sha256(text.encode()).hexdigest()
        (store.root / "parts" / mark).mkdir(exist_ok=True)
        (store.root / "parts" / mark / "manifest.json").write_text(text)
        return replace(model, id=mark, key=state.key(name), live=state.live(name), roots=(own,))

    return made


def worker(folder: Path) -> dict[str, float]:
    """Seconds until a worker of this site has read the release, the MB that took, and the most while it was asked for
    a page of each guide, without the pages themselves."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=surroundings(folder), capture_output=True, text=True, check=True
    )
    seconds, read, most = map(float, done.stdout.rpartition("MEASURED")[2].split())
    return {"seconds": seconds, "processor": 0, "read": read, "mb": most}


def prepare(folder: Path) -> None:
    (folder / "benchmarks_settings.py").write_text(
        "from mesoinfo.settings.production import *\nAFTER_RELEASE = ''  # the pages are a step of their own here\n"
    )
    run(folder, "migrate", "--verbosity", "0")
    run(folder, "collectstatic", "--noinput", "--verbosity", "0")


def grow(folder: Path, count: int) -> None:
    grown = [sys.executable, "-c", GROW, str(count)]
    subprocess.run(grown, cwd=ROOT, env=surroundings(folder), check=True)


def measure(count: int, *, load: bool, pages: bool, sample: bool) -> dict[str, dict[str, float]]:
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
            steps |= {"prerender": ("prerender",)}
            steps |= {} if sample else {"prerender again": ("prerender",)}
        found = {}
        for name, command in steps.items():
            found[name] = run(folder, *command)
            print(count, name, found[name], flush=True)
        if sample:
            found["worker"] = worker(folder)
            print(count, "worker", found["worker"], flush=True)
        return found


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("counts", nargs="*", type=int, default=[100, 1000])
    reading.add_argument("--write", action="store_true")
    reading.add_argument("--load", action="store_true")
    reading.add_argument("--pages", action="store_true")
    reading.add_argument("--sample", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about, flush=True)
    if options.sample:
        os.environ["SAMPLE"] = "yes"
    found: dict[int, dict[str, dict[str, float]]] = {}
    for count in options.counts:
        began = time.monotonic()
        found[count] = measure(
            count, load=not (options.pages or options.sample), pages=not options.load, sample=options.sample
        )
        print(f"{count} guides measured in {time.monotonic() - began:.0f} s", flush=True)
    lines = [
        "| guides | step | seconds | processor, s | ms of processor a guide | most memory, MB | slope against linear |",
        "|---|---|---|---|---|---|---|",
    ]
    former: dict[str, tuple[int, float]] = {}
    for count, steps in found.items():
        for step, got in steps.items():
            slope = ""
            if step in former and former[step][1]:
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
