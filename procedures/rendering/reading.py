"""Reading a text without rendering it: plain words, blocks for the editorial checks, the keys it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it.token import Token

from . import parser
from .addresses import target
from .references import Block, Used

KEPT = 512
"""How many texts' answers are kept. A guide has some 150 texts, and checks, search and pages ask the same of each."""


@lru_cache(maxsize=KEPT)
def plain(text: str, *, inline: bool = False) -> str:
    """Return the words of a text without marks and syntax, one line for each block.

    Pictures count by their words, figures and the labels of cards not at all. Used by search, descriptions and
    word counts.
    """
    if parser.too_long(text):
        return parser.printable(text)
    if inline:
        return parser.words(parser.parse_line(text))
    return "\n".join(words for token in parser.read(text)[0] if (words := _words(token)))


@lru_cache(maxsize=KEPT)
def blocks(text: str) -> tuple[Block, ...]:
    """Return the runs of text of a body in order, each with its kind, its marks, its line and its container."""
    if parser.too_long(text):
        return ()
    return tuple(_blocks(parser.read(text)[0]))


@lru_cache(maxsize=KEPT)
def used(text: str) -> Used:
    """Return the keys a body or a line points at, whether or not they exist."""
    if parser.too_long(text):
        return Used()
    found: dict[str, set[str]] = {kind: set() for kind in ("mark", "figure", "glossary", "section", "guide", "image")}
    for token in walk(parser.read(text)[0]):
        if token.type in {"mark", "figure"}:
            found[token.type].add(token.content)
        address = target(str(token.attrs.get("href" if token.type == "link_open" else "src", "")))
        if address is not None and (token.type == "link_open") == (address.kind != "image"):
            found[address.kind].add(address.key)
    return Used(
        marks=frozenset(found["mark"]),
        terms=frozenset(found["glossary"]),
        images=frozenset(found["image"]),
        figures=frozenset(found["figure"] - {""}),
        sections=frozenset(found["section"]),
        guides=frozenset(found["guide"]),
    )


def walk(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens and the inline tokens inside them; what stands inside a picture's words is left out."""
    for token in tokens:
        yield token
        if token.type == "inline":
            yield from token.children or ()


def _words(token: Token) -> str:
    if token.type in {"inline", "picture"}:
        return parser.words(token.children)
    return token.content.strip() if token.type in {"fence", "code_block"} else ""


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    kinds: list[str] = []
    containers: list[str] = []
    for token in tokens:
        if name := parser.container(token):
            if token.nesting == 1:
                containers.append("" if name == "unknown" else name)
                kinds.append("card")
            else:
                containers.pop()
                kinds.pop()
        elif token.nesting and (kind := _KINDS.get(token.type.rpartition("_")[0])):
            if token.nesting == 1:
                kinds.append(kind)
            else:
                kinds.pop()
        words = "" if token.type == "picture" else _words(token)
        if words:
            yield Block(
                kind=kinds[-1] if kinds else "paragraph",
                text=words,
                marks=tuple(child.content for child in token.children or () if child.type == "mark"),
                line=token.map[0] + 1 if token.map else 1,
                context=containers[-1] if containers else "",
            )


_KINDS = {
    "heading": "heading",
    "list_item": "list-item",
    "dt": "list-item",
    "dd": "list-item",
    "th": "cell",
    "td": "cell",
}
