"""Telling the rest of the site, after the commit, that what the public sees has changed."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ..models import Guide


def after_commit(guide: Guide) -> None:
    """Calls the function named by settings.AFTER_RELEASE with the guide once the open transaction is committed.

    An error in it is logged and does not undo the step: by then it has happened.
    """
    transaction.on_commit(partial(_announce, guide.pk), robust=True)


def _announce(pk: int) -> None:
    if settings.AFTER_RELEASE:
        import_string(settings.AFTER_RELEASE)(Guide.objects.select_related("live", "withdrawn").get(pk=pk))
