"""From tokens to HTML: what each part of the dialect becomes. Its output still goes through the sanitiser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from types import MethodType
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from . import changed, parser
from .addresses import is_local, is_web, may_be_live, target
from .references import References


@dataclass
class Place:
    """Where a text is rendered: what its keys mean, and how the page counts its marks and names its tables."""

    references: References
    cite: Callable[[str], int]  # key → its number on the page
    unique: Callable[[str], str]  # a label → the same, numbered if the page has it already
    fragments: dict[str, str] = field(default_factory=dict)  # heading id → the id it has on this page
    changes: str = ""  # the page that tells what changed since the review
    dropped: list[bool] = field(default_factory=list)  # for each open link: was its tag left out?


def render(tokens: Sequence[Token], place: Place) -> str:
    """Return the HTML of block tokens."""
    return _renderer().render(tokens, _options(), {"place": place})


def render_line(children: Sequence[Token], place: Place) -> str:
    """Return the HTML of inline tokens."""
    return _renderer().renderInline(children, _options(), {"place": place})


def mark(key: str, place: Place) -> str:
    """Return one numbered mark; an unknown key shows as ``[?key]`` and is not counted."""
    if key not in place.references.marks:
        return f'<span class="unknown">[?{escape(key)}]</span>'
    number = place.cite(key)
    label = _("Source %(number)s: %(title)s") % {"number": number, "title": place.references.marks[key]}
    return f'<sup class="mark"><a href="#source-{number}" aria-label="{escape(label)}">{number}</a></sup>'


# Raised like the marks, and text, so that two marks are never read as one number.
_BETWEEN_MARKS = '<sup class="mark-separator">, </sup>'


def marks(keys: Iterable[str], place: Place) -> str:
    """Return several marks with a separator that is seen and heard."""
    return _BETWEEN_MARKS.join(mark(key, place) for key in keys)


def href(url: str, place: Place) -> tuple[str, str]:
    """Resolve a link's target to an address and a title; an empty address means that it must not be live."""
    found = target(url)
    if found is None:
        if url.startswith("#"):
            url = "#" + place.fragments.get(unquote(url[1:]), url[1:])
        return (url, "") if may_be_live(url) else ("", "")
    known = {
        "glossary": place.references.terms,
        "section": place.references.sections,
        "guide": place.references.guides,
    }.get(found.kind, {})
    link = known.get(found.key)
    if link is None or not may_be_live(link.url):
        return "", ""
    address = link.url
    if found.fragment and is_local(f"#{found.fragment}"):
        address += ("-" if "#" in address else "#") + found.fragment
    return address, link.title if found.kind == "glossary" else ""


WIDEST = 1280
"""Pixels: twice the measure, so that no screen needs more; a wider original is not offered beside its renditions."""
SIZES = "(min-width: 48rem) 43rem, 92vw"
"""How wide a picture stands in the text (the measure of `tokens.css`, about 43rem; on narrow screens the text's width)."""


def _sizes(files: Sequence[tuple[str, int]]) -> str:
    if not files:
        return ""
    files = files if len(files) == 1 else [file for file in files if file[1] <= WIDEST] or files[:1]
    listed = ", ".join(f"{escape(url)} {width}w" for url, width in files)
    return f' srcset="{listed}" sizes="{SIZES}"'


