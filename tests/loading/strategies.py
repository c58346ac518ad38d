"""Guides of every shape, made from the dataclasses themselves: what a field's Form allows is what is generated."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from procedures.document import (
    ANSWER_KEYS,
    CELL_KEYS,
    PARTS,
    RESERVED_AT_ROOT,
    Answer,
    Cell,
    CellState,
    Claim,
    CostItem,
    Document,
    Emergency,
    Figure,
    Form,
    Section,
    Slot,
    Source,
    Stage,
    Status,
    StatusIs,
    Term,
    WarningSign,
    is_language,
    slots,
)
from procedures.loading.files import tidy_body

_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LABELS = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=_BIDI + "\ufffe\uffff"),
        min_size=1,
        max_size=12,
    )
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: len(text) <= 40)
)
"""Plain text: anything that can be shown, YAML's own signs included."""

PROSE = st.text("abc dé,.;:-#'\"?&%@!{}~0129yesno", min_size=1, max_size=40).map(lambda text: f"W{text}")
"""Markdown on one line without links and marks, full of what YAML could trip over."""

BODIES = st.lists(PROSE, max_size=4).map(lambda lines: tidy_body("\n\n".join(lines)))


def keys(prefix: str) -> st.SearchStrategy[str]:
    """Keys of one list; the prefix keeps lists apart, and away from addresses the site needs."""
    return st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,3})?", fullmatch=True).map(lambda key: f"{prefix}-{key}")


def _some(words: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), unique=True, max_size=3).map(tuple) if words else st.just(())


def _cells(marks: list[str]) -> st.SearchStrategy[Mapping[str, Cell]]:
    cell = st.one_of(
        st.builds(Cell, state=st.just(str(CellState.TEXT)), text=PROSE, cites=_some(marks)),
        st.builds(Cell, state=st.just(str(CellState.NOT_LOOKED_INTO))),
    )
    return st.fixed_dictionaries(dict.fromkeys(CELL_KEYS, cell))


def _value(slot: Slot, marks: list[str], known: Mapping[str, list[str]]) -> st.SearchStrategy[Any]:
    about = slot.about
    made: dict[Form, Any] = {
        Form.LABEL: lambda: LABELS.map(lambda text: text[: about.get("limit", 40)]),
        Form.LINE: lambda: PROSE,
        Form.BODY: lambda: BODIES,
        Form.LINES: lambda: st.lists(PROSE, max_size=3).map(tuple),
        Form.LABELS: lambda: st.lists(LABELS, min_size=int(slot.required), max_size=3).map(tuple),
        Form.KEYS: lambda: _some(known.get(about["of"], marks)),
        Form.NUMBER: lambda: st.integers(about["low"], about["high"]),
        Form.CHOICE: lambda: st.sampled_from([str(word) for word in about["choices"]]),
        Form.DATE: lambda: st.dates().map(str),
        Form.ADDRESS: lambda: st.sampled_from(["https://example.org/", "http://example.org/a?b=c#d"]),
        Form.CELLS: lambda: _cells(marks),
        Form.DRAWING: lambda: st.just({}),
    }
    value: st.SearchStrategy[Any] = made[slot.form]()
    if slot.required:
        return value
    nothing = None if slot.form is Form.NUMBER else () if slot.form in (Form.LINES, Form.LABELS, Form.KEYS) else ""
    return st.one_of(st.just(nothing), value)


@st.composite
def items(
    draw: st.DrawFn, shape: type, *, prefix: str, marks: list[str], known: Mapping[str, list[str]], most: int = 3
) -> Any:
    """A tuple of dataclasses of one shape with keys of their own."""
    found = []
    for key in draw(st.lists(keys(prefix), unique=True, max_size=most)):
        values = {slot.attribute: draw(_value(slot, marks, known)) for slot in slots(shape) if slot.name != "key"}
        if shape is CostItem:
            values["low"], values["high"] = sorted((values["low"], values["high"]))
            values["currency"] = "USD"
        elif shape is Stage and values["to_day"] is not None:
            values["from_day"], values["to_day"] = sorted((values["from_day"], values["to_day"]))
        elif shape is WarningSign and values["to_days"] is not None:
            values["from_hours"] = min(values["from_hours"], values["to_days"] * 24)
        elif shape is Figure:
            values["type"], values["data"] = draw(_drawings())
        elif shape is Section:
            values["slug"] = ""
        found.append(shape(key=key, **values))
    return tuple(found)


@st.composite
def _drawings(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    numbers = st.integers(0, 50)
    span = st.tuples(numbers, numbers).map(lambda pair: sorted(pair))
    text = PROSE
    course = {"gap_weeks": draw(span), "sessions": draw(st.integers(1, 60))}
    if draw(st.booleans()):
        course["onset_weeks"] = draw(span)
    row = st.fixed_dictionaries({"label": text, "group": numbers, "comparison": numbers})
    return draw(
        st.one_of(
            st.just(("course", course)),
            st.fixed_dictionaries(
                {
                    "layers": st.lists(
                        st.fixed_dictionaries({"name": text}, optional={"note": text}), min_size=2, max_size=4
                    ),
                    "needle_to": st.integers(0, 1),
                }
            ).map(lambda data: ("layers", data)),
            st.fixed_dictionaries(
                {
                    "denominator": st.integers(50, 1000),
                    "group": text,
                    "comparison": text,
                    "who": text,
                    "rows": st.lists(row, min_size=1, max_size=3),
                }
            ).map(lambda data: ("frequency", data)),
        )
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A guide that can be released, with all the sources and terms of its folder."""
    sources = draw(items(Source, prefix="s", marks=[], known={}))
    named = {"sources": [source.key for source in sources]}
    terms = draw(items(Term, prefix="t", marks=[], known=named))
    claims = draw(items(Claim, prefix="c", marks=[], known=named))
    marks = [*named["sources"], *(claim.key for claim in claims)]
    signs = draw(items(WarningSign, prefix="w", marks=marks, known=named))
    named["warning_signs"] = [sign.key for sign in signs]
    sections = draw(items(Section, prefix="x", marks=marks, known=named).filter(bool))
    lists = {
        name: draw(items(shape, prefix=name[:2].replace("_", ""), marks=marks, known=named, most=2))
        for name, shape in PARTS.items()
        if name not in ("answers", "claims", "warning_signs")
    }
    answers = tuple(
        Answer(
            key=key,
            text=draw(PROSE),
            more=draw(st.sampled_from(["", f"section:{sections[0].key}"])),
            cites=draw(_some(marks)),
        )
        for key in (draw(st.permutations(ANSWER_KEYS)) if draw(st.booleans()) else ())
    )
    slug = draw(keys("g").filter(lambda key: key not in RESERVED_AT_ROOT and not is_language(key)))
    return Document(
        folder=slug,
        kind="procedure",
        slug=slug,
        language="en",
        title=draw(LABELS),
        summary=draw(st.one_of(st.just(""), PROSE)),
        decision=draw(st.one_of(st.just(""), PROSE)),
        status=draw(
            st.one_of(
                st.none(),
                st.builds(
                    Status, is_=st.sampled_from([str(word) for word in StatusIs]), note=PROSE, cites=_some(marks)
                ),
            )
        ),
        emergency=Emergency(call=draw(st.sampled_from(["911", "112", "call 0"])), place="US"),
        sections=sections,
        answers=answers,
        claims=claims,
        warning_signs=signs,
        sources=tuple(sorted(sources, key=lambda source: source.key)),
        terms=tuple(sorted(terms, key=lambda term: term.key)),
        **lists,
    )
