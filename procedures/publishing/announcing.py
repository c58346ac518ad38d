"""Telling the rest of the site, after the commit, that what the public sees has changed."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ..models import Guide


def after_commit(guide: Guide) -> None:
    """Calls the function named by settings.AFTER_RELEASE with the guide once the open transaction is committed.

    An error in it is logged and does not undo the step: by then it has happened.
    """
    pk = guide.pk

    def announce() -> None:  # not a partial: Django logs a failing one by its __qualname__, which partials lack
        if settings.AFTER_RELEASE:
            import_string(settings.AFTER_RELEASE)(Guide.objects.select_related("live", "withdrawn").get(pk=pk))

    transaction.on_commit(announce, robust=True)
