"""Recomputes the fingerprint of every text that was handed in and of every signature, and names what does not fit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procedures.upkeep import verify_texts


class Command(BaseCommand):
    help = "Recomputes every stored fingerprint and every signature. Exit code 1 when one does not fit its text."

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify_texts()
        for sentence in found.wrong:
            self.stderr.write(sentence)
        if found.wrong:
            raise CommandError(
                f"{len(found.wrong)} places are wrong. Somebody changed the database from outside: compare it with a "
                "backup from before, and do not publish these texts."
            )
        self.stdout.write(
            f"{found.texts} texts and {found.reviews} signatures are what they were when they were stored."
        )
