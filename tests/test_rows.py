"""Values put aside in a temporary database: what comes back, how much memory it takes, and a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from procedures.rows import Rows

ROOT = Path(__file__).resolve().parents[1]
MANY = """
import errno, resource, signal, sys
from procedures.rows import NoRoom, Rows

def now():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

rows, before = Rows(cache=int(sys.argv[2])), now()
if sys.argv[1] == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    for number in range(20_000):
        rows.put("words", f"word-{number}", {"term": f"{number} " + 800 * "x"}, sort=f"{number * 7919 % 20_000:05}")
except NoRoom as error:
    assert error.errno == errno.ENOSPC  # an outage (models.outage): readers are told to come back, not that the site is broken
    print(error)
else:
    print(rows.count("words"), sum(1 for _value in rows.values("words")), now() - before)
"""


def _many(how: str, folder: Path, *, cache: int = 1024) -> str:
    done = subprocess.run(
        [sys.executable, "-c", MANY, how, str(cache)], cwd=ROOT, env={**os.environ, "SQLITE_TMPDIR": str(folder)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def rows() -> Rows:
    found = Rows()
    for key, sort, part in [("b", "2", "x"), ("c", "1", "x"), ("a", "1", "y")]:
        found.put("words", key, {"key": key}, sort=sort, part=part)
    found.put("sources", "b", ["ä", 1, None, True])
    return found


def test_values_come_back_in_order_by_list_and_by_part(rows: Rows) -> None:
    assert [value["key"] for value in rows.values("words")] == ["a", "c", "b"]
    assert [value["key"] for value in rows.values("words", part="x")] == ["c", "b"]
    assert list(rows.keys("words")) == ["a", "c", "b"]
    assert rows.parts("words") == {"x": 2, "y": 1}
    assert rows.get("sources", "b") == ["ä", 1, None, True]
    assert rows.get("sources", "a") is None
    assert (rows.has("words", "a"), rows.has("sources", "a")) == (True, False)


def test_the_later_value_of_a_key_takes_the_place_of_the_earlier(rows: Rows) -> None:
    rows.put("words", "a", {"key": "later"}, sort="3", part="x")
    rows.replace("words", "c", {"key": "changed"})
    rows.replace("words", "nothing", {"key": "nothing"})
    assert [value["key"] for value in rows.values("words")] == ["changed", "b", "later"]
    assert (rows.count("words"), rows.parts("words")) == (3, {"x": 3})
    rows.clear("words")
    assert (rows.count("words"), rows.count("sources")) == (0, 1)


def test_a_name_that_is_no_text_comes_back_as_it_was(rows: Rows) -> None:
    rows.put("words", "\udcff", ["\udcff"], part="\udcfe")
    assert rows.get("words", "\udcff") == ["\udcff"]
    assert (list(rows.keys("words"))[0], list(rows.parts("words"))[-1]) == ("\udcff", "\udcfe")


def test_twenty_thousand_values_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    count, read, kilobytes = map(int, _many("free", tmp_path).split())
    assert count == read == 20_000
    assert kilobytes < 8_000  # their text alone is 16 MB


def test_the_memory_of_values_is_what_is_allowed(tmp_path: Path) -> None:
    few, many = (int(_many("free", tmp_path, cache=cache).split()[2]) for cache in (256, 4096))
    assert many - few > 2_000


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    assert "make room there, or name another folder in the variable TMPDIR" in _many("full", tmp_path)
