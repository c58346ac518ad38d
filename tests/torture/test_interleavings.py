"""Two to five people edit at once, over HTTP, in random order and truly at the same time: no text of anybody is lost."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..conftest import size
from .conftest import SEED, Editor, Site, form_of, read
from .prepare import EDITORS, PLACES

pytestmark = pytest.mark.torture
LONGEST = 8.0
"""Seconds a save may take on a busy machine. A writer who had to wait for another person would wait for minutes."""


STEP = re.compile(r"(r\d+[a-z]+x\dx\d) after (r\d+[a-z]+x\dx\d|nobody)\.")


@dataclass(frozen=True)
class Place:
    """One unit: where its form is, the field that is edited, the unit's name, and the SQL that gives its text."""

    path: str
    form: str
    field: str
    unit: str
    sql: str


@dataclass
class Found:
    opened: int = 0
    saves: int = 0
    conflicts: int = 0
    merged: int = 0
    sent: dict[str, Place] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    longest: float = 0.0


class Person:
    """Opens, writes and saves, one step at a time; after a conflict mostly puts both texts together, else gives up."""

    def __init__(self, editor: Editor, *, chance: random.Random, places: list[Place], name: str, found: Found) -> None:
        self.editor, self.chance, self.places, self.name, self.found = editor, chance, places, name, found
        self.steps = self._steps()

    def _steps(self) -> Iterator[None]:
        for number in range(self.chance.randint(2, 4)):
            place = self.chance.choice(self.places)
            form = self.editor.open(place.path, place.form)
            self.found.opened += 1
            yield
            for again in range(3):
                mark = f"{self.name}x{number}x{again}"
                seen = marks_of(form[place.field])[:1]
                text = f"{mark} after {seen[0] if seen else 'nobody'}."
                form = self._save(place, form, mark, text)
                yield
                if not form or self.chance.random() < 0.3:
                    break

    def _save(self, place: Place, form: dict[str, Any], mark: str, text: str) -> dict[str, Any]:
        """Saves; empty if it was taken, otherwise the form to go on with."""
        body = f"## Now\n\n{text}\n" if place.field == "body" else text
        began = time.monotonic()
        answer = self.editor.post(place.path, {**form, place.field: body})
        self.found.longest = max(self.found.longest, time.monotonic() - began)
        self.found.saves += 1
        self.found.sent[mark] = place
        if answer.status_code == 302:
            return {}
        if answer.status_code not in (200, 409):
            self.found.problems.append(f"{mark}: {answer.status_code} {answer.text[:200]}")
            return {}
        self.found.conflicts += 1
        if text in answer.text:
            self.found.shown.add(mark)
        again = form_of(answer, place.form) if place.form in read(answer).forms else {}
        if place.field not in again:
            again = self.editor.open(place.path, place.form)
        stored = next((row for (row,) in self.editor.site.rows(place.sql)), "")
        self.found.merged += 1
        return {**again, place.field: stored}  # whoever merges has read what is stored


def marks_of(text: str) -> list[str]:
    return [mark for mark, _seen in STEP.findall(text)]


def test_no_text_of_anybody_is_lost_in_any_order(site: Site, tell: Callable[[str], None]) -> None:
    runs = size(6, 200)
    pks = dict(site.rows("select key, id from procedures_section"))
    questions = [key for (key,) in site.rows("select key from procedures_question order by position, id")]
    (guide,) = site.rows("select id from procedures_guide")[0]
    editors = [Editor(site, name) for name in EDITORS]
    sections = [
        Place(
            f"/admin/procedures/section/{pks[key]}/change/", "section_form", "body", f"testing/{key}.md",
            f"select body from procedures_section where key = '{key}'",
        )
        for key in PLACES[:2]
    ]  # fmt: skip
    parts = [
        Place(
            f"/admin/procedures/guide/{guide}/list/questions/", "guide_form",
            f"questions-{questions.index(key)}-why", f"testing/guide.yaml#questions/{key}",
            f"select why from procedures_question where key = '{key}'",
        )
        for key in PLACES[:2]
    ]  # fmt: skip
    found, people = Found(), Counter[int]()
    for run in range(runs):
        chance = random.Random(f"{SEED} {run}")
        number = chance.randint(2, 5)
        people[number] += 1
        writers = [
            Person(
                editor, chance=random.Random(f"{SEED} {run} {editor.name}"), name=f"r{run}{editor.name}", found=found,
                places=chance.choice([sections, parts, [*sections, *parts], sections[:1], parts[:1]]),
            )
            for editor in editors[:number]
        ]  # fmt: skip
        while writers:
            at_once = chance.sample(writers, chance.randint(1, min(3, len(writers))))
            with ThreadPoolExecutor(len(at_once)) as pool:
                finished = list(pool.map(lambda person: next(person.steps, "ended"), at_once))
            writers = [
                person for person in writers
                if person not in at_once or finished[at_once.index(person)] != "ended"
            ]  # fmt: skip
    edits: dict[str, list[str]] = {}
    for unit, text in site.rows("select unit, text from procedures_edit where origin = 'admin' order by id"):
        edits.setdefault(unit, []).append(text)
    everywhere = "".join(text for texts in edits.values() for text in texts)
    lost = [
        mark for mark, place in found.sent.items()
        if mark not in found.shown
        and f"{mark} after" not in everywhere
        and f"{mark} after" not in "".join(row for (row,) in site.rows(place.sql))
    ]  # fmt: skip
    overwritten = []
    for place in (*sections, *parts):
        last = "nobody"
        for text in edits.get(place.unit, []):
            mark, seen = next(iter(STEP.findall(text)), ("an old text", ""))
            if seen != last:
                overwritten.append(f"{place.unit}: {mark} was written over {last}, having seen {seen or 'nothing'}")
            last = mark
    tell(
        f"{runs} interleavings of {min(people)} to {max(people)} editors: {found.opened} forms opened, {found.saves} saves, "
        f"{found.conflicts} of them met another's text, {len(lost)} lost, {len(overwritten)} written over unseen; "
        f"the longest save {found.longest:.1f} s; seed {SEED}"
    )
    assert found.problems == []
    assert found.saves >= runs * 4
    assert found.conflicts > 0
    assert lost == []
    assert overwritten == []
    assert found.longest < LONGEST