class _Renderer(RendererHTML):
    """Adds the dialect to markdown-it's renderer; each method is called for the token type it is named after."""

    def mark(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Any) -> str:
        before = _BETWEEN_MARKS if index and tokens[index - 1].type == "mark" else ""
        return before + mark(tokens[index].content, env["place"])

    def changed_open(self, *_rest: Any) -> str:
        return '<mark class="changed">'

    def changed_close(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Any) -> str:
        return f"</mark> {changed.note(env['place'].changes if tokens[index].meta['linked'] else '')}"

    def changed_note(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, env: Any) -> str:
        return f'<p class="changed">{changed.note(env["place"].changes)}</p>\n'

    def removed_note(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, env: Any) -> str:
        return f"{changed.removed(env['place'].changes)}\n"

    def link_open(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Any) -> str:
        place: Place = env["place"]
        address, title = href(str(tokens[index].attrs.get("href", "")), place)
        place.dropped.append(not address)
        if not address:
            return ""
        if str(tokens[index].attrs["href"]).startswith("glossary:"):
            hint = f' title="{escape(title)}"' if title else ""
            return f'<a class="term" href="{escape(address)}"{hint}>'
        rel = ' rel="noopener noreferrer"' if is_web(address) else ""
        return f'<a href="{escape(address)}"{rel}>'

    def link_close(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, env: Any) -> str:
        return "" if env["place"].dropped.pop() else "</a>"

    def image(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        # Between words, or not from the library: its words say what it would have shown.
        return escape(parser.words(tokens[index].children))

    def picture(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Any) -> str:
        token = tokens[index]
        words = escape(parser.words(token.children))
        found = target(str(token.attrs["src"]))
        known = env["place"].references.images.get(found.key) if found else None
        if known is None:
            return f"<p>{words}</p>\n" if words else ""
        if known.gone:
            return f"<p>{escape(_('A picture stood here. It has been taken down.'))}</p>\n"
        caption = f"<figcaption>{escape(known.credit)}</figcaption>" if known.credit else ""
        own = (*known.smaller, (known.url, known.width)) if known.smaller else ()
        lazy = ' loading="lazy"' if index else ""  # what a body begins with may stand on the first screen
        shown = (
            f'<img src="{escape(known.url)}"{_sizes(own)} width="{known.width}" height="{known.height}"'
            f' alt="{words}"{lazy} decoding="async">'
        )
        if known.webp:
            shown = f'<picture><source type="image/webp"{_sizes(known.webp)}>{shown}</picture>'
        return f'<figure class="picture">{shown}{caption}</figure>\n'

    def figure(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        # Reached only for an unknown figure or one inside a list or card; known ones at the top level are pieces.
        return f'<p><span class="unknown">[?{escape(tokens[index].content or "figure")}]</span></p>\n'

    def table_open(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Any) -> str:
        headers = tokens[index].meta.get("headers")
        label = _("Table: %(headers)s") % {"headers": ", ".join(headers)} if headers else _("Table")
        label = escape(env["place"].unique(label))
        return f'<div class="table" role="region" tabindex="0" aria-label="{label}"><table>\n'

    def table_close(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: Any) -> str:
        return "</table></div>\n"

    def container_check_open(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        missing = tokens[index].meta.get("no question")
        question = f"<summary>{escape(_('Know it yourself'))}</summary>\n" if missing else ""
        return f'<details class="check">{question}'

    def container_check_close(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: Any) -> str:
        return "</details>\n"

    def fence(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
        return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _care(name: str, label: Callable[[], str], visible: Callable[[], str]) -> Callable[..., str]:
    def opening(*_args: Any) -> str:
        return (
            f'<div class="care care-{name}" role="group" aria-label="{escape(label())}">'
            f'<p class="care-label">{escape(visible())}</p>\n'
        )

    return opening


def _list(name: str, label: Callable[[], str]) -> Callable[..., str]:
    def opening(*_args: Any) -> str:
        words = escape(label())
        return f'<div class="{name}" role="group" aria-label="{words}"><p class="{name}-label">{words}</p>\n'

    return opening


# Each label says in words what the card's colour says, so that nothing is lost without colour.
_OPENINGS: dict[str, Callable[..., str]] = {
    "emergency": _care("emergency", lambda: _("Emergency"), lambda: _("Emergency: get help now")),
    "same-day": _care("same-day", lambda: _("Same day"), lambda: _("Same day: get advice today")),
    "soon": _care("soon", lambda: _("Soon"), lambda: _("Soon: get advice in the next few days")),
    "do": _list("do", lambda: pgettext("label of a list of things to do", "Do")),
    "dont": _list("dont", lambda: pgettext("label of a list of things not to do", "Do not")),
    "note": lambda *_args: '<div class="note" role="note">\n',
    "unknown": lambda *_args: "<div>\n",
}


@cache
def _renderer() -> _Renderer:
    renderer = _Renderer()
    for name, opening in _OPENINGS.items():
        renderer.rules[f"container_{name}_open"] = MethodType(opening, renderer)
        renderer.rules[f"container_{name}_close"] = MethodType(lambda *_args: "</div>\n", renderer)
    return renderer


@cache
def _options() -> OptionsDict:
    return parser.core().options
