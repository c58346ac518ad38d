"""The groups of the house: Author, Medical reviewer, Publisher. One person may hold several."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

WRITING = (
    "guide section answer keyfact stage costitem option question warningsign claim figure source glossaryterm image"
).split()
READING = ("revision review publicationevent edit clinic feedback oldaddress").split()

ROLES: dict[str, tuple[str, ...]] = {
    "Author": (
        *(
            f"{verb}_{model}"
            for model in WRITING
            for verb in ("add", "change", "delete", "view")
            if (verb, model) != ("delete", "guide")
        ),
        *(f"view_{model}" for model in READING),
        "submit_guide",
    ),
    "Medical reviewer": (*(f"view_{model}" for model in [*WRITING, *READING]), "review_guide"),
    "Publisher": (*(f"view_{model}" for model in [*WRITING, *READING]), "change_clinic", "publish_guide"),
}
"""Group → permissions of this app it holds (Django's codenames)."""


def make_groups(sender: AppConfig, *, using: str, **_: Any) -> None:
    """Gives each group its permissions. Runs after migrations, when permissions exist; adds, never takes away."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    create_permissions(sender, using=using, verbosity=0)
    for name, codenames in ROLES.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        wanted = Permission.objects.using(using).filter(content_type__app_label="procedures", codename__in=codenames)
        group.permissions.add(*wanted)


def connect(app: AppConfig) -> None:
    post_migrate.connect(make_groups, sender=app, dispatch_uid="procedures.roles")
