"""From a backup of a large site and an empty folder to the first right page."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from ..conftest import size
from ..growing import MARK, names
from ..prerender.conftest import free_port
from .conftest import ROOT, Site

FULL = float(os.environ.get("TORTURE") or 0) >= 1
GUIDES = int(os.environ.get("RESTORE_GUIDES", "0")) or size(3, 1000)
MEGABYTES = int(os.environ.get("RESTORE_MEGABYTES", "0")) or size(4, 1024)
SECONDS = 60


@pytest.mark.torture
@pytest.mark.skipif(
    not (os.environ.get("TORTURE") or os.environ.get("RESTORE_GUIDES")),
    reason="a restore is timed with many guides: make torture (tests/upkeep/test_backups.py restores a small site)",
)
def test_from_nothing_to_the_first_right_page(tmp_path: Path, tell: Callable[[str], None]) -> None:
    lost, bare = tmp_path / "lost", tmp_path / "bare"
    lost.mkdir()
    bare.mkdir()
    source = Site(lost, free_port(), extra={"BACKUP_DIR": str(tmp_path / "backups")})
    source.run("-m", "tests.torture.large", str(GUIDES), str(MEGABYTES), hours=3)
    began = time.monotonic()
    said = source.run("manage.py", "backup", hours=2).stdout
    backing_up = time.monotonic() - began
    backup = Path(said.strip().splitlines()[-1].removeprefix("Backup made and proved: "))
    database = (backup / "database.sqlite3").stat().st_size

    site = Site(bare, free_port())
    began = time.monotonic()
    told = site.run("manage.py", "restore", str(backup), hours=2).stdout
    restored = time.monotonic() - began
    site.start()
    try:
        for number in (0, GUIDES - 1):
            got = requests.get(f"{site.url}/grown-{number}/", timeout=60)
            assert got.status_code == 200
            assert names(number)[0].capitalize() in got.text
            assert MARK in got.text
            if number == 0:
                answered = time.monotonic() - began
        assert requests.get(f"{site.url}/media/{next((bare / 'media').iterdir()).name}", timeout=60).status_code == 200
    finally:
        site.stop()
    steps = dict(re.findall(r"^(.+?)(?: \(\d+ files\))?: ([\d.]+) s$", told, re.MULTILINE))
    tell(
        f"{GUIDES} guides, {MEGABYTES} MB of pictures, a database of {database / 1e6:.0f} MB: backup made and proved in "
        f"{backing_up:.1f} s; restored in {restored:.1f} s {steps}; first right page after {answered:.1f} s"
    )
    if FULL:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        raw = {"guides": GUIDES, "megabytes": MEGABYTES, "database": database, "backup": backing_up, "restored": restored,
               "steps": steps, "first_page": answered, "load": os.getloadavg(), "said": told}  # fmt: skip
        (ROOT / "benchmarks" / "raw" / f"restore-{stamp}.json").write_text(json.dumps(raw, indent=1) + "\n")
    assert len(steps) >= 3
    assert len(list((bare / "media").iterdir())) == MEGABYTES * 2
    if FULL:
        assert answered <= SECONDS
