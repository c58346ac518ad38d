"""Telling the rest of the site, after the commit, that what the public sees has changed."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ..models import Guide

_complaint: ContextVar[str] = ContextVar("complaint", default="")


@dataclass
class _Commit:
    """What is to be told about one transaction; `told` once it has been committed and told."""

    told: bool = False


_commit: ContextVar[_Commit | None] = ContextVar("commit", default=None)


def after_commit(guide: Guide | None) -> None:
    """Calls the function named by settings.AFTER_RELEASE once the open transaction is committed.

    Once for each transaction, however many guides it released: a load of a hundred is one change of the site. The
    function is given the guide of the first step that held and has to find by itself what else has changed. None: what
    all pages show has changed, such as the clinic's record. An error in it is logged and does not undo the step: by then
    it has happened. `complaint` gives its sentence.
    """
    pk = guide.pk if guide is not None else None
    commit = _commit.get()
    if commit is None or commit.told:
        commit = _Commit()
        _commit.set(commit)

    def announce() -> None:  # not a partial: Django logs a failing one by its __qualname__, which partials lack
        if commit.told:
            return
        commit.told = True
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
