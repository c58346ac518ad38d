"""Merging the order of a list that was changed in files and in rows."""

from __future__ import annotations

from collections.abc import Sequence


def woven(lead: Sequence[str], other: Sequence[str]) -> list[str]:
    """`lead`, with what only `other` has put after its neighbour there (before everything when it has none)."""
    order = list(lead)
    before: str | None = None
    for key in other:
        if key not in order:
            order.insert(order.index(before) + 1 if before is not None else 0, key)
        before = key
    return order


def merged(file: Sequence[str], row: Sequence[str], agreed: Sequence[str] | None) -> list[str] | None:
    """One order out of two that both differ from `agreed`, or None when they contradict each other.

    Additions and removals never do. Of the entries all sides have, only one side may have moved some.
    """
    common = set(file) & set(row)
    if agreed is not None:
        common &= set(agreed)

    def kept(keys: Sequence[str]) -> list[str]:
        return [key for key in keys if key in common]

    if kept(file) == kept(row):
        return woven(file, row)
    if agreed is not None and kept(agreed) == kept(row):
        return woven(file, row)
    if agreed is not None and kept(agreed) == kept(file):
        return woven(row, file)
    return None
