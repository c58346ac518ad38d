"""Units: what two people can collide on, named like the place in the content folder that holds it.

    mesotherapy/risks.md                       a section
    mesotherapy/guide.yaml                     the guide's own fields
    mesotherapy/guide.yaml#questions           the order of a list
    mesotherapy/guide.yaml#questions/price     one keyed part
    sources.yaml#kybella-label                 one shared source (glossary.yaml, images.yaml likewise)

A unit's text is the canonical JSON of its fields, so that equal texts mean equal units.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .codec import canonical, fingerprint, to_plain
from .shape import DEFAULT_LANGUAGE, OWN_FIELDS, PARTS, SHARED, Document, ImageRecord, Section, Source, Term

SHARED_FILES: dict[type, str] = {Source: "sources.yaml", Term: "glossary.yaml", ImageRecord: "images.yaml"}


def base(folder: str, language: str) -> str:
    """The guide's place in the content folder: `mesotherapy`, or `mesotherapy/es` in another language."""
    return folder if language == DEFAULT_LANGUAGE else f"{folder}/{language}"


def own_unit(place: str) -> str:
    return f"{place}/guide.yaml"


def section_unit(place: str, key: str) -> str:
    return f"{place}/{key}.md"


def order_unit(place: str, name: str) -> str:
    return f"{place}/guide.yaml#{name}"


def part_unit(place: str, name: str, key: str) -> str:
    return f"{place}/guide.yaml#{name}/{key}"


def shared_unit(item: Source | Term | ImageRecord) -> str:
    return f"{SHARED_FILES[type(item)]}#{item.key}"


def text_of(item: Any) -> str:
    """A unit's text: canonical JSON of one dataclass, or of a list of keys for an order."""
    return canonical(list(item) if isinstance(item, list | tuple) else to_plain(item))


def own_text(document: Document) -> str:
    lists: dict[str, Any] = dict.fromkeys(("sections", *PARTS, *SHARED), ())
    plain = to_plain(dataclasses.replace(document, **lists))
    return canonical({name: plain[name] for name in OWN_FIELDS if name in plain})


def units(document: Document) -> dict[str, str]:
    """Every unit of a guide (not of what it shares with others): name → text. An empty list has no order unit."""
    place = base(document.folder, document.language)
    found = {own_unit(place): own_text(document)}
    for section in document.sections:
        found[section_unit(place, section.key)] = text_of(section)
    for name in ("sections", *PARTS):
        items: tuple[Section, ...] = document.items(name)
        if items:
            found[order_unit(place, name)] = canonical([item.key for item in items])
        if name != "sections":
            for item in items:
                found[part_unit(place, name, item.key)] = text_of(item)
    return found


def token(text: str) -> str:
    """What a form carries to tell whether the unit it shows is still the stored one."""
    return fingerprint(text)
