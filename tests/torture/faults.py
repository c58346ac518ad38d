"""One flow of the site, again and again, failing at another step each time: `python -m tests.torture.faults FLOW …`.

Runs in a process of its own on the data folder named by DATA_DIR, and prints what it found as JSON.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import django

NEW = "Fresh words"
OLD = "Now."
INSIDE = ("Traceback", "OperationalError", "sqlite", "disk I/O", "database is locked", "No space left", "OSError")


def main(name: str, most: str, seed: str, part: str = "1/1") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")
    django.setup()
    import logging

    logging.disable(logging.CRITICAL)
    from .edge import Edge, of_the_database

    flow = {flow.__name__.lower(): flow for flow in (Save, Publish, TakeDown, Upload, Load)}[name]()
    flow.store()
    counting = Edge()
    with counting.armed():
        flow.act()
    total = len(counting.steps)
    found: dict[str, Any] = {"steps": total, "faults": 0, "unfired": 0, "old": 0, "new": 0, "said": {}, "wrong": []}
    assert flow.state() == "new", f"without a fault the flow {name} does not reach its end: {flow.told()}"
    cases = [(at, how) for at in range(1, total + 1) for how in ("once", "from then on")]
    cases += [(at, "disk") for at, step in enumerate(counting.steps, start=1) if not of_the_database(step)]
    first, _slash, slices = part.partition("/")
    cases = _sample(cases[int(first) - 1 :: int(slices)], counting.steps, int(most), random.Random(f"{seed} {name}"))
    for at, how in cases:
        flow.bring_back()
        edge = Edge(at=at, lasting=how != "once", disk_only=how == "disk")
        with edge.armed():
            flow.act()
            problems = flow.during()
            if how == "disk":  # it goes on, and the database answers: readers are to get what that says
                problems += flow.readers()
        found["faults"] += bool(edge.fired)
        found["unfired"] += not edge.fired  # an earlier run had more to do
        state = flow.state()
        if state in ("old", "new"):
            found[state] += 1
        else:
            problems.append(f"neither old nor new: {state}")
        problems += flow.wrong(state)
        outcome = flow.told().split(":")[0]
        found["said"][outcome] = found["said"].get(outcome, 0) + 1
        where = f"{how}, step {at} of {total} ({edge.steps[at - 1] if len(edge.steps) >= at else '-'})"
        found["wrong"] += [f"{where}: {problem}" for problem in problems]
    print(json.dumps(found))


def _sample(cases: list[tuple[int, str]], steps: list[str], most: int, chance: random.Random) -> list[tuple[int, str]]:
    """`most` of the cases, half of them at steps up to the first switch of the live pages: after it one file is written
    like the other, hundreds of times."""
    if len(cases) <= most:
        return cases
    switch = steps.index("replace") + 1 if "replace" in steps else len(steps)
    early = [case for case in cases if case[0] <= switch]
    late = [case for case in cases if case[0] > switch]
    chosen = chance.sample(early, min(len(early), max(most // 2, most - len(late))))
    return chosen + chance.sample(late, most - len(chosen))


class Flow:
    """What is done, and how to see afterwards whether it was. `answer` is what the person got."""

    answer: Any = None
    error: BaseException | None = None

    def __init__(self) -> None:
        from django.conf import settings
        from django.contrib.auth import get_user_model
        from django.test import Client

        from procedures.models import Guide

        self.data = Path(settings.DATA_DIR)
        self.kept = self.data.with_name(f"{self.data.name}-kept")
        self.client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
        self.person = get_user_model().objects.get(username="ana")
        self.client.force_login(self.person)
        self.guide = Guide.objects.get()
        self.section = self.guide.sections.get(key="one")
        self.desk = f"/admin/procedures/guide/{self.guide.pk}"
        self.form = f"/admin/procedures/section/{self.section.pk}/change/"
        self.prepare()

    def prepare(self) -> None: ...

    def act(self) -> None: ...

    def state(self) -> str:
        raise NotImplementedError

    def during(self) -> list[str]:
        """What readers get while the fault lasts: the old text or the new one, whole, or a 503 with a sentence."""
        return [
            f"{path} answers {answer.status} {answer.text[:80]!r}"
            for worker in (self.worker, self.new_worker())
            for path, answer in self.pages(worker).items()
            if answer.status not in (200, 410, 503) or not self._is_whole(answer)
        ]

    def wrong(self, state: str) -> list[str]:
        """What must be so after the fault, whatever came of it."""
        return [*self._answer(state), *self.readers()]

    def _answer(self, state: str) -> list[str]:
        if self.error is not None:
            return [f"the error came through: {self.error!r}"]
        text = self.answer.content.decode()
        problems = [f"the answer shows {inside!r}" for inside in INSIDE if inside in text]
        if self.answer.status_code >= 500 and self.answer.status_code != 503:
            problems.append(f"answered {self.answer.status_code}")
        return problems + self.promised(state)

    def promised(self, state: str) -> list[str]:
        """Whether what the person was told is so."""
        return [f"told {self.told()}, and it is {state}"] if self.answer.status_code < 300 and state != "new" else []

    def readers(self) -> list[str]:
        """When the database answers again every worker gives the live text at every address in every encoding, whatever the
        files say: one that ran before the fault and one that starts now, once each has looked at the database."""
        from procedures.models import Guide
        from procedures.prerender.watching import Watch

        live = Guide.objects.select_related("live").get().live
        want = 410 if live is None else 200
        words = NEW if live is not None and NEW in live.document else OLD
        problems = []
        for which, worker in (("running", self.worker), ("new", self.new_worker())):
            Watch(worker).look()
            problems += [
                f"afterwards {path} of a {which} worker answers {answer.status}, "
                f"{'other words' if answer.status == want else f'not {want}'}"
                for path, answer in self.pages(worker).items()
                if answer.status != want or (want == 200 and words.encode() not in answer.text)
            ]
        return problems

    def pages(self, worker: Any) -> dict[str, Any]:
        from tests.prerender.conftest import ask

        return {
            f"{path} {encoding}": ask(worker, path, HOST="127.0.0.1", ACCEPT_ENCODING=encoding)
            for path in ("/testing/one/", "/testing/all/")
            for encoding in ("identity", "br")
        }

    @staticmethod
    def new_worker() -> Any:
        from django.core.handlers.wsgi import WSGIHandler

        from procedures.prerender.refreshing import folder
        from procedures.prerender.serving import Pages

        return Pages(WSGIHandler(), folder(), repair=lambda: None)

    @staticmethod
    def _is_whole(answer: Any) -> bool:
        text = answer.text.decode()
        return text.rstrip().endswith("</html>") and not any(inside in text for inside in INSIDE)

    def told(self) -> str:
        if self.error is not None:
            return repr(self.error)
        return f"{self.answer.status_code}: {self.answer.headers.get('Location', '')}"

    def store(self) -> None:
        from django.db import connection

        connection.close()
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.data, self.kept, symlinks=True)

    def bring_back(self) -> None:
        from django.db import connection

        connection.close()
        for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"):
            (self.data / name).unlink(missing_ok=True)
            if (self.kept / name).exists():
                shutil.copy(self.kept / name, self.data / name)
        for name in ("pages", "media"):
            shutil.rmtree(self.data / name, ignore_errors=True)
            if (self.kept / name).exists():
                shutil.copytree(self.kept / name, self.data / name, symlinks=True)
        self.client.force_login(self.person)  # the kept login is as old as this run, and one rests after an hour
        connection.close()
        self.worker = self.new_worker()
        for path, answer in self.pages(self.worker).items():  # its memory holds the old text from now on
            assert answer.status == 200, f"{path} answers {answer.status} before the fault"

    def write_section(self) -> Any:
        from tests.admin.paper import fields

        return {
            **fields(self.client, self.form, "section_form"),
            "title": f"{NEW} now", "summary": NEW, "body": f"## Now\n\n{NEW} in {OLD}\n",
        }  # fmt: skip


class Save(Flow):
    """An author saves a section."""

    def prepare(self) -> None:
        self.sent = self.write_section()

    def act(self) -> None:
        self.answer = self.client.post(self.form, self.sent)

    def state(self) -> str:
        from procedures.models import Edit, Section

        row = Section.objects.get(pk=self.section.pk)
        edits = list(Edit.objects.filter(unit="testing/one.md", text__contains=NEW))
        new = [NEW in text for text in (row.title, row.summary, row.body)]
        if all(new) and len(edits) == 1:
            return "new"
        return "old" if not any(new) and not edits else f"row {new}, {len(edits)} edits"

    def promised(self, state: str) -> list[str]:
        if self.answer.status_code == 302:
            return [] if state == "new" else ["acknowledged and not saved"]
        shown = self.answer.content.decode()
        kept = NEW in shown and "## Now" in shown
        return [] if kept else [f"{self.answer.status_code} without the editor's text, which is {state}"]


class Publish(Flow):
    """A publisher releases the draft, unreviewed."""

    def prepare(self) -> None:
        answer = self.client.post(self.form, self.write_section())
        assert answer.status_code == 302, answer.content.decode()[:3000]

    def act(self) -> None:
        self.answer = self.client.post(f"{self.desk}/publish/", {"kind": "wording", "note": "A note"})

    def state(self) -> str:
        from procedures.models import Guide, PublicationEvent, Revision

        guide = Guide.objects.select_related("live").get()
        states = sorted(Revision.objects.values_list("number", "state"))
        steps = PublicationEvent.objects.filter(step="publish_unreviewed").count()
        if (states, steps) == ([(1, "superseded"), (2, "live")], 2) and guide.live.number == 2:
            return "new"
        old = states in ([(1, "live")], [(1, "live"), (2, "in-review")])
        return "old" if old and steps == 1 and guide.live.number == 1 else f"{states} {steps}"

    def promised(self, state: str) -> list[str]:
        from procedures.publishing import complaint

        complaint()
        if self.answer.status_code != 302:
            return []
        shown = self.client.get(f"{self.desk}/change/").content.decode()
        if "Published. Patients see this text now" in shown and state != "new":
            return ["told it is published, and it is not"]
        return []


class TakeDown(Flow):
    """A publisher takes the guide down."""

    def act(self) -> None:
        self.answer = self.client.post(f"{self.desk}/take-down/", {"why": "It is wrong."})

    def state(self) -> str:
        from procedures.models import Guide, PublicationEvent, Revision

        guide = Guide.objects.get()
        (state,) = Revision.objects.values_list("state", flat=True)
        gone = PublicationEvent.objects.filter(step="withdraw").count()
        now = (guide.live_id is None, guide.withdrawn_id is not None, state, gone)
        return {(True, True, "withdrawn", 1): "new", (False, False, "live", 0): "old"}.get(now, str(now))

    def promised(self, state: str) -> list[str]:
        return ["told it is down, and it is live"] if self.answer.status_code == 302 and state != "new" else []


class Upload(Flow):
    """An author sends a picture from the editor."""

    def prepare(self) -> None:
        from PIL import Image

        out = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(out, "PNG")
        self.picture = out.getvalue()

    def act(self) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("x.png", self.picture, "image/png")
        self.answer = self.client.post(
            "/admin/procedures/upload/", {"image": file, "words": "A thin needle", "credit": ""}
        )

    def state(self) -> str:
        import hashlib

        from procedures.models import Image, PictureFile

        files = [path for path in (self.data / "media").rglob("*") if path.is_file() and not path.name.startswith(".")]
        if any(path.stem != hashlib.sha256(path.read_bytes()).hexdigest() for path in files):
            return "a torn picture under its name"
        rows = [*Image.objects.values_list("file", flat=True)]
        if not rows:
            return "old"
        kept = [*PictureFile.objects.values_list("file", flat=True)]  # the picture and its smaller files
        whole = len(rows) == 1 and {*rows, *kept} <= {path.name for path in files}
        return "new" if whole else "a row without its picture"

    def promised(self, state: str) -> list[str]:
        if self.answer.status_code == 201:
            return [] if state == "new" else ["acknowledged and not kept"]
        said = self.answer.headers["Content-Type"]
        if self.answer.status_code == 503 and said.startswith("text/html"):
            return []  # the login could not be read or written: the same sentence, on a page
        return [] if self.answer.json()["error"].endswith(".") else ["no sentence"]


class Load(Flow):
    """Content files are loaded into the working text."""

    def prepare(self) -> None:
        from django.core.management import call_command

        self.content = self.data.with_name(f"{self.data.name}-content")
        call_command("export_content", self.content, verbosity=0, stdout=io.StringIO())
        call_command("load_content", self.content, stdout=io.StringIO(), stderr=io.StringIO())
        for file, old in (("one.md", OLD), ("guide.yaml", "Question one?"), ("two.md", OLD)):
            (path,) = self.content.rglob(f"testing/{file}")
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, f"{NEW}?" if "?" in old else f"{NEW}."))
        self.before = self.texts()

    def texts(self) -> dict[str, str]:
        from procedures.document import units
        from procedures.models import Guide, working_document

        return units(working_document(Guide.objects.get()))

    def act(self) -> None:
        from django.core.management import call_command
        from django.core.management.base import CommandError

        self.error, self.sentence, err = None, "", io.StringIO()
        try:
            call_command("load_content", self.content, stdout=io.StringIO(), stderr=err)
            self.outcome = "loaded"
        except (CommandError, SystemExit) as error:
            self.outcome = f"stopped with {type(error).__name__}"
            self.sentence = str(error) if isinstance(error, CommandError) else err.getvalue().strip()
        except Exception as error:
            self.outcome, self.error = f"stopped with {type(error).__name__}", error

    def state(self) -> str:
        from procedures.models import Agreed, Edit

        now = self.texts()
        changed = [unit for unit in now if now[unit] != self.before.get(unit)]
        edits = Edit.objects.filter(origin="file", text__contains=NEW).count()
        agreed = Agreed.objects.filter(text__contains=NEW).count()
        new = (len(changed), edits, agreed)
        return {(3, 3, 3): "new", (0, 0, 0): "old"}.get(new, f"{changed} {new}")

    def told(self) -> str:
        return self.outcome

    def _answer(self, state: str) -> list[str]:
        if self.error is not None:
            return [f"the error came through: {self.error!r}"]
        if self.outcome == "loaded":
            return [] if state == "new" else ["said loaded, and it is not"]
        problems = [
            f"the sentence shows {inside!r}: {self.sentence}" for inside in INSIDE[:2] if inside in self.sentence
        ]
        if not self.sentence.endswith(".") or not self.is_true(state):
            problems.append(f"it is {state}, and this was said: {self.sentence!r}")
        return problems

    def is_true(self, state: str) -> bool:
        """Whether the sentence says what happened: nothing, or that it is one or the other."""
        if "Nothing was changed" in self.sentence or "Nothing was loaded" in self.sentence:
            return state == "old"
        return "whole or not at all" in self.sentence and "run this command again" in self.sentence


if __name__ == "__main__":
    main(*sys.argv[1:])
