"""How long a search takes on the server, at 100, 1,000 and (when asked) 10,000 guides of 8 sections.

    .venv/bin/python benchmarks/search.py                                        SQLite, 100 and 1,000 guides
    sh tests/postgres.sh .venv/bin/python benchmarks/search.py                   PostgreSQL
    … benchmarks/search.py 100 1000 10000                                        with 10,000 as well
    … benchmarks/search.py 10000 --quiet                                         asks once the machine is idle: building takes
                                                                                 long, and other work may go on meanwhile

The texts are made by a chain of word pairs learnt from the shipped guide, so that words are as frequent as in real
guides; each guide has a name, drugs and words of its own. Each sample is one request through Django (views, templates,
database) and, of it, the search alone. Raw samples go to benchmarks/raw/search-<database>-<guides>.csv.
"""

from __future__ import annotations

import csv
import datetime
import fcntl
import logging
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "mesoinfo.settings.test"  # a folder of its own, and TEST_DATABASE_URL

import django  # noqa: E402

django.setup()

import yaml  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from procedures import search  # noqa: E402
from procedures.document import (  # noqa: E402
    SECTION_KEYS,
    Document,
    Emergency,
    Section,
    Source,
    Term,
    encode,
    fingerprint,
)
from procedures.models import Guide, Revision  # noqa: E402
from procedures.rendering import heading_id  # noqa: E402
from procedures.search import index  # noqa: E402
from procedures.search.passages import Passage, passages  # noqa: E402

SEED = 20261122
SAMPLES = 40
"""Per kind of query."""
TITLES = [
    "What it is", "What it can and cannot do", "Who should not have it", "What happens at each visit",
    "The days and weeks after", "What can go seriously wrong", "Common side effects", "What it costs",
]  # fmt: skip


