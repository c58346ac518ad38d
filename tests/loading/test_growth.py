"""What a load and a release do for one guide does not grow with what all guides share, nor the memory with the guides."""

from __future__ import annotations

import cProfile
import dataclasses
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procedures import loading, publishing
from procedures.document import Document, Emergency, Section, Source
from procedures.loading import applying, spooling
from procedures.loading.writing import files, shared_file
from procedures.models import Edit, Guide, row_values
from procedures.models import Source as Row

from ..conftest import make_document, write_rows
from ..growing import documents
from .conftest import write_folder

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def calls(do: Callable[[], Any]) -> int:
    """How many functions were called while `do` ran."""
    profile = cProfile.Profile()
    profile.runcall(do)
    return sum(entry.callcount for entry in profile.getstats())


def more(sources: tuple[Source, ...], count: int) -> tuple[Source, ...]:
    """`sources`, and so many others that no guide uses."""
    return (*sources, *(dataclasses.replace(sources[0], key=f"unused-{number}") for number in range(count)))


def folder_of(folder: Path, *, guides: int, unused: int) -> Path:
    made = list(documents(guides))
    shared = {
        name: tuple(item for guide in made for item in guide.items(name)) for name in ("sources", "terms", "images")
    }
    shared["sources"] = more(shared["sources"], unused)
    for path, text in {**files(made, {}), **files([], shared)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf8")
    return folder


def test_reading_a_guide_costs_the_same_beside_few_and_many_sources(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    cost = {}
    for unused in (0, 0, 150):  # the first time also pays for what is worked out once in a process
        one, four = (folder_of(tmp_path / f"{unused}-{count}", guides=count, unused=unused) for count in (1, 4))
        assert loading.read(four).problems == ()
        cost[unused] = (calls(lambda four=four: _planned(four)) - calls(lambda one=one: _planned(one))) / 3
    tell(f"calls for one more guide, by unused sources: { ({unused: round(found) for unused, found in cost.items()}) }")
    assert cost[0] > 50_000
    assert cost[150] < cost[0] * 1.05


def _planned(folder: Path) -> None:
    loading.plan(loading.read(folder))


def test_releasing_a_guide_costs_the_same_beside_few_and_many_sources(tell: Callable[[str], None]) -> None:
    cost = {}
    for number, unused in enumerate((0, 0, 1500)):
        guide = write_rows(make_document(folder=f"guide-{number}", slug=f"guide-{number}"))
        source = make_document().sources[0]
        Row.objects.bulk_create(Row(**row_values(item)) for item in more((source,), unused)[1:])
        cost[unused] = calls(lambda guide=guide: release(guide))
    tell(f"calls for a release, by unused sources: {cost}")
    assert cost[0] > 50_000
    assert cost[1500] < cost[0] * 1.05


def release(guide: Guide) -> None:
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)


CALL = Emergency(call="911", place="US")
TEXT = "It is one of many words. " * 400
"""10,000 characters, the same in every guide, so that what is remembered of a text is the same too."""


def test_the_memory_of_a_load_does_not_grow_with_the_guides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    monkeypatch.setattr(spooling, "IN_MEMORY", 1)  # as with many guides, all goes to the disk
    monkeypatch.setattr(applying, "GATHERED", 20_000)
    most: dict[int, list[float]] = {}
    for count in (1, 4, 24):  # the first one also pays for what is worked out once in a process
        folder = tmp_path / str(count)
        name = f"guide-{count}"
        text = Section(key="overview", title="Overview", body=TEXT)
        for number in range(count):
            at = f"{name}-{number}"
            guide = Document(
                folder=at, kind="procedure", slug=at, language="en", title=at, sections=(text,), emergency=CALL
            )
            for path, words in files([guide], {}).items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(words, encoding="utf8")
        tracemalloc.start()
        reading = loading.read(folder)
        most[count] = [tracemalloc.get_traced_memory()[1] / 1024]
        tracemalloc.reset_peak()
        done = loading.apply(loading.plan(reading))
        most[count].append(tracemalloc.get_traced_memory()[1] / 1024)
        tracemalloc.stop()
        assert done.count[loading.Result.CREATED] >= 2 * count
        assert Edit.objects.filter(unit__startswith=name, text__contains=TEXT[:40]).count() == count
    more = [round((many - few) / 20, 1) for few, many in zip(most[4], most[24], strict=True)]
    # of 24 guides, what Python and Django remember of statements (up to a limit) is some 80 KB more than of four
    tell(f"KB for one more guide of 10 KB, where a load takes most: reading {more[0]}, planning and writing {more[1]}")
    assert max(more) < 6, "a guide of 10 KB is held while others are read, planned or written"


READ = """
import gc, sys
from pathlib import Path
import django
django.setup()
from procedures import loading

def most():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

for folder in sys.argv[1:]:
    reading = None
    gc.collect()
    before = most()
    reading = loading.read(Path(folder))
    assert not reading.problems, reading.problems
    print(reading.rows.count("sources"), most() - before, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory a process had is read from /proc")
def test_the_memory_of_a_load_does_not_grow_with_what_all_guides_share(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    words = "x" * 490  # one long word is read faster than many
    source = dataclasses.replace(
        make_document().sources[0], title=words, publisher=words[:290], people=words, note=words + words
    )
    folders = []
    for count in (400, 1100):  # the first also pays for what is worked out once in a process
        folders.append(tmp_path / str(count))
        write_folder(folders[-1], [make_document()])
        extra = shared_file(dataclasses.replace(source, key=f"unused-{number}") for number in range(count))
        with (folders[-1] / "sources.yaml").open("a") as file:
            file.write(extra)
    size = (folders[1] / "sources.yaml").stat().st_size - (folders[0] / "sources.yaml").stat().st_size
    assert size > 1_500_000
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, folders)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (few, _first), (many, more) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert many == few + 700
    tell(f"{more} KB more for 700 more sources, which are {size // 1024} KB in the file")
    assert more < size / 1024 / 2, "the sources, or the text of their file, are held while they are read"


def test_without_room_for_temporary_files_the_load_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]
) -> None:
    folder = folder_of(tmp_path / "content", guides=1, unused=0)
    monkeypatch.setattr(spooling, "IN_MEMORY", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    ran = run("load_content", folder)
    assert ran.code == 1
    assert "the folder for temporary files cannot be written to: No such file or directory" in ran.err
    assert "TMPDIR" in ran.err
    assert not Guide.objects.exists()


FULL = """
import os, resource, signal, sys
from pathlib import Path
import django
django.setup()
from procedures import loading
from procedures.loading import spooling
from procedures.loading.problems import ContentError

def fill(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

def tell(number, do):
    try:
        do()
    except ContentError as error:
        print(number, error)

def folder_of(rows):  # where SQLite has put the database
    there = Path("/proc/self/fd")
    links = [os.readlink(file) for file in there.iterdir() if file.is_symlink()] if there.is_dir() else []
    return next((os.path.dirname(link) for link in links if "etilqs" in link), "")

spooling.IN_MEMORY = 1024  # so that a few rows go to the disk as many would
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for most in map(int, sys.argv[2:]):
    fill(most)
    print(most, *loading.read(Path(sys.argv[1])).problems, sep="\\t")
print("asked")
for number in range(5):
    fill(-1)
    rows, packed = spooling.Kept(), spooling.Spool()
    for key in range(3000):
        rows.put("words", f"{key}" + 100 * "x", 100 * "y")
    if not number:
        print("folder", folder_of(rows))
    for length in (3000, 1000):
        packed.put_bytes(length * b"z")
    fill(10)
    asked = (
        lambda: rows.clear("words"), lambda: list(rows.keys("words")), lambda: rows.replace("words", "x", "y"),
        lambda: packed.get_bytes(0), lambda: spooling.put_aside(["z" * 3000]),
    )
    tell(number, asked[number])
"""


def test_a_disk_that_is_full_is_one_sentence(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "content", guides=1, unused=300)
    text = (folder / "sources.yaml").stat().st_size
    assert text < 1 << 17
    outside = {name: value for name, value in os.environ.items() if "TMPDIR" not in name}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), str(text - 1), str(text // 2), str(1 << 17)],
        cwd=ROOT, env=outside, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    *read, rows = [line.split("\t")[1:] for line in done.stdout.partition("asked\n")[0].splitlines()]
    for (line,) in read:  # the text of the file did not fit
        assert "the folder for temporary files cannot be written to: File too large (give it about 35 KB" in line
    folder_line, *asked = done.stdout.partition("asked\n")[2].splitlines()
    assert ["the folder for temporary files takes no more" in line for line in rows] == [True]
    assert rows[0].startswith(folder_line.partition(" ")[2])
    assert [line.partition(" ")[0] for line in asked] == ["0", "1", "2", "3", "4"]
    assert all("TMPDIR" in line for line in [*read[0], *read[1], *rows, *asked])
