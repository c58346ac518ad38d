"""What a load and a release do for one guide does not grow with what all guides share. Counted in calls, not in seconds."""

from __future__ import annotations

import cProfile
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procedures import loading, publishing
from procedures.document import Source
from procedures.loading.writing import files
from procedures.models import Guide, row_values
from procedures.models import Source as Row

from ..conftest import make_document, write_rows
from ..growing import documents

pytestmark = pytest.mark.django_db


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
