"""From text to tokens: CommonMark with raw HTML off, tables, definition lists and our small dialect.

``core()`` is plain CommonMark and is what the conformance test runs; ``parse`` adds the dialect:

- ``[^key]`` becomes a ``mark`` token;
- ``::: name … :::`` becomes ``container_<name>_open/close``, an unknown name ``container_unknown_*``;
- ``::: figure key`` on one line becomes a ``figure`` token (a ``:::`` after it is taken along);
- a paragraph of pictures alone becomes ``picture`` tokens.

Tokens carry the lines they come from. Nothing here knows a page or a key that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin

from .addresses import target

MAX_BYTES: Final = 60_000  # of UTF-8; design §5. Also what keeps every text quick to parse
SHORT: Final = 300  # characters; a text this short is parsed anew rather than kept in the place of a body
DEEPEST: Final = 19  # the parser leaves out what is nested deeper, so that hostile nesting cannot exhaust the stack

CARES: Final = ("emergency", "same-day", "soon")
CONTAINERS: Final = (*CARES, "do", "dont", "note", "check")
FIGURE: Final = re.compile(r":{3,}[ \t]*figure(?:[ \t](.*))?")
CLOSING: Final = re.compile(r":{3,}[ \t]*")

_MARK = re.compile(r"\[\^([^\]\[\s]{1,80})\]")
# Lone surrogates cannot be encoded, and control characters break XML feeds.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")


def core(*, html: bool = False) -> MarkdownIt:
    """Make the CommonMark parser everything here builds upon. ``html=True`` exists for tests only."""
    return MarkdownIt("commonmark", {"html": html, "maxNesting": DEEPEST + 1})


def too_long(text: str) -> bool:
    """Is a text longer than a body may be? Such a text is shown as it was typed, unparsed."""
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES


def printable(text: str) -> str:
    """Put U+FFFD in the place of control characters and lone surrogates."""
    return _UNPRINTABLE.sub("\ufffd", text)


def parse(text: str, *, environment: dict[str, Any] | None = None) -> list[Token]:
    """Return the block tokens of a body; ``environment`` receives its link definitions."""
    return _dialect().parse(printable(text), {} if environment is None else environment)


def read(text: str) -> tuple[tuple[Token, ...], Mapping[str, Any]]:
    """Return the block tokens of a body and its link definitions, for those who only look: they are shared.

    A guide's check, its search and its editors ask a dozen things of one body, and parsing is what takes their time.
    """
    return _read(text) if len(text) > SHORT else _read.__wrapped__(text)


@lru_cache(maxsize=32)
def _read(text: str) -> tuple[tuple[Token, ...], Mapping[str, Any]]:
    environment: dict[str, Any] = {}
    return tuple(parse(text, environment=environment)), environment.get("references", {})


def parse_line(text: str) -> list[Token]:
    """Return the inline tokens of a one-line text."""
    found = _dialect().parseInline(printable(text), {})
    return (found[0].children or []) if found else []


def container(token: Token) -> str:
    """Return the name of the container a token opens or closes, or an empty string."""
    found = re.fullmatch(r"container_(.+)_(?:open|close)", token.type)
    return found[1] if found else ""


def words(children: Sequence[Token] | None) -> str:
    """Return the plain text of inline tokens: no marks, pictures by their words, line ends as spaces."""
    return "".join(_words(children or ())).strip()


def _words(children: Sequence[Token]) -> Iterator[str]:
    for token in children:
        if token.type in {"softbreak", "hardbreak"}:
            yield " "
        elif token.type == "image":
            yield from _words(token.children or ())
        elif token.type in {"text", "code_inline", "text_special"}:
            yield token.content


@cache
def _dialect() -> MarkdownIt:
    md = core().enable("table").use(deflist_plugin)
    for name in CONTAINERS:
        md.use(container_plugin, name)
    md.use(container_plugin, "unknown", validate=_is_unknown)
    md.block.ruler.before(
        "container_emergency", "figure", _figure, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.inline.ruler.before("link", "mark", _mark)
    md.core.ruler.before("inline", "cards", _cards)
    md.core.ruler.after("text_join", "tighten", _tighten)
    md.core.ruler.after("tighten", "pictures", _pictures)
    md.core.ruler.after("pictures", "tables", _tables)
    # Every target is accepted here and judged by addresses.py: a refused link leaves its words, not its syntax.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    return md


def _is_unknown(params: str, _markup: str) -> bool:
    name = params.strip().split(" ", 1)[0]
    return bool(name) and name not in CONTAINERS and name != "figure"


def _mark(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("[^", state.pos):
        return False
    found = _MARK.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("mark", "sup", 0)
        token.content = found[1]
        token.meta["line"] = state.src.count("\n", 0, state.pos)
    state.pos = found.end()
    return True


def _figure(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    found = FIGURE.fullmatch(_line(state, start))
    if not found:
        return False
    if silent:
        return True
    token = state.push("figure", "", 0)
    token.content = (found[1] or "").strip()
    token.map = [start, start + 1]
    token.block = True
    state.line = start + 1
    after = state.skipEmptyLines(start + 1)
    if after < end and state.sCount[after] >= state.blkIndent and CLOSING.fullmatch(_line(state, after)):
        state.line = after + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _cards(state: StateCore) -> None:
    """Give a container its title, and a ``check`` its question: the words after the name, or its first paragraph."""
    tokens: list[Token] = []
    for token in state.tokens:
        tokens.append(token)
        name = container(token)
        if not name or token.nesting != 1 or name == "unknown":
            continue
        title = token.info.strip().partition(" ")[2].strip()
        if title:
            tokens += _paragraph(title, token)
        token.meta["titled"] = bool(title)
    for index, token in enumerate(tokens):
        if token.type == "container_check_open":
            _question(tokens, index)
        elif token.meta.get("titled"):
            tokens[index + 1].attrSet("class", "card-title")
    state.tokens = tokens


def _paragraph(text: str, after: Token) -> list[Token]:
    lines = [after.map[0], after.map[0] + 1] if after.map else None
    level = after.level + 1
    inline = Token("inline", "", 0, map=lines, level=level + 1, children=[], content=text, block=True)
    return [
        Token("paragraph_open", "p", 1, map=lines, level=level, block=True),
        inline,
        Token("paragraph_close", "p", -1, level=level, block=True),
    ]


def _question(tokens: list[Token], index: int) -> None:
    first = tokens[index + 1]
    if first.type != "paragraph_open":
        tokens[index].meta["no question"] = True
        return
    for token in (first, tokens[index + 3]):
        token.tag = "summary"
        token.hidden = False


def _tighten(state: StateCore) -> None:
    """Let a mark follow its word without a space, and the next mark without one between them."""
    for block in state.tokens:
        kept: list[Token] = []
        for token in block.children or ():
            if token.type == "mark":
                while kept and kept[-1].type in {"text", "softbreak"}:
                    kept[-1].content = kept[-1].content.rstrip()
                    if kept[-1].content:
                        break
                    kept.pop()
            kept.append(token)
        if kept:
            block.children = kept


def _pictures(state: StateCore) -> None:
    tokens: list[Token] = []
    skip = 0
    for index, token in enumerate(state.tokens):
        if skip:
            skip -= 1
            continue
        inline = state.tokens[index + 1] if token.type == "paragraph_open" else None
        pictures = _alone(inline.children or []) if inline is not None and token.tag == "p" else []
        if not pictures:
            tokens.append(token)
            continue
        assert inline is not None
        for picture in pictures:
            picture.type = "picture"
            picture.map = inline.map
            picture.level = token.level
            picture.block = True
            tokens.append(picture)
        skip = 2
    state.tokens = tokens


def _alone(children: Sequence[Token]) -> list[Token]:
    pictures = [token for token in children if token.type == "image"]
    others = [
        token for token in children if token.type not in {"image", "softbreak", "hardbreak"} and token.content.strip()
    ]
    opened = any(token.nesting for token in children)
    ours = all((found := target(str(token.attrs["src"]))) and found.kind == "image" for token in pictures)
    return pictures if pictures and not others and not opened and ours else []


def _tables(state: StateCore) -> None:
    """Name header cells, tell their scope, and turn alignment into classes (inline styles are forbidden)."""
    table: Token | None = None
    in_head = False
    column = 0
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            table = token
            table.meta["headers"] = []
        elif token.type in {"thead_open", "thead_close"}:
            in_head = token.nesting == 1
        elif token.type == "tr_open":
            column = 0
        elif token.type in {"th_open", "td_open"} and table is not None:
            text = words(tokens[index + 1].children)
            style = str(token.attrs.pop("style", ""))
            if style:
                token.attrs["class"] = style.replace("text-align:", "align-")
            cell = "td"
            if in_head and text:
                table.meta["headers"].append(text)
                token.attrs["scope"] = "col"
                cell = "th"
            elif in_head and column == 0:
                table.meta["row headers"] = True  # an empty corner: the first column names the rows
            elif not in_head and column == 0 and text and table.meta.get("row headers"):
                token.attrs["scope"] = "row"
                cell = "th"
            token.tag = tokens[index + 2].tag = cell
            column += 1
