"""Readers by the thousand while texts are released and taken down: each body whole and of one release, none too late."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter

import brotli
import pytest

from ..conftest import size
from .conftest import ROOT
from .driver import releases_in

STEPS = size(2, 200)
"""Releases and take-downs together; every second step takes down."""
ANSWERS = size(500, 1_000_000)
CLIENTS = size(1, 3)
PATHS = ("/testing/", "/testing/risks/", "/testing/all/", "/")
LATE = 1.0
"""Seconds after a take-down from which on nobody may be sent the old page."""
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}


@pytest.mark.torture
def test_each_of_many_answers_is_one_release_in_full_and_none_is_of_a_text_that_was_taken_down(site, tell):
    stop, began = site.folder / "stop", time.monotonic()
    stop.unlink(missing_ok=True)
    site.get("/testing/")
    outs = [site.folder / f"hammer-{number}.json" for number in range(CLIENTS)]
    command = [sys.executable, "-m", "tests.prerender.hammer", str(site.port), str(stop)]
    clients = [subprocess.Popen([*command, str(out), *PATHS], cwd=ROOT, env=site.environment) for out in outs]
    down: dict[int, float] = {}
    try:
        for step in range(STEPS):
            number = 5000 + step
            if step % 2:
                said = site.drive("withdraw")
                down[number - 1] = json.loads(said.splitlines()[0])["before"]
                time.sleep(LATE + 0.3)
            else:
                site.drive("publish", str(number))
        while time.monotonic() - began < ANSWERS / 5_000:
            time.sleep(0.5)
    finally:
        stop.touch()
        codes = [client.wait(timeout=60) for client in clients]
    assert codes == [0] * CLIENTS
    found = [json.loads(out.read_text()) for out in outs]
    answers = sum(part["count"] for part in found)
    wrong = [sentence for part in found for sentence in part["wrong"]]
    seen: Counter[int] = Counter()
    late = 0.0
    for path, status, count, last, encoding, packed in (body for part in found for body in part["bodies"]):
        text = UNPACK[encoding](b64decode(packed)).decode()
        releases = releases_in(text)
        if status == 200 and len(releases) == 1 and text.rstrip().endswith("</html>"):
            seen[releases[0]] += count
            if releases[0] in down:
                late = max(late, last - down[releases[0]])
                if last > down[releases[0]] + LATE:
                    wrong.append(
                        f"{path}: release {releases[0]} was sent {last - down[releases[0]]:.2f} s after its end"
                    )
        elif not (status == 410 or (path == "/" and status == 200 and not releases)):
            wrong.append(f"{path}: {status} with releases {releases}")
    tell(
        f"{answers:,} answers of {len(seen)} releases during {STEPS} releases and take-downs; {len(wrong)} wrong; "
        f"last old answer {late:.2f} s after a take-down"
    )
    assert wrong == []
    assert down
    assert len(seen) >= len(down)
    assert answers >= ANSWERS
