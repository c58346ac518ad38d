"""Publishes, kills and looks, in processes of its own: `python -m tests.prerender.driver prepare|publish|…`.

Each text is "Release <letters>"; most pages of the guide hold it, so a reader's bytes tell which release they are from.
Letters stand for digits, because a guide with a figure and no source cannot be released.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django


def main(command: str, *arguments: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")
    django.setup()
    for step in (prepare, publish, withdraw, torture, full, dead_disk, mend, paths, nginx, draft, busy):
        if step.__name__ == command:
            step(*arguments)


LETTERS = str.maketrans("0123456789", "abcdefghij")
DIGITS = str.maketrans("abcdefghij", "0123456789")


def words(number: int | str) -> str:
    return f"Release {str(number).translate(LETTERS)}."


def releases_in(text: str) -> list[int]:
    return sorted({int(found.translate(DIGITS)) for found in re.findall(r"Release ([a-j]+)\b", text)})


def prepare() -> None:
    from django.core.management import call_command

    from procedures import publishing
    from tests.conftest import make_document, write_rows

    call_command("migrate", verbosity=0)
    document = make_document()
    sections = tuple(replace(section, summary=words(0)) for section in document.sections)
    guide = write_rows(replace(document, sections=sections, summary=words(0), decision=words(0)))
    revision = publishing.submit(guide, by=None, kind="wording", note="")
    publishing.publish_unreviewed(revision, by=None)


def draft() -> None:
    """A second guide that nobody has released."""
    from tests.conftest import make_document, write_rows

    write_rows(make_document(folder="hidden", slug="hidden", title="Hidden"))


def busy(seconds: str) -> None:
    """Writes two rows in each transaction until the time is over; prints the number of each pair once it is committed."""
    from django.db import transaction
    from django.utils import timezone

    from procedures.models import Feedback

    end, number = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        number += 1
        with transaction.atomic():
            for _half in range(2):
                Feedback.objects.create(page=f"/{number}/", text="x" * 500, at=timezone.now())
        print(number, flush=True)
        time.sleep(0.01)  # leaves the processor to what is tried meanwhile


def publish(number: str) -> None:
    """Writes the words of `number` into the guide and releases it. Prints the time before and after."""
    from procedures import prerender, publishing  # a worker has imported both long before
    from procedures.models import Guide

    assert callable(prerender.refresh)
    guide = Guide.objects.get()
    text = words(number)
    Guide.objects.update(summary=text, decision=text)
    guide.sections.update(summary=text)
    revision = publishing.submit(Guide.objects.get(), by=None, kind="typo", note="")
    print(json.dumps({"before": time.time()}), flush=True)
    publishing.publish_unreviewed(revision, by=None)
    print(json.dumps({"after": time.time()}), flush=True)


def withdraw() -> None:
    from django.contrib.auth import get_user_model

    from procedures import prerender, publishing
    from procedures.models import Guide

    assert callable(prerender.refresh)
    person, _made = get_user_model().objects.get_or_create(username="pia", is_superuser=True, is_staff=True)
    print(json.dumps({"before": time.time()}), flush=True)
    publishing.withdraw(Guide.objects.get(), by=person, why="A test.")
    print(json.dumps({"after": time.time()}), flush=True)


def torture(times: str, seed: str) -> None:
    """Publishes `times` texts, kills each publisher at a random moment, and looks. Prints what was found as JSON."""
    chance = random.Random(int(seed))
    began = time.monotonic()
    _in_child(lambda: publish("1"))
    usual = time.monotonic() - began
    found: dict[str, Any] = {"seed": int(seed), "killed": 0, "finished": 0, "between": 0, "wrong": []}
    former = 1
    for number in range(2, int(times) + 2):
        child = _fork(lambda number=number: _quietly(lambda: publish(str(number))))
        time.sleep(chance.uniform(0, usual))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        found["killed" if os.WIFSIGNALED(status) else "finished"] += 1
        seen = _in_child(look)
        found["between"] += not seen["clean"]
        for path, texts in seen["texts"].items():
            if not set(texts) <= {former, number}:
                found["wrong"].append([number, path, texts])
        found["wrong"] += seen["torn"]
        after = _in_child(repair)
        found["wrong"] += [[number, "after the repair", drift] for drift in after["drift"]]
        former = after["text"]
    print(json.dumps(found))


def look() -> dict[str, Any]:
    """What a worker answers at this moment at every address, before anybody repairs anything."""
    from django.core.handlers.wsgi import WSGIHandler

    from procedures.pages.live import each
    from procedures.pages.machines import paths_of
    from procedures.prerender.refreshing import folder
    from procedures.prerender.serving import Pages

    from .conftest import ask

    django_app = WSGIHandler()
    pages = Pages(django_app, folder(), repair=lambda: None)
    texts: dict[str, list[int]] = {}
    torn = []
    (item,) = each()
    for path in paths_of(item):
        bodies = set()
        for encoding in ("identity", "br", "gzip"):
            got = ask(pages, path, HOST="127.0.0.1", ACCEPT_ENCODING=encoding)
            bodies.add((got.status, got.text))
        if len(bodies) != 1 or next(iter(bodies))[0] != 200:
            torn.append(["encodings differ", path, [status for status, _body in bodies]])
        texts[path] = releases_in(" ".join(body.decode() for _status, body in bodies))
    return {"texts": texts, "torn": torn, "clean": pages.table.complete}


def repair() -> dict[str, Any]:
    """What a start does, and what `--check` says afterwards."""
    from procedures import prerender
    from procedures.models import Guide

    prerender.refresh()
    live = Guide.objects.select_related("live").get().live
    (text,) = releases_in(live.document)
    left = [str(path) for path in prerender.refreshing.folder().root.rglob(".*")]
    return {"drift": [str(drift) for drift in prerender.check()] + left, "text": text}


def mend() -> None:
    print(json.dumps(repair()))


def paths() -> None:
    """Every stored address and its status."""
    from procedures.prerender.refreshing import folder

    store = folder()
    stored = [store.manifest(made.id)["addresses"] for made in store.release().parts.values()]
    print(json.dumps({path: entry["status"] for part in stored for path, entry in part.items()}))


def nginx() -> None:
    from procedures import prerender

    print(prerender.nginx_config())


def full(limit: str, what: str) -> None:
    """The disk is full (no file may grow beyond `limit` bytes) while pages are made. Prints the sentence and a look."""
    from django.conf import settings

    from procedures import prerender
    from procedures.models import Guide

    settings.AFTER_RELEASE = ""
    former = _in_child(repair)["text"]
    if what == "withdraw":
        _in_child(withdraw)
    else:
        _in_child(lambda: publish(what))

    def limited() -> dict[str, str]:
        Guide.objects.get()  # SQLite makes its shared memory now; only pages are to run out of space
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
        try:
            prerender.refresh()
        except prerender.Failed as error:
            return {"sentence": str(error)}
        return {"sentence": ""}

    found = {**_in_child(limited), "former": former}
    if what != "withdraw":
        found |= _in_child(look)
    print(json.dumps(found))


def dead_disk(step: str, number: str) -> None:
    """Publishes or takes down while no file can be written, renamed or removed; then prints how many calls failed."""
    from tests.torture.edge import Edge

    edge = Edge(at=1, lasting=True, disk_only=True)
    with edge.armed():
        if step == "withdraw":
            withdraw()
        else:
            publish(number)
    print(json.dumps({"faults": edge.fired}))


def _quietly(work: Callable[[], Any]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    work()


def _fork(work: Callable[[], Any]) -> int:
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


def _in_child(work: Callable[[], Any]) -> Any:
    """The result of `work` in a process of its own, through JSON."""
    read, write = os.pipe()

    def told() -> None:
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        result = work()
        with os.fdopen(write, "w") as pipe:
            pipe.write(json.dumps(result))

    child = _fork(told)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"a child ended with {status}")
    return json.loads(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
