"""Kills whoever changes what is live at a random moment, and compares every address with the states before and after.

Runs in the driver's process; each step, look and start is a child of its own. An answer is told by its status, its headers
of place and kind, and the hash of its body, so "old" and "new" mean: that very page in full.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .driver import publish, releases_in, withdraw, words

Looked = dict[str, Any]
EARLY = 2
"""How much the moments of the kills are drawn to the beginning, where a step writes into the database; 1: not at all."""


class Publish:
    """Releases another text."""

    def ready(self, number: int) -> None:
        """Brings about the state before the step; nobody kills this."""

    def act(self, number: int) -> None:
        publish(str(number))

    def state(self, number: int) -> str:
        """What the database says: "old", "new", or what is between them."""
        from procedures.models import Guide, PublicationEvent, Revision

        guide = Guide.objects.select_related("live").get()
        states = Counter(Revision.objects.values_list("state", flat=True))
        steps = PublicationEvent.objects.filter(step="publish_unreviewed").count()
        released = sum(states[name] for name in ("live", "superseded", "withdrawn"))
        if guide.live is None or guide.withdrawn_id or states["live"] != 1 or steps != released:
            return f"{dict(states)}, {steps} steps, live {guide.live}, withdrawn {guide.withdrawn_id}"
        return "new" if releases_in(guide.live.document) == [number] else "old"


class Withdraw(Publish):
    """Takes the guide down; it is released anew before the next time."""

    def ready(self, number: int) -> None:
        from procedures.models import Guide

        if not Guide.objects.filter(live__isnull=False).exists():
            publish(str(number))

    def act(self, number: int) -> None:
        withdraw()

    def state(self, number: int) -> str:
        from procedures.models import Guide, PublicationEvent, Revision

        guide = Guide.objects.get()
        gone = Revision.objects.filter(state="withdrawn").count()
        live = Revision.objects.filter(state="live").count()
        steps = PublicationEvent.objects.filter(step="withdraw").count()
        now = (guide.live_id is None, guide.withdrawn_id is not None, live, steps == gone)
        return {(True, True, 0, True): "new", (False, False, 1, True): "old"}.get(now, f"{now}")


class LoadContent(Publish):
    """Loads changed files and releases what they say. Between the two there is a third whole state: "loaded"."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.core.management import call_command

        from procedures.models import Guide

        self.content = Path(settings.DATA_DIR) / "content"
        call_command("export_content", self.content, verbosity=0, stdout=io.StringIO())
        self._load()
        (self.last,) = releases_in(Guide.objects.get().summary)
        self.ready(1)
        in_child(self._load)
        self.whole = self._marks(1)
        assert min(self.whole) > 3, self.whole

    def _load(self) -> None:
        from django.core.management import call_command

        call_command("load_content", self.content, "--publish", stdout=io.StringIO(), stderr=io.StringIO())

    def ready(self, number: int) -> None:
        for file in self.content.rglob("*"):
            if file.is_file():
                file.write_text(file.read_text().replace(words(self.last), words(number)))
        self.last = number

    def act(self, number: int) -> None:
        self._load()

    def _marks(self, number: int) -> tuple[int, ...]:
        """How many units, edits and notes of what was agreed hold the text of this number."""
        from procedures.document import units
        from procedures.models import Agreed, Edit, Guide, working_document

        texts = units(working_document(Guide.objects.get())).values()
        edits = Edit.objects.filter(origin="file", text__contains=words(number)).count()
        return (
            sum(words(number) in text for text in texts),
            edits,
            Agreed.objects.filter(text__contains=words(number)).count(),
        )

    def state(self, number: int) -> str:
        live, marks = super().state(number), self._marks(number)
        if marks == self.whole:
            return {"old": "loaded"}.get(live, live)
        return live if not any(marks) and live == "old" else f"{live}, but of {self.whole} there are {marks}"


STEPS = {"publish": Publish, "withdraw": Withdraw, "load_content": LoadContent}


def torture(times: str, seed: str, which: str = "publish") -> None:
    """Takes the step `which` `times` times, kills it each time at a random moment, and looks. Prints what was found as JSON.

    The moments are spread over the time the step takes. After the kill every address must be answered as before the step or
    as after the next start; what a worker serves once it has looked at the database must be what is there after it.
    """
    step, chance = STEPS[which](), random.Random(f"{which} {seed}")
    look(())  # what is compiled once is compiled now, not in every child
    step.ready(2)
    began = time.monotonic()
    in_child(lambda: step.act(2))
    usual = time.monotonic() - began
    found: dict[str, Any] = {
        "step": which, "seed": int(seed), "killed": 0, "finished": 0, "between": 0, "states": {}, "addresses": 0, "differ": 0,
        "wrong": [],
    }  # fmt: skip
    for number in range(3, int(times) + 3):
        in_child(lambda number=number: step.ready(number)) if which == "withdraw" else step.ready(number)
        before = in_child(lambda: look(()))
        child = fork(lambda number=number: quietly(lambda: step.act(number)))
        time.sleep(usual * ((number - 3 + chance.random()) / int(times)) ** EARLY)
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        found["killed" if os.WIFSIGNALED(status) else "finished"] += 1
        seen = in_child(lambda before=before: look(before["answers"]))
        state = in_child(lambda number=number: step.state(number))
        after = in_child(lambda before=before: {**repair(), **look(before["answers"])})
        found["between"] += not seen["clean"]
        found["states"][state] = found["states"].get(state, 0) + 1
        found["addresses"] = max(found["addresses"], len(seen["answers"]))
        found["differ"] = max(found["differ"], len(unlike(before["answers"], after["answers"])))
        wrong = [] if state in ("old", "loaded", "new") else [f"half done: {state}"]
        wrong += [
            f"{path} is neither old nor new"
            for path in torn_between(seen["answers"], before["answers"], after["answers"])
        ]
        wrong += [f"{path} after a look" for path in unlike(seen["watched"], after["answers"])]
        wrong += [f"encodings: {problem}" for problem in [*before["torn"], *seen["torn"], *after["torn"]]]
        wrong += [f"after the start: {drift}" for drift in after["drift"]]
        if state == "old" and unlike(before["answers"], after["answers"]):
            wrong.append("nothing was changed, and pages differ")
        if which == "load_content":
            in_child(lambda number=number: step.act(number))
            if (state := in_child(lambda number=number: step.state(number))) != "new":
                wrong.append(f"loaded once more it is {state}")
        found["wrong"] += [[number, problem] for problem in wrong]
    if which == "withdraw":
        in_child(lambda: step.ready(int(times) + 3))
    print(json.dumps(found))


