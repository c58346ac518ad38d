"""The checks of fairness: a harm beside its benefit, options at equal length, a way out of danger."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, median

from django.utils.translation import gettext as _

from .. import rendering
from ..document import CellState, Document, Kind, base, own_unit, part_unit
from . import wording
from .finding import Finding, short
from .passages import Passage

WEIGHT = 0.25
"""How far an option's length may lie from the middle one's, as a part of it."""


def balance_findings(document: Document, passages: tuple[Passage, ...]) -> Iterator[Finding]:
    """A harm stands under the same heading as the benefit it belongs to. English only."""
    if document.kind != Kind.PROCEDURE:
        return
    for section in document.sections:
        groups: list[list[Passage]] = []
        for passage in passages:
            if passage.section == section.key and passage.field == "body":
                if passage.kind == "heading" or not groups:
                    groups.append([])
                groups[-1].append(passage)
        for first, *rest in groups:
            about_benefit = section.key == "benefits" or wording.BENEFIT.search(first.text)
            if first.kind != "heading" or not about_benefit or not rest:
                continue
            text = " ".join(passage.text for passage in rest)
            if wording.BENEFIT.search(text) and not wording.RISK.search(text):
                message = _(
                    "Under “%(heading)s” a benefit stands without a harm beside it. Say in the same place what "
                    "can go wrong."
                )
                yield Finding(
                    "warning", "benefit-alone", first.unit, first.line, message % {"heading": short(first.text)}, "body"
                )


def option_findings(document: Document) -> Iterator[Finding]:
    """Each option is described at the same length: words per filled cell within a quarter of the middle option's."""
    weights: dict[str, float] = {}
    for option in document.options:
        filled = [
            rendering.plain(cell.text, inline=True) for cell in option.cells.values() if cell.state == CellState.TEXT
        ]
        if filled:
            weights[option.key] = mean(len(text.split()) for text in filled)
    if len(weights) < 2:
        return
    middle = median(weights.values())
    for option in document.options:
        weight = weights.get(option.key)
        if weight is not None and abs(weight - middle) > WEIGHT * middle:
            message = _(
                "The option “%(name)s” has %(weight).0f words in each filled cell, the others about "
                "%(middle).0f. What is described at greater length looks weightier: bring it within a quarter of "
                "the others."
            )
            unit = part_unit(base(document.folder, document.language), "options", option.key)
            yield Finding(
                "warning",
                "unequal-options",
                unit,
                1,
                message % {"name": option.name, "weight": weight, "middle": middle},
                "cells",
            )


def emergency_findings(document: Document) -> Iterator[Finding]:
    """Somebody in danger must find what to do: a guide has at least one sign of an emergency."""
    if document.kind != Kind.PROCEDURE:
        return
    if not any(sign.urgency == "emergency" for sign in document.warning_signs):
        yield Finding(
            "error",
            "no-emergency-sign",
            own_unit(base(document.folder, document.language)),
            1,
            _(
                "No warning sign has the urgency “emergency”. Somebody in danger finds nothing here. Add at "
                "least one to the warning signs."
            ),
            "warning_signs",
        )
