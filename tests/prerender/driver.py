"""Publishes, kills and looks, in processes of its own: `python -m tests.prerender.driver prepare|publish|…`.

Each text is "Release <letters>"; most pages of the guide hold it, so a reader's bytes tell which release they are from.
Letters stand for digits, because a guide with a figure and no source cannot be released.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from dataclasses import replace

import django


def main(command: str, *arguments: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")
    django.setup()
    from .killing import check, full, mend, torture

    for step in (prepare, publish, withdraw, torture, full, dead_disk, mend, check, paths, nginx, draft, busy):
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
    terms = tuple(replace(term, definition=words(0)) for term in document.terms)
    guide = write_rows(replace(document, sections=sections, terms=terms, summary=words(0), decision=words(0)))
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
    from procedures.models import GlossaryTerm, Guide

    assert callable(prerender.refresh)
    guide = Guide.objects.get()
    text = words(number)
    Guide.objects.update(summary=text, decision=text)
    guide.sections.update(summary=text)
    GlossaryTerm.objects.update(definition=text)
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


def paths() -> None:
    """Every stored address and its status."""
    from procedures.prerender.refreshing import folder

    store = folder()
    stored = [store.manifest(made.id)["addresses"] for made in store.release().parts.values()]
    print(json.dumps({path: entry["status"] for part in stored for path, entry in part.items()}))


def nginx() -> None:
    from procedures import prerender

    print(prerender.nginx_config())


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


if __name__ == "__main__":
    main(*sys.argv[1:])
