"""Hypothesis strategies for whole guides, built from the slots, so that a new field is generated at once."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from procedures.document import (
    ANSWER_KEYS,
    CELL_KEYS,
    KEY_PATTERN,
    PARTS,
    SHARED,
    Answer,
    Cell,
    CellState,
    Document,
    FigureType,
    Form,
    Section,
    Slot,
    normal,
    slots,
)

_VISIBLE = st.characters(
    exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
keys = st.from_regex(KEY_PATTERN, fullmatch=True).filter(lambda key: len(key) <= 60)
lines = st.text(_VISIBLE, min_size=1, max_size=40).map(normal)
bodies = st.lists(st.text(_VISIBLE, max_size=40), max_size=6).map(lambda rows: normal("\n".join(rows)))
whole = st.integers(1, 999)
FIGURES: dict[str, st.SearchStrategy[Any]] = {
    FigureType.COURSE: st.fixed_dictionaries({"sessions": st.integers(1, 60), "gap_weeks": st.just([1, 2])}),
    FigureType.DAYS: st.fixed_dictionaries({"stages": st.lists(keys, min_size=1, max_size=3)}),
    FigureType.LAYERS: st.fixed_dictionaries(
        {"layers": st.lists(st.fixed_dictionaries({"name": keys, "note": lines}), min_size=2, max_size=3), "needle_to": st.integers(0, 1)}
    ),
    FigureType.FREQUENCY: st.fixed_dictionaries(
        {
            "denominator": st.just(100),
            "group": lines,
            "comparison": lines,
            "who": lines,
            "rows": st.lists(
                st.fixed_dictionaries({"label": lines, "group": st.integers(0, 100), "comparison": st.integers(0, 100)}),
                min_size=1,
                max_size=2,
            ),
        }
    ),
}  # fmt: skip


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    cites = tuple(draw(st.lists(keys, max_size=2, unique=True)))
    match draw(st.sampled_from(list(CellState))):
        case CellState.TEXT:
            return Cell(state=CellState.TEXT, text=draw(lines), cites=cites)
        case CellState.NO_GOOD_EVIDENCE:
            return Cell(state=CellState.NO_GOOD_EVIDENCE, cites=cites or ("trial",))
        case _:
            return Cell(state=CellState.NOT_LOOKED_INTO)


def value_for(slot: Slot) -> st.SearchStrategy[Any]:
    """Values one field may hold."""
    about = slot.about
    by_form: dict[Form, Any] = {
        Form.KEY: lambda: keys,
        Form.LABEL: lambda: lines.map(lambda text: text[: about.get("limit", 200)]).map(normal),
        Form.LINE: lambda: lines,
        Form.BODY: lambda: bodies,
        Form.LINES: lambda: st.lists(lines, max_size=3).map(tuple),
        Form.LABELS: lambda: st.lists(lines, min_size=slot.required, max_size=3).map(tuple),
        Form.KEYS: lambda: st.lists(keys, max_size=3, unique=True).map(tuple),
        Form.NUMBER: lambda: st.integers(about["low"], about["high"]),
        Form.CHOICE: lambda: st.sampled_from([str(word) for word in about["choices"]]),
        Form.DATE: lambda: st.dates().map(lambda day: day.isoformat()),
        Form.ADDRESS: lambda: keys.map(lambda key: f"https://example.org/{key}"),
        Form.CELLS: lambda: st.fixed_dictionaries(dict.fromkeys(CELL_KEYS, cells())),
    }
    found = by_form[slot.form]()
    if slot.required:
        return found
    return st.one_of(
        st.just(None if slot.form is Form.NUMBER else () if slot.form in (Form.LINES, Form.LABELS, Form.KEYS) else ""),
        found,
    )


@st.composite
def items(draw: st.DrawFn, shape: type) -> Any:
    """One dataclass of the guide."""
    values = {
        slot.attribute: draw(value_for(slot))
        for slot in slots(shape)
        if slot.form not in (Form.DRAWING, Form.PART, Form.PARTS)
    }
    if "type" in values:
        values["data"] = draw(FIGURES[values["type"]])
    return shape(**values)


def _listed(shape: type) -> st.SearchStrategy[Any]:
    if shape is Answer:
        return st.tuples(
            *(items(Answer).map(lambda item, key=key: Answer(**{**vars(item), "key": key})) for key in ANSWER_KEYS)
        )
    return st.lists(items(shape), max_size=2, unique_by=lambda item: item.key).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole guide whose fields each hold what they may; keys that name others need not be there."""
    values: dict[str, Any] = {}
    for slot in slots(Document):
        if slot.attribute == "format":
            continue
        if slot.form is Form.PARTS:
            values[slot.attribute] = draw(_listed({"sections": Section, **PARTS, **SHARED}[slot.about["of"]]))
        elif slot.form is Form.PART:
            values[slot.attribute] = draw(st.one_of(st.none(), items(slot.about["of"])))
        else:
            values[slot.attribute] = draw(value_for(slot))
    return Document(**values)
