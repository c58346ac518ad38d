"""Texts that are live and cannot be read any more: lists do without them, and say so in the log.

A text that is not what was handed in is never shown, not even its title. What stands beside it is shown all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..models import UnreadableText

logger = logging.getLogger(__name__)
_out: ContextVar[dict[str, UnreadableText] | None] = ContextVar("left out", default=None)


@contextmanager
def leaving_out() -> Iterator[dict[str, UnreadableText]]:
    """While it lasts, what was left out is gathered by fingerprint, and logged once. Inside another, for both."""
    outer = _out.get()
    found: dict[str, UnreadableText] = {}
    token = _out.set(found)
    try:
        yield found
    finally:
        _out.reset(token)
        if outer is not None:
            outer.update(found)


def leave_out(error: UnreadableText) -> None:
    """Notes that a list does without this text."""
    found = _out.get()
    mark = error.revision.hash
    if found is not None and mark in found:
        return
    if found is not None:
        found[mark] = error
    logger.error("Left out, because it may say something else than what was released: %s", error)
