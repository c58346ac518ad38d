"""Telling the rest of the site, after the commit, that what the public sees has changed."""

from __future__ import annotations

from contextvars import ContextVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ..models import Guide

_complaint: ContextVar[str] = ContextVar("complaint", default="")


def after_commit(guide: Guide | None) -> None:
    """Calls the function named by settings.AFTER_RELEASE with the guide once the open transaction is committed.

    None: what all pages show has changed, such as the clinic's record. An error in it is logged and does not undo the
    step: by then it has happened. `complaint` gives its sentence.
    """
    pk = guide.pk if guide is not None else None

    def announce() -> None:  # not a partial: Django logs a failing one by its __qualname__, which partials lack
        _complaint.set("")
        if not settings.AFTER_RELEASE:
            return
        found = Guide.objects.select_related("live", "withdrawn").get(pk=pk) if pk is not None else None
        try:
            import_string(settings.AFTER_RELEASE)(found)
        except Exception as error:
            _complaint.set(str(error))
            raise

    transaction.on_commit(announce, robust=True)


def complaint() -> str:
    """What went wrong after the last step of this request was committed, for the person who took it; asked once."""
    text = _complaint.get()
    _complaint.set("")
    return text