class Writer:
    """Writes like the shipped guide: each word follows the two before it as it does there."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        text = " ".join(
            file.read_text(encoding="utf8").split("---")[-1] for file in sorted((ROOT / "content").glob("*/*.md"))
        )
        text = re.sub(r"\[\^[^\]]*\]|\]\([^)]*\)|[\[\]*#:]|^\s*[-\d.]+ ", "", text)
        self.words = text.split()
        self.next: dict[tuple[str, str], list[str]] = defaultdict(list)
        for first, second, third in zip(self.words, self.words[1:], self.words[2:], strict=False):
            self.next[first, second].append(third)
        self.starts = [pair for pair in self.next if pair[0][0].isupper()]

    def text(self, length: int, own: list[str]) -> str:
        pair = self.chance.choice(self.starts)
        words = list(pair)
        while len(words) < length:
            follow = self.next.get((words[-2], words[-1]))
            words += [self.chance.choice(follow)] if follow else self.chance.choice(self.starts)
            if self.chance.random() < 0.02:
                words.append(self.chance.choice(own))
        return " ".join(words)

    def name(self) -> str:
        """An invented name: three or four syllables."""
        syllables = [a + b for a in "bcdfghlmnprstvz" for b in ("a", "e", "i", "o", "u", "yl", "ar", "en", "ox")]
        return "".join(self.chance.choice(syllables) for _ in range(self.chance.choice((3, 4))))


def documents(count: int, chance: random.Random):
    writer = Writer(chance)
    terms = [
        Term(
            key=item["key"],
            term=item["term"],
            also=tuple(item.get("also", ())),
            definition=re.sub(r"\]\([^)]*\)|\[", "", item["definition"]),
        )
        for item in yaml.safe_load((ROOT / "content/glossary.yaml").read_text(encoding="utf8"))
    ]
    for number in range(count):
        own = [writer.name() for _ in range(8)]
        name = f"{own[0]} therapy"
        sections = tuple(
            Section(key=key, title=title, summary=writer.text(30, own),
                    body="\n\n".join(f"## {writer.text(6, own)}\n\n{writer.text(80, own)}" for _ in range(5)))
            for key, title in zip(SECTION_KEYS, TITLES, strict=True)
        )  # fmt: skip
        mine = Term(key=f"drug-{number}", term=own[1], also=(f"{own[2]} {own[3]}",), definition=writer.text(25, own))
        sources = tuple(
            Source(
                key=f"study-{number}-{place}",
                title=writer.text(10, own),
                publisher=f"Journal of {own[4]}",
                kind="trial",
                how="primary",
                supports=("EV-1",),
            )
            for place in range(8)
        )
        yield own, Document(
            folder=f"guide-{number}", kind="procedure", slug=f"guide-{number}", language="en", title=name.capitalize(),
            summary=writer.text(25, own), emergency=Emergency(call="911", place="US"), sections=sections,
            terms=(mine, *chance.sample(terms, 20)), sources=sources,
        )  # fmt: skip


def fill(count: int) -> list[list[str]]:
    """Makes the guides live (written straight to the tables: releasing is measured elsewhere) and builds the index."""
    names = []
    now = timezone.now()
    with transaction.atomic():
        for number, (own, document) in enumerate(documents(count, random.Random(SEED))):
            text = encode(document)
            guide = Guide.objects.create(folder=document.folder, slug=document.slug, title=document.title)
            at = now - datetime.timedelta(minutes=count - number)
            guide.live = Revision.objects.create(
                guide=guide, number=1, document=text, hash=fingerprint(text), slug=document.slug, state="live", at=at
            )
            guide.save(update_fields=["live"])
            names.append(own)
    start = time.perf_counter()
    if count > 200:
        index.passages = split
    total = search.rebuild()
    print(f"{count} guides: {total} passages indexed in {time.perf_counter() - start:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return names


def split(document: Document) -> tuple[Passage, ...]:
    """The passages of texts that hold no Markdown but headings, without the parser, which takes most of a rebuild."""
    found = list(passages(replace(document, sections=())))
    for section in document.sections:
        url, key = f"/{document.slug}/{section.key}/", f"{document.slug}/{section.key}"
        parts = [("", "", section.summary)]
        ids: dict[str, int] = {}
        for piece in section.body.split("## ")[1:]:
            heading, _blank, text = piece.strip().partition("\n\n")
            name = heading_id(heading)
            ids[name] = ids.get(name, 0) + 1
            parts.append((f"#{name}" if ids[name] == 1 else f"#{name}-{ids[name]}", heading, text))
        shared = {"kind": "section", "key": key, "guide_title": document.title, "title": section.title}
        found += [
            Passage(url=f"{url}{fragment}", heading=heading, text=text, **shared) for fragment, heading, text in parts
        ]
    return tuple(found)


def queries(names: list[list[str]], chance: random.Random):
    """(kind, words): what readers may type, SAMPLES of each kind."""

    def slip(word: str) -> str:
        place = chance.randrange(1, len(word) - 1)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    common = "swelling infection bruises pain needle skin doctor clinic fat shots scars numbing".split()
    kinds = {
        "name": lambda own: own[0],
        "name and topic": lambda own: f"{own[0]} side effects",
        "name, misspelled": lambda own: slip(own[0]),
        "other name of a drug": lambda own: f"{own[2]} {own[3]}",
        "one common word": lambda own: chance.choice(common),
        "two common words": lambda own: " ".join(chance.sample(common, 2)),
        "common, misspelled": lambda own: f"{slip(chance.choice(common))} {slip(chance.choice(common))}",
        "question": lambda own: f"how long does the {chance.choice(common)} last after {own[0]} and who do I call",
        "question, no name": lambda own: f"is it normal to have {' and '.join(chance.sample(common, 3))} for weeks",
        "phrase": lambda own: f'"{chance.choice(["blood thinners", "under the chin", "see a doctor", "at any time"])}"',
        "nothing there": lambda own: chance.choice(["qwertyuiop zxcvb", "football results", "xylophone", "weather"]),
    }
    asked = [(kind, make(chance.choice(names))) for kind, make in kinds.items() for _ in range(SAMPLES)]
    chance.shuffle(asked)
    return asked


def measure(count: int, quiet: bool) -> None:
    names = fill(count)
    if quiet:
        alone = (Path(tempfile.gettempdir()) / "search-benchmark").open("w")  # until this function ends
        fcntl.flock(alone, fcntl.LOCK_EX)
        while (share := busy_share()) > 0.05:
            time.sleep(1)
        print(f"asked while others used {share:.0%} of the processor", flush=True)
    client = Client()
    asked = queries(names, random.Random(SEED + count))
    for _kind, words in queries(names, random.Random(SEED - count)):  # a server that has run for a while
        client.get("/search/", {"q": words})
    samples = []
    for kind, words in asked:
        start, busy = time.perf_counter(), processor()
        search.search(words, language="en")
        between, busy = time.perf_counter(), processor() - busy
        answer = client.get("/search/", {"q": words})
        end = time.perf_counter()
        assert answer.status_code == 200
        samples.append((kind, words, (between - start) * 1000, (end - between) * 1000, busy * 1000))
    folder = ROOT / "benchmarks" / "raw"
    folder.mkdir(exist_ok=True)
    with (folder / f"search-{connection.vendor}-{count}.csv").open("w", newline="", encoding="utf8") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "words", "search_ms", "request_ms", "cpu_ms"])
        writer.writerows((kind, words, *(f"{value:.2f}" for value in values)) for kind, words, *values in samples)
    kinds = sorted({sample[0] for sample in samples})
    for label in ("all", *kinds):
        chosen = [values for kind, _words, *values in samples if label in ("all", kind)]
        line = [
            f"{name} p50 {part(values, 50):6.1f} p95 {part(values, 95):6.1f}"
            for name, values in zip(("search", "request", "processor"), zip(*chosen, strict=True), strict=True)
        ]
        print(f"  {label:22} {' · '.join(line)} (ms)", flush=True)


def busy_share() -> float:
    """Of the processor, over one second: how much was used (proc(5), the first line of /proc/stat)."""

    def read() -> tuple[int, int]:
        ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(ticks), ticks[3] + ticks[4]  # all, and idle or waiting for a disk

    before = read()
    time.sleep(1)
    after = read()
    return 1 - (after[1] - before[1]) / (after[0] - before[0])


def processor() -> float:
    """Seconds of processor time of this process and, on the same machine, of PostgreSQL's for this connection.

    Unlike the time on the clock it does not grow much when other programs want the processor too.
    """
    used = time.process_time()
    if connection.vendor == "postgresql":
        used += int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
    return used


def part(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def versions() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        server = cursor.fetchone()[0]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    load = os.getloadavg()[0]
    return (
        f"{timezone.now():%Y-%m-%d %H:%M} UTC, commit {commit}, {connection.vendor} {server}, Python {platform.python_version()}, "
        f"Django {django.__version__}, {os.cpu_count()} cores, load {load:.1f}"
    )


def main() -> None:
    print(versions(), flush=True)
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    quiet = "--quiet" in sys.argv
    for count in [int(word) for word in sys.argv[1:] if word != "--quiet"] or [100, 1000]:
        empty()
        measure(count, quiet)


def empty() -> None:
    """A database as after the first migration; records refuse deletion, so the tables are emptied by making them anew."""
    if Guide.objects.exists():
        call_command("migrate", "procedures", "zero", verbosity=0)
        call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
