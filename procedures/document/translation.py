"""Translations: which wording in the first language each part was made from, and which of those have changed since.

`translated` of a guide in another language is a list of lines, one for each part, such as

    risks.md 0f3a9c21d4b6e870
    guide.yaml#costs/old-price 77ab00c3f1e2d459

the part's place in the guide's folder and the first 16 hex digits of the SHA-256 of its text in the first language.
A part without a line was never compared with anything, and nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from .codec import fingerprint
from .shape import DEFAULT_LANGUAGE, Document
from .units import base, units

DIGITS = 16
LINE = re.compile(r"(?P<part>[a-z0-9#./_-]+) (?P<hash>[0-9a-f]{16})")


def wordings(document: Document) -> dict[str, str]:
    """The parts of a guide by their place in its folder, each with the beginning of its hash. Orders are no parts."""
    start = f"{base(document.folder, document.language)}/"
    bare = (replace(section, body=section.body.strip()) for section in document.sections)
    document = replace(document, sections=tuple(bare))  # white space around a body is no other wording
    return {
        unit.removeprefix(start): fingerprint(text)[:DIGITS]
        for unit, text in units(document).items()
        if not ("#" in unit and "/" not in unit.partition("#")[2])
    }


def noted(document: Document) -> dict[str, str]:
    """What `translated` of a guide says: part → beginning of the hash it was translated from."""
    found = (LINE.fullmatch(line) for line in document.translated)
    return {line["part"]: line["hash"] for line in found if line}


def lines(noted: Mapping[str, str]) -> tuple[str, ...]:
    """The reverse of `noted`, in order of the parts."""
    return tuple(f"{part} {noted[part]}" for part in sorted(noted))


def behind(translation: Document, original: Document) -> frozenset[str]:
    """The parts of `translation` whose wording in the first language is not the one they were translated from.

    A part that is gone from the original counts. The guide's own fields are the part `guide.yaml`.
    """
    now = wordings(original)
    return frozenset(part for part, made_from in noted(translation).items() if now.get(part) != made_from)


def brought_up(translation: Document, original: Document, *, parts: Collection[str] | None = None) -> tuple[str, ...]:
    """`translated` after somebody has compared `parts` (None: all both have) with the original as it is now."""
    now, have = wordings(original), wordings(translation)
    both = {part for part in have if part in now}
    wanted = both if parts is None else both & set(parts)
    kept = {part: made_from for part, made_from in noted(translation).items() if part in have}
    return lines({**kept, **{part: now[part] for part in wanted}})


def faults(document: Document) -> list[str]:
    """What is wrong with `translated`, as sentences; that it is a list of lines is checked with all other fields."""
    given = document.translated
    written = [line for line in given if isinstance(line, str)] if isinstance(given, list | tuple) else []
    found = [
        f"`translated` has the line {line!r}; a line is a part and 16 hex digits (say manage.py mark_translated)"
        for line in written
        if not LINE.fullmatch(line)
    ]
    if written and document.language == DEFAULT_LANGUAGE:
        found.append("`translated` belongs to translations; remove it")
    parts = [line.partition(" ")[0] for line in written]
    found += [
        f"`translated` names {part} twice; keep one line" for part in sorted({p for p in parts if parts.count(p) > 1})
    ]
    return found
