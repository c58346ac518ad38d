"""A fault at every step of the four flows and of an upload: always the old state or the new one, and a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import size
from .conftest import SEED, Site

pytestmark = pytest.mark.torture
ALL = 4_000
"""More cases than any flow has: two for each step."""


@pytest.mark.parametrize(("flow", "sample"), [("save", 8), ("publish", 2), ("takedown", 2), ("upload", 6), ("load", 4)])
def test_a_fault_at_any_step_leaves_the_old_state_or_the_new_one(
    flow: str, sample: int, fresh: Path, tell: Callable[[str], None]
) -> None:
    done = Site(fresh, 8000).run("-m", "tests.torture.faults", flow, str(size(sample, ALL)), str(SEED), hours=6)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    tell(
        f"{flow}: {found['faults']} faults at {found['steps']} steps (SQL, commits, writes, fsync, renames; once, from "
        f"then on, on the disk alone): "
        f"{found['old']} old, {found['new']} new, {len(found['wrong'])} wrong; answers {found['said']}; seed {SEED}"
    )
    assert found["faults"] > 0
    assert found["wrong"] == []
    assert found["old"] + found["new"] >= found["faults"]
    if size(0, ALL) == ALL:
        assert found["faults"] >= found["steps"]
        assert found["old"] > 0
        assert found["new"] > 0
