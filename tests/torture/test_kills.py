"""SIGKILL to the whole server while people save: what was acknowledged is there, and whole."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from procedures.document import Section
from procedures.document.units import section_unit, text_of, token

from ..conftest import size
from .conftest import SEED, Editor, Site
from .prepare import EDITORS, PLACES

pytestmark = pytest.mark.torture


@dataclass
class Writer:
    """Saves one section over and over; title, summary and every paragraph name the same save.

    The form is opened once after each start of the server. What later saves must carry to show that they know the stored
    text is worked out here: that the desk tells it too is tests/admin's to see.
    """

    editor: Editor
    path: str
    key: str
    acknowledged: list[str] = field(default_factory=list)
    sent: str = ""
    base: str = ""
    odd: list[str] = field(default_factory=list)

    def write(self, stop: threading.Event, enough: int) -> None:
        form: dict[str, Any] = {}
        for _ in range(enough):
            if stop.is_set():
                return
            try:
                form = form or self.editor.open(self.path, "section_form")
                self.sent = f"{self.key}-{len(self.acknowledged)}-{random.getrandbits(40):x}"
                body = f"## Now\n\n{'Now ' * 200}\n\n" + "\n\n".join([f"Save {self.sent}."] * 40) + "\n"
                answer = self.editor.post(self.path, {**form, "title": self.sent, "summary": self.sent, "body": body})
            except (requests.RequestException, AssertionError) as error:
                if not isinstance(error, requests.RequestException):
                    self.odd.append(str(error)[:300])
                return
            if answer.status_code == 302:
                self.acknowledged.append(self.sent)
                saved = Section(key=self.key, title=self.sent, summary=self.sent, body=body)
                form["token"] = f"{token(text_of(saved))} {section_unit('testing', self.key)}"
                self.sent = ""
            else:
                self.odd.append(f"{answer.status_code}: {answer.text[:300]}")
                return


def saves_in(body: str) -> set[str]:
    return set(re.findall(r"Save (\S+)\.", body))


def test_a_killed_server_has_lost_and_torn_no_acknowledged_save(site: Site, tell: Callable[[str], None]) -> None:
    kills, saves = size(2, 500), size(24, 50_000)
    chance = random.Random(SEED)
    pks = dict(site.rows("select key, id from procedures_section"))
    writers = [
        Writer(Editor(site, name), f"/admin/procedures/section/{pks[key]}/change/", key, base=f"Section {key}")
        for name, key in zip(EDITORS, PLACES, strict=False)
    ]
    done, seen, lost, torn, starts, interrupted = 0, 0, [], [], [], 0
    checked: set[str] = set()
    while done < kills or len(checked) < saves:
        assert done < kills * 4, "too few saves between the kills"
        stop, per = threading.Event(), -(-(saves - len(checked)) // max(1, kills - done)) + 8
        threads = [threading.Thread(target=writer.write, args=(stop, per)) for writer in writers]
        before = sum(len(writer.acknowledged) for writer in writers)
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60
        while time.monotonic() < end and sum(len(w.acknowledged) for w in writers) < before + per - 8:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.2))
        site.kill()
        done += 1
        stop.set()
        for thread in threads:
            thread.join()
        edits = site.rows(f"select id, text from procedures_edit where id > {seen} and unit like 'testing/%'")
        seen = max([seen, *(number for number, _text in edits)])
        stored = {json.loads(text)["title"] for _number, text in edits if text}
        rows = {key: rest for key, *rest in site.rows("select key, title, summary, body from procedures_section")}
        for writer in writers:
            new = [mark for mark in writer.acknowledged if mark not in checked]
            lost += [mark for mark in new if mark not in stored]
            checked.update(new)
            title, summary, body = rows[writer.key]
            acknowledged = new[-1] if new else writer.base
            if writer.base and title not in (acknowledged, writer.sent):
                lost.append(f"{writer.key} shows {title}, acknowledged was {acknowledged}")
            if title in ({*stored} - {writer.base}) and not summary == title == "".join(saves_in(body)):
                torn.append(f"{writer.key}: {title}, {summary}")
            interrupted += bool(writer.sent)
            writer.sent, writer.base = "", title
        assert [writer.odd for writer in writers if writer.odd] == []
        database = sqlite3.connect(site.folder / "db.sqlite3")
        torn += [found for (found,) in database.execute("pragma quick_check") if found != "ok"]
        database.close()
        if done < kills or len(checked) < saves:
            starts.append(site.start())
    tell(
        f"{done} kills of the whole server, {len(checked)} acknowledged saves, {interrupted} saves cut off: "
        f"{len(lost)} lost, {len(torn)} torn; first answer after a start {max(starts):.1f} s at most; seed {SEED}"
    )
    assert done >= kills
    assert len(checked) >= saves
    assert interrupted > 0
    assert (lost, torn) == ([], [])