def unlike(some: dict[str, str], others: dict[str, str]) -> list[str]:
    return [path for path in {**some, **others} if some.get(path) != others.get(path)]


def torn_between(seen: dict[str, str], before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The addresses that were answered neither as before nor as after."""
    return [path for path in seen if seen[path] not in (before.get(path), after.get(path))]


def addresses() -> list[str]:
    """Every address of every part, as the database is now: guides, home, glossary, sitemap, feed, twins, the unknown."""
    from procedures.prerender.addresses import read_state, wanted

    state = read_state()
    return [path for name in state.names for path in wanted(name, state).paths]


def look(more: Iterable[str]) -> Looked:
    """What a worker answers at this moment at every address and at `more`, before anybody repairs anything.

    `watched`: what it answers once it has compared its files with the database.
    """
    from procedures.prerender.refreshing import folder
    from procedures.prerender.serving import Pages
    from procedures.prerender.watching import Watch

    from .conftest import NotAsked, ask

    behind = NotAsked()
    pages = Pages(behind, folder(), repair=lambda: None)
    answers, torn = {}, []
    asked = sorted({*more, *addresses()})

    def told(path: str, encoding: str) -> str:
        got = ask(pages, path, HOST="127.0.0.1", ACCEPT_ENCODING=encoding)
        said = (got.status, got.header("Location"), got.header("Content-Type"), hashlib.sha256(got.text).hexdigest())
        return str(said)

    for path in asked:
        found = {told(path, "identity")}
        if path in pages.current().entries or path not in behind.paths:  # else Django answers, whatever the encoding
            found |= {told(path, encoding) for encoding in ("br", "gzip")}
        if len(found) != 1:
            torn.append([path, *sorted(found)])
        answers[path] = min(found)
    clean = pages.table.complete
    Watch(pages).look()
    of_django = set(behind.paths)  # they cannot change by a look
    watched = {path: answers[path] if path in of_django else told(path, "identity") for path in asked}
    return {"answers": answers, "watched": watched, "torn": torn, "clean": clean}


def repair() -> dict[str, Any]:
    """What a start does, and what `--check` says afterwards."""
    from procedures import prerender

    prerender.refresh()
    left = [str(path) for path in prerender.refreshing.folder().root.rglob(".*")]
    return {"drift": [str(drift) for drift in prerender.check()] + left}


def mend() -> None:
    print(json.dumps(repair()))


def check() -> None:
    """What `--check` says, with nothing made before."""
    from procedures import prerender

    print(json.dumps([str(drift) for drift in prerender.check()]))


def full(limit: str, number: str) -> None:
    """The disk is full (no file may grow beyond `limit` bytes) while pages are made. Prints the sentence and a look."""
    from django.conf import settings

    from procedures import prerender
    from procedures.models import Guide

    settings.AFTER_RELEASE = ""
    look(())
    before = in_child(lambda: {**repair(), **look(())})
    in_child(lambda: publish(number))

    def limited() -> dict[str, str]:
        Guide.objects.get()  # SQLite makes its shared memory now; only pages are to run out of space
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
        try:
            prerender.refresh()
        except prerender.Failed as error:
            return {"sentence": str(error)}
        return {"sentence": ""}

    said = in_child(limited)
    seen = in_child(lambda: look(before["answers"]))
    after = in_child(lambda: {**repair(), **look(before["answers"])})
    wrong = torn_between(seen["answers"], before["answers"], after["answers"])
    wrong += unlike(seen["watched"], after["answers"])
    differ = len(unlike(before["answers"], after["answers"]))
    print(json.dumps({**said, "wrong": wrong + seen["torn"] + after["drift"], "differ": differ}))


def quietly(work: Callable[[], Any]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    work()


def fork(work: Callable[[], Any]) -> int:
    from django.db import connections

    connections.close_all()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def in_child(work: Callable[[], Any]) -> Any:
    """The result of `work` in a process of its own, through JSON."""
    read, write = os.pipe()

    def told() -> None:
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        result = work()
        with os.fdopen(write, "w") as pipe:
            pipe.write(json.dumps(result))

    child = fork(told)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"a child ended with {status}")
    return json.loads(text)
