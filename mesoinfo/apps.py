"""Wiring of Django's admin: which site it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.apps import AdminConfig

if TYPE_CHECKING:
    from procedures.admin.site import Desk


def desk() -> Desk:
    # Importing the room registers its pages, which asks for the site again: the answer must be the same object.
    from procedures.admin.site import desk

    return desk


class DeskConfig(AdminConfig):
    default_site = "mesoinfo.apps.desk"
