"""Findings that come from another product, place or group, and the words that own up to it.

A figure such as "87 in 100 had swelling" was measured with one approved drug under the chin. Read without that, it
sounds like the treatment of the page. So a sentence with a figure that rests on one of these keys must hold one of the
words beside them. To add a subject, add a line: its name for the message, the keys of claims and sources (`*` stands for
anything), the words. Words are found in any case, at the start of a word. `only` limits a line to sentences that hold a
match of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.utils.translation import gettext_noop as _noop


@dataclass(frozen=True)
class Elsewhere:
    """One subject that is not the treatment of the page."""

    name: str
    keys: tuple[str, ...]
    words: tuple[str, ...]
    only: str = ""

    def covers(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self.keys)

    def named_in(self, text: str) -> bool:
        return re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.words))})", text, re.IGNORECASE) is not None


def _subject(name: str, keys: str, words: str, *, only: str = "") -> Elsewhere:
    return Elsewhere(name, tuple(keys.split()), tuple(word.strip() for word in words.split(",")), only)


TABLE = (
    _subject(
        _noop("Kybella, a drug given under the chin"),
        "*kybella* untreated-chin dca-trials-bias chin-two-mixes jones-2016 inocencio-2023 rotunda-2009 neck-100-2017 "
        "glogau-2019 refine* fagien-2016 maude-doc",
        "Kybella, deoxycholic acid, under the chin, under-chin, chin",
    ),
    _subject(
        _noop("deoxycholic acid in the belly, a use that is not approved"),
        "belly-14 dca-abdomen-pilot detergent-kills-cells odo-2007",
        "belly, bellies, another drug",
    ),
    _subject(
        _noop("fat freezing"),
        "freezing-* zeltiq-* falster-2020 elite-91 delayed-pain kelly-2018 pah-2025 stevens-2013 ravindran-2024",
        "freez, cryolipolysis, CoolSculpting",
    ),
    _subject(
        _noop("liposuction"),
        "lipo-* *liposuction* kaoutzanis-2017 zhang-2015 broughton-* comerci-2024 disantis-2020 grazer-2000 swanson-*",
        "liposuction, operation",
    ),
    _subject(_noop("Qwo, another shot"), "qwo-*", "Qwo"),
    _subject(_noop("botulinum toxin"), "botulinum-* botox-* cdc-2024-botulinum", "Botox, botulinum"),
    _subject(_noop("fillers in the face"), "filler-* fda-2015-filler restylane-*", "filler"),
    _subject(
        _noop("all kinds of cosmetic procedures"),
        "infection-200 infection-28 infection-share ma-2024 zeng-2025 ntm-cosmetic-2020",
        "cosmetic",
    ),
    _subject(_noop("surgery abroad"), "infection-can-be-late cdc-mmwr-2004-ntm", "surgery, operation"),
    _subject(
        _noop("numbing cream before laser hair removal"),
        "numbing-deaths fda-2007-numbing-advisory",
        "laser",
        only=r"\b(?:women|people|patients|died|deaths)\b",
    ),
    _subject(_noop("arnica after surgery"), "arnica-small gaertner-2021", "surgery"),
    _subject(_noop("med spas in Las Vegas"), "vegas-med-spas after-hours almukhtar-2024", "Las Vegas"),
)


def unnamed(text: str, keys: Iterable[str]) -> tuple[Elsewhere, ...]:
    """The subjects of `keys` that the sentence `text` does not name."""
    keys = tuple(keys)
    return tuple(
        subject
        for subject in TABLE
        if any(subject.covers(key) for key in keys)
        and not subject.named_in(text)
        and (not subject.only or re.search(subject.only, text, re.IGNORECASE))
    )
