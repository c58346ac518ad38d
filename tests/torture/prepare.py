"""Fills an empty data folder with a small live guide and people: `python -m tests.torture.prepare`.

The guide has a section and a question for each editor, so that a test can say who collides with whom.
"""

from __future__ import annotations

import os
from dataclasses import replace

import django

EDITORS = ("ana", "ben", "cleo", "dan", "eva")
PASSWORD = "a-long-pass-word"
PLACES = ("one", "two", "three", "four")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")
    django.setup()
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from procedures import publishing
    from procedures.document import Question, Section
    from tests.conftest import make_document, write_rows

    call_command("migrate", verbosity=0)
    document = make_document()
    sections = tuple(
        Section(key=key, title=f"Section {key}", summary="Now.", body="## Now\n\nNow.\n") for key in PLACES
    )
    questions = tuple(Question(key=key, question=f"Question {key}?", why="Now.") for key in PLACES)
    guide = write_rows(
        replace(document, sections=(*document.sections, *sections), questions=(*document.questions, *questions))
    )
    publishing.publish_unreviewed(publishing.submit(guide, by=None, kind="wording"), by=None)
    for name in EDITORS:
        user = get_user_model().objects.create_user(name, f"{name}@example.org", PASSWORD, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=["Author", "Publisher"]))


if __name__ == "__main__":
    main()
