"""What an author must change in a text before it can be published, each with its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from django.utils.translation import gettext as _
from markdown_it.token import Token

from . import parser
from .addresses import may_be_live, target
from .references import Problem, References


def check(text: str, references: References, *, inline: bool = False) -> tuple[Problem, ...]:
    """Return the problems of a body, or with ``inline`` of a one-line text, in the order of their lines."""
    if parser.too_long(text):
        return (
            Problem(
                1,
                _("the text is %(size)s bytes long, the most is %(most)s (divide it into two sections)")
                % {"size": len(text.encode("utf-8", "replace")), "most": parser.MAX_BYTES},
            ),
        )
    found = _line_problems(text, references) if inline else _body_problems(text, references)
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: problem.line))


def did_you_mean(key: str, known: Collection[str]) -> str:
    """Return `` (did you mean "…"?)`` for the known key nearest to this one, or an empty string."""
    near = get_close_matches(key[:80], known, n=1)
    return " " + _('(did you mean "%(key)s"?)') % {"key": near[0]} if near else ""


def _line_problems(text: str, references: References) -> Iterator[Problem]:
    if "\n" in text.strip():
        yield Problem(1, _("this text must be one line (join its lines)"))
    yield from _inline_problems(parser.parse_line(text), references, first_line=1)


def _body_problems(text: str, references: References) -> Iterator[Problem]:
    tokens, definitions = parser.read(text)
    lines = re.split(r"\r\n?|\n", text)  # as markdown-it counts them; splitlines() knows more line ends
    for label, definition in definitions.items():
        if label.startswith("^"):
            yield Problem(definition["map"][0] + 1, _footnote())
    yield from _heading_problems(tokens)
    yield from _container_problems(tokens, lines)
    for token in tokens:
        line = _line(token)
        if token.nesting == 1 and token.level >= parser.DEEPEST:
            yield Problem(
                line, _("lists, quotations and cards are nested too deeply here (the rest would not be shown)")
            )
        if token.type == "figure":
            yield from _figure_problems(token, references)
        elif token.type == "picture":
            yield from _picture_problems(token, references, line=line)
        elif token.type == "inline":
            for number, written in enumerate(token.content.split("\n"), start=line):
                if parser.CLOSING.fullmatch(written.strip()):
                    yield Problem(
                        number,
                        _('":::" closes nothing (delete it; of nested blocks the outer needs one more colon: "::::")'),
                    )
            yield from _inline_problems(token.children or [], references, first_line=line)


def _heading_problems(tokens: Sequence[Token]) -> Iterator[Problem]:
    before = 1
    for token in tokens:
        if token.type != "heading_open":
            continue
        level = int(token.tag[1:])
        if level == 1:
            yield Problem(_line(token), _('"#" is the title of the page, which has its own (start headings with "##")'))
            level = 2
        elif level > before + 1:
            yield Problem(
                _line(token),
                _('the heading jumps from level %(before)s to level %(level)s (write "%(wanted)s")')
                % {"before": before, "level": level, "wanted": "#" * (before + 1)},
            )
        before = level


def _container_problems(tokens: Sequence[Token], lines: list[str]) -> Iterator[Problem]:
    ends: list[int] = []
    for token in tokens:
        name = parser.container(token)
        if not name:
            continue
        if token.nesting == -1:
            ends.pop()
            continue
        first, last = token.map or [0, 0]
        written = token.info.strip().split(" ", 1)[0]
        if name == "unknown":
            nearest = did_you_mean(written.lower(), (*parser.CONTAINERS, "figure"))
            every = " " + _("(known are %(names)s)") % {"names": ", ".join((*parser.CONTAINERS, "figure"))}
            yield Problem(first + 1, _('unknown block "::: %(name)s"') % {"name": written} + (nearest or every))
        closed = last < len(lines) and lines[last].rstrip().endswith(":::") and (not ends or last < ends[-1])
        if not closed:
            yield Problem(
                first + 1,
                _('"::: %(name)s" is not closed (put ":::" on a line of its own after it)') % {"name": written},
            )
        if name == "check" and token.meta.get("no question"):
            yield Problem(first + 1, _('"::: check" has no question (write it on the line after)'))
        ends.append(last)


def _figure_problems(token: Token, references: References) -> Iterator[Problem]:
    line = _line(token)
    if token.level:
        yield Problem(line, _('"::: figure" stands inside a list, a quotation or a card (put it between paragraphs)'))
    if not token.content:
        yield Problem(line, _('"::: figure" names no figure (write its key after it)'))
    elif token.content not in references.figures:
        yield Problem(
            line,
            _('unknown figure "%(key)s"') % {"key": token.content} + did_you_mean(token.content, references.figures),
        )


def _picture_problems(token: Token, references: References, *, line: int) -> Iterator[Problem]:
    url = str(token.attrs.get("src", ""))
    found = target(url)
    if found is None or found.kind != "image":
        yield Problem(
            line,
            _('the picture "%(url)s" is not from the library (add it there and write "image:" and its key)')
            % {"url": _short(url)},
        )
    elif found.key not in references.images:
        yield Problem(
            line, _('unknown image "%(key)s"') % {"key": found.key} + did_you_mean(found.key, references.images)
        )
    if not parser.words(token.children):
        yield Problem(line, _("the picture has no words (say between the square brackets what it shows)"))


def _inline_problems(children: list[Token], references: References, *, first_line: int) -> Iterator[Problem]:
    line = first_line
    for index, token in enumerate(children):
        if token.type in {"softbreak", "hardbreak"}:
            line += 1
        elif token.type == "mark":
            line = first_line + token.meta["line"]
            if index == 0 and children[1:] and children[1].content.startswith(": "):
                yield Problem(line, _footnote())
            elif token.content not in references.marks:
                yield Problem(
                    line,
                    _('unknown source "%(key)s"') % {"key": token.content}
                    + did_you_mean(token.content, references.marks),
                )
        elif token.type == "image":
            yield from _picture_problems(token, references, line=line)
            found = target(str(token.attrs.get("src", "")))
            if found is not None and found.kind == "image":
                yield Problem(line, _("the picture stands inside a sentence (give it a paragraph of its own)"))
        elif token.type == "link_open":
            yield from _link_problems(str(token.attrs.get("href", "")), references, line=line)


def _link_problems(url: str, references: References, *, line: int) -> Iterator[Problem]:
    found = target(url)
    if found is None:
        if not may_be_live(url):
            yield Problem(
                line,
                _(
                    'the link to "%(url)s" will not work (use https://…, mailto:, tel:, /…, #…, or section:, guide: or '
                    "glossary: and a key)"
                )
                % {"url": _short(url)},
            )
        return
    known: dict[str, tuple[str, Collection[str]]] = {
        "glossary": (_('unknown term "%(key)s"'), references.terms),
        "section": (_('unknown section "%(key)s"'), references.sections),
        "guide": (_('unknown guide "%(key)s"'), references.guides),
    }
    if found.kind not in known:
        yield Problem(
            line, _('a link to "%(url)s" is not possible (put "!" before the bracket to show it)') % {"url": url}
        )
        return
    sentence, keys = known[found.kind]
    if found.key not in keys:
        yield Problem(line, sentence % {"key": found.key} + did_you_mean(found.key, keys))


def _footnote() -> str:
    return _("footnotes cannot be written in a text (add the source to the list of sources and cite its key)")


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _short(url: str) -> str:
    return url if len(url) <= 80 else url[:79] + "…"
