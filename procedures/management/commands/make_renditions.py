"""Makes the smaller files of pictures that have none: of a database from before there were any, or after a restore."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procedures import prerender
from procedures.images import render
from procedures.models import Guide, Image, PictureFile


class Command(BaseCommand):
    help = "Makes the smaller files of pictures that have none, then the pages that show them. Running it again does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        files = set(Image.objects.values_list("file", flat=True))
        for guide in Guide.objects.live().filter(live__document__contains='"images":[{'):
            if guide.live is not None:
                files |= {item.file for item in guide.live.read().images}
        before = PictureFile.objects.count()
        for file in sorted(files):
            render(file)
        made = PictureFile.objects.count() - before
        self.stdout.write(f"{len(files)} pictures, {made} files made.")
        if made:
            try:
                prerender.refresh(everything=True)
            except prerender.Failed as error:
                raise CommandError(str(error)) from error
