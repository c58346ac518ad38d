"""Which blocks of a text are not as they were when a clinician signed it, and the words that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from markdown_it.token import Token

from . import parser
from .addresses import target

_ALONE = ("fence", "code_block", "figure", "picture")
"""Blocks without inline text: a line after them says that they changed."""


def note(url: str) -> str:
    """The words at a changed place, a link to what it said before if there is a page for that."""
    words = escape(_("Changed since the review"))
    return f'<a class="changed" href="{escape(url)}">{words}</a>' if url else f'<span class="changed">{words}</span>'


def behind(url: str) -> str:
    """The words at a translated part whose original has changed since, and the way to the original."""
    words = escape(_("The English text of this part was changed after it was translated."))
    link = f'<a href="{escape(url)}">{escape(_("Read it in English"))}</a>'
    return f'<span class="changed">{words} {link}</span>'


def removed(url: str) -> str:
    """The line where something stood that is gone."""
    words = escape(_("Something was removed here since the review"))
    link = f'<a href="{escape(url)}">{words}</a>' if url else words
    return f'<p class="changed">{link}</p>'


def wrapped(html: str, url: str) -> str:
    """A line of HTML that changed, with the words that say so."""
    return f'<mark class="changed">{html}</mark> {note(url)}'


def marked(tokens: Sequence[Token], before: Sequence[Token], *, pictures: Mapping[str, Any]) -> list[Token]:
    """The tokens of a text with those blocks marked that `before` does not hold: paragraphs, list items, cells, headings.

    A block is known by its words, its marks and links, and what it stands in; `pictures` are the library's by key. What
    is gone leaves a line after the outermost block it stood in or behind.
    """
    old, new = list(_leaves(before, pictures)), list(_leaves(tokens, pictures))
    changed: set[int] = set()
    gone: set[int] = set()
    codes = SequenceMatcher(None, [leaf[1] for leaf in old], [leaf[1] for leaf in new], autojunk=False).get_opcodes()
    for what, a_from, a_to, b_from, b_to in codes:
        if what == "equal":
            continue
        changed.update(place for place, _known in new[b_from:b_to])
        if a_to - a_from > b_to - b_from:
            gone.add(new[b_to - 1][0] if b_to else -1)
    return list(_noted(tokens, changed, gone))


def _leaves(tokens: Sequence[Token], pictures: Mapping[str, Any]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Each block that holds text or stands alone: where, and what it is known by."""
    within: list[str] = []
    for place, token in enumerate(tokens):
        if token.nesting == 1:
            within.append(f"{token.type}{token.tag}")
        elif token.nesting == -1:
            within.pop()
        elif token.type == "inline":
            yield place, (*within, " ".join(token.content.split()))
        elif token.type in _ALONE:
            known: Any = None
            if token.type == "picture":
                found = target(str(token.attrs["src"]))
                known = (parser.words(token.children), found and (found.key, pictures.get(found.key)))
            yield place, (*within, token.type, token.content, known)


def _noted(tokens: Sequence[Token], changed: set[int], gone: set[int]) -> Iterator[Token]:
    level, owed = 0, -1 in gone
    linked = True
    for place, token in enumerate(tokens):
        if level == 0 and token.nesting >= 0 and owed:
            yield Token("removed_note", "", 0, block=True)
            owed = False
        if token.type == "heading_open" or (token.tag == "summary" and token.nesting == 1):
            linked = False  # a link would be read as part of the heading, and a summary already does something
        if place in changed and token.type == "inline":
            closing = Token("changed_close", "", -1, meta={"linked": linked})
            token.children = [Token("changed_open", "", 1), *(token.children or []), closing]
        yield token
        if token.type == "heading_close" or (token.tag == "summary" and token.nesting == -1):
            linked = True
        if place in changed and token.type != "inline":
            yield Token("changed_note", "", 0, block=True)
        owed = owed or place in gone
        level += token.nesting
    if owed:
        yield Token("removed_note", "", 0, block=True)
