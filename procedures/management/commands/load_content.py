"""Loads the content files into the working text, and releases what may be released without asking."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from procedures import loading, publishing
from procedures.document import Document, encode, fingerprint
from procedures.memory import give_back_large_blocks
from procedures.models import Guide, Revision

CONFLICT = 3
AGAIN = "When the cause is gone, run this command again."
COMPARING = f"The content could not be compared with the database ({{}}). Nothing was changed. {AGAIN}"
WRITING = (
    f"The load was broken off ({{}}). A load is kept whole or not at all; what was kept is not loaded twice. {AGAIN}"
)
PUBLISHING = (
    "The content is loaded, but not all of it could be published ({}). Each guide shows its old text or its new one, "
    f"whole. {AGAIN}"
)


class Command(BaseCommand):
    help = "Loads the content files. Exit 0: done; 1: something in the files is wrong; 3: a conflict to settle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.CONTENT_DIR), metavar="DIR")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--publish", action="store_true", help="make live what no clinician's signature stands in the way of"
        )
        parser.add_argument(
            "--take", action="append", default=[], metavar="file:PATH|db:PATH", help="settle one unit for a side"
        )

    def handle(
        self, *, folder: Path, dry_run: bool, publish: bool, take: list[str], verbosity: int, **options: Any
    ) -> None:
        start = time.monotonic()
        give_back_large_blocks()
        settled = dict(_side(word) for word in take)
        try:
            with _said(COMPARING):
                reading = loading.read(folder)
                plan = loading.plan(reading, take=settled)
            if plan.changes and time.monotonic() - start > 1:
                self.stdout.write(f"{loading.counts(reading)} read; writing …")
            with _said(WRITING):  # of a commit that failed nobody knows here whether it was kept
                done = loading.apply(plan, dry_run=dry_run)
        except loading.ContentError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            self.stderr.write(f"Nothing was loaded: {len(error.problems)} to correct.")
            raise SystemExit(1) from error
        except loading.Conflict as error:
            for step in error.plan.conflicts:
                for line in loading.conflict(error.plan, step):
                    self.stderr.write(line)
            self.stderr.write(f"Nothing was loaded: {len(error.plan.conflicts)} to settle.")
            raise SystemExit(CONFLICT) from error
        if verbosity > 1:
            for line in loading.details(done):
                self.stdout.write(line)
        self.stdout.write(f"{'would load' if dry_run else 'content'}: {done.line()}")
        if publish and not dry_run:
            with _said(PUBLISHING):
                for document in reading.documents:
                    self.publish(document)

    def publish(self, document: Document) -> None:
        """Makes one guide live if it may, or says why not."""
        guide = Guide.objects.filter(folder=document.folder, language=document.language).select_related("live").first()
        if guide is None or _is_live(guide):
            return
        why = _why_not(guide, document)
        if why:
            self.stdout.write(f"{document.title}: not published: {why}")
            return
        try:
            revision = publishing.submit(guide, by=None, kind=Revision.Change.WORDING, note="loaded from files")
            publishing.publish_unreviewed(revision, by=None)
        except publishing.NotAllowed as error:
            self.stderr.write(f"{document.title}: not published: {error}")
            return
        self.stdout.write(f"{document.title}: published, not reviewed by a clinician")


@contextmanager
def _said(sentence: str) -> Iterator[None]:
    """A database or disk that fails is told in `sentence`, which has a place for what it said: raises CommandError."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        raise CommandError(sentence.format(getattr(error, "strerror", None) or error)) from error


def _side(word: str) -> tuple[str, str]:
    side, colon, unit = word.partition(":")
    if side not in ("file", "db") or not colon or not unit:
        raise CommandError(f"--take {word}: write file:PATH or db:PATH, with the path the load prints.")
    return unit, side


def _is_live(guide: Guide) -> bool:
    return guide.live is not None and guide.live.hash == fingerprint(encode(publishing.frozen_document(guide)))


def _why_not(guide: Guide, document: Document) -> str:
    """Why this guide is not the command's to publish, or nothing."""
    if guide.withdrawn_id is not None:
        return "it was taken down. Publish it in the admin when it may be shown again."
    if not loading.same_text(guide, document):
        return "its working text differs from the files. Send it for review in the admin."
    if publishing.signed_below(guide) is not None:
        return "a clinician has signed what is live. Send the new text for review in the admin."
    if guide.revisions.filter(state__in=Revision.ON_ITS_WAY).exclude(by=None).exists():
        return "a text is on its way already. Finish that in the admin, or send this one for review there."
    return ""
