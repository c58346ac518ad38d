"""Differences as staff read them: names in their words, long passages that did not change cut short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ..document import DiffPiece, Document, FieldChange, UnitChange, changes
from ..models import PARTS, SHARED, Guide
from .forms import ANSWERS, CELLS

KEPT = 160
"""Characters of unchanged text shown beside a change."""
KINDS = {
    "added": _("new"),
    "removed": _("taken out"),
    "changed": _("changed"),
    "moved": _("in another order"),
}


@dataclass(frozen=True)
class ShownField:
    """One field that differs. `label` is empty where the unit has only one field that matters."""

    label: Any
    pieces: tuple[DiffPiece, ...]


@dataclass(frozen=True)
class ShownChange:
    """One unit that differs: what kind of thing it is, its name, what happened to it, and its words."""

    what: Any
    title: Any
    kind: str
    kind_words: Any
    fields: tuple[ShownField, ...]


def shown_changes(old: Document | None, new: Document, *, shared: bool = True) -> list[ShownChange]:
    """What differs between two documents, for `admin/procedures/guide/differences.html`.

    `shared` False leaves out the copies of sources, words and pictures.
    """
    return [_shown(change) for change in changes(old, new) if shared or change.list not in SHARED]


def _shown(change: UnitChange) -> ShownChange:
    title: Any = ANSWERS.get(change.key, change.title) if change.list == "answers" else change.title
    return ShownChange(
        what=what_of(change.list),
        title="" if change.kind == "moved" else title,
        kind=change.kind,
        kind_words=KINDS[change.kind],
        fields=shown_fields(change.list, change.fields),
    )


def shown_fields(list_name: str, fields: Iterable[FieldChange]) -> tuple[ShownField, ...]:
    return tuple(ShownField(label_of(list_name, field.name), shortened(field.pieces)) for field in fields)


def what_of(list_name: str) -> Any:
    """What staff call a list of a guide; "" stands for the guide's own fields."""
    if not list_name:
        return _("The guide itself")
    return capfirst({**PARTS, **SHARED}[list_name]._meta.verbose_name_plural)


def label_of(list_name: str, name: str) -> Any:
    """What staff call a field, by its name in files."""
    first, _dot, rest = name.partition(".")
    if name == "order":
        return ""
    if first == "cells" and (cell := rest.partition(".")[0]) in CELLS:
        return CELLS[cell]
    model = {**PARTS, **SHARED}[list_name] if list_name else Guide
    names = {field.name for field in model._meta.get_fields()}
    attribute = name.replace(".", "_")
    if attribute in names:
        return capfirst(getattr(model._meta.get_field(attribute), "verbose_name", attribute))
    return capfirst(name.replace(".", " ").replace("_", " "))


def shortened(pieces: Iterable[DiffPiece]) -> tuple[DiffPiece, ...]:
    """The pieces with long unchanged ones cut to what stands beside a change."""
    all_pieces = tuple(pieces)
    found = []
    for place, piece in enumerate(all_pieces):
        if piece.kind == "same" and len(piece.text) > 2 * KEPT + 40:
            head = _until_word(piece.text[:KEPT]) if place > 0 else ""
            tail = _from_word(piece.text[-KEPT:]) if place < len(all_pieces) - 1 else ""
            piece = DiffPiece(f"{head} …\n… {tail}" if head and tail else f"{head} …" if head else f"… {tail}", "same")
        found.append(piece)
    return tuple(found)


def _until_word(text: str) -> str:
    return text.rpartition(" ")[0] or text


def _from_word(text: str) -> str:
    return text.partition(" ")[2] or text
