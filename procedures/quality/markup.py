"""The checks of how a text is built: markup and keys, headings, links, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from .. import rendering
from ..document import PARTS, Document, Form, base, own_unit, part_unit, section_unit, shared_unit, slots
from ..rendering.of_document import references_of
from .finding import Finding

PICTURE_WORDS = (3, 30)

_PICTURE = re.compile(r"!\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]\(\s*image:([^)\s]+)[^)]*\)")
_CODE = re.compile(r"(`+)[^`]+\1(?!`)")
_TO_HEADING = re.compile(r"\]\(\s*(?:section:([a-z0-9-]+))?#([^)\s]+)\s*\)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")


def markup_findings(document: Document, *, guides: Mapping[str, rendering.Link] | None) -> Iterator[Finding]:
    """What `rendering.check` says of each text: unknown keys, broken links, unclosed cards, jumping headings."""
    references = replace(references_of(document), guides=_EveryGuide() if guides is None else guides)
    for section in document.sections:
        unit = section_unit(base(document.folder, document.language), section.key)
        jumps = set(rendering.check(_headings_only(section.body), references))
        for problem in rendering.check(section.body, references):
            name = "heading-order" if problem in jumps else "markup"
            yield Finding("error", name, unit, problem.line, _sentence(problem.message), "body")
        yield from _line_findings(unit, "summary", section.summary, references)
    for unit, field, text in _lines(document):
        yield from _line_findings(unit, field, text, references)


def _line_findings(unit: str, field: str, text: str, references: rendering.References) -> Iterator[Finding]:
    for problem in rendering.check(text, references, inline=True) if text else ():
        yield Finding("error", "markup", unit, 1, _sentence(problem.message), field)


class _EveryGuide(Mapping[str, rendering.Link]):
    """Guides nobody has listed: each is taken to exist."""

    def __getitem__(self, key: str) -> rendering.Link:
        return rendering.Link("/", key)

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _sentence(message: str) -> str:
    message = message[:1].upper() + message[1:]
    return message if message.endswith((".", "!", "?")) else message + "."


def _headings_only(body: str) -> str:
    """The body with every line but its headings emptied, so that lines keep their numbers."""
    kept = {block.line for block in rendering.blocks(body) if block.kind == "heading"}
    lines = re.split(r"\r\n?|\n", body)
    return "\n".join(
        match[1] + " x" if number in kept and (match := _HEADING.match(line)) else ""
        for number, line in enumerate(lines, start=1)
    )


def _lines(document: Document) -> Iterator[tuple[str, str, str]]:
    """Every one-line text outside the sections, as written: unit, field, text."""
    place = base(document.folder, document.language)
    yield own_unit(place), "summary", document.summary
    yield own_unit(place), "decision", document.decision
    if document.status is not None:
        yield own_unit(place), "status.note", document.status.note
    for name in (*PARTS, "terms"):
        for item in document.items(name):
            unit = shared_unit(item) if name == "terms" else part_unit(place, name, item.key)
            for slot in slots(type(item)):
                value = getattr(item, slot.attribute)
                if slot.form is Form.LINE:
                    yield unit, slot.name, value
                elif slot.form is Form.LINES:
                    yield from ((unit, slot.name, text) for text in value)
                elif slot.form is Form.CELLS:
                    yield from ((unit, f"cells.{row}", cell.text) for row, cell in value.items())


def link_findings(document: Document) -> Iterator[Finding]:
    """Links to a heading that is not there: in bodies, in one-line texts, and where an answer leads on."""
    place = base(document.folder, document.language)
    anchors = {
        section.key: {heading.id for heading in rendering.headings(section.body)} for section in document.sections
    }
    for section in document.sections:
        unit = section_unit(place, section.key)
        for number, line in enumerate(section.body.split("\n"), start=1):
            yield from _broken(line, anchors, here=section.key, at=(unit, number, "body"))
        yield from _broken(section.summary, anchors, here=section.key, at=(unit, 1, "summary"))
    for unit, field, text in _lines(document):
        yield from _broken(text, anchors, here="", at=(unit, 1, field))
    for answer in document.answers:
        yield from _broken(
            f"]({answer.more})", anchors, here="", at=(part_unit(place, "answers", answer.key), 1, "more")
        )


def _broken(text: str, anchors: Mapping[str, set[str]], *, here: str, at: tuple[str, int, str]) -> Iterator[Finding]:
    """`here` is the section a bare `#name` means; outside sections the page decides, so it is left alone."""
    for match in _TO_HEADING.finditer(_CODE.sub("", text)):
        there = anchors.get(match[1] or here)
        if there is not None and match[2] not in there:
            message = _("The link to “#%(name)s” leads to a heading that is not there. Use one of: %(names)s.")
            names = ", ".join(sorted(there)[:8]) or "–"
            unit, line, field = at
            yield Finding("error", "broken-link", unit, line, message % {"name": match[2], "names": names}, field)


def picture_findings(document: Document) -> Iterator[Finding]:
    """A picture is described in 3 to 30 words, where it stands and in the library."""
    low, high = PICTURE_WORDS
    message = _(
        "The picture “%(key)s” is described in %(count)s words. People who cannot see it hear only these: say in "
        "%(low)s to %(high)s words what it shows."
    )
    for section in document.sections:
        images = rendering.used(section.body).images
        for number, line in enumerate(section.body.split("\n"), start=1):
            for match in _PICTURE.finditer(line):
                count = len(rendering.plain(match[1], inline=True).split())
                if match[2] in images and not low <= count <= high:
                    unit = section_unit(base(document.folder, document.language), section.key)
                    values = {"key": match[2], "count": count, "low": low, "high": high}
                    yield Finding("error", "picture-words", unit, number, message % values, "body")
    for image in document.images:
        count = len(image.words.split())
        if image.words and not low <= count <= high:
            values = {"key": image.key, "count": count, "low": low, "high": high}
            yield Finding("error", "picture-words", shared_unit(image), 1, message % values, "words")
