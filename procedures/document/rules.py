"""What may stand in a guide, said once for files, admin forms and the steps. Messages tell what to do."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from . import translation
from .addresses import RESERVED_AT_ROOT, RESERVED_IN_GUIDE, is_language
from .figures import problems as figure_problems
from .shape import (
    ANSWER_KEYS,
    BODY_LIMIT,
    CELL_KEYS,
    KEY_PATTERN,
    LINE_LIMIT,
    PARTS,
    SHARED,
    TITLE_LIMIT,
    Cell,
    CellState,
    CostItem,
    Document,
    Form,
    Kind,
    Slot,
    Stage,
    WarningSign,
    slots,
)

_KEY = re.compile(KEY_PATTERN)
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z0-9]{2,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\^`{|}]+")
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KEY_LIMIT = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: in which list ("" for the guide itself), which item, which field, and what to do."""

    message: str
    field: str = ""
    list: str = ""
    key: str = ""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _characters(text: str, *, lines: bool) -> str | None:
    for character in text:
        if character == "\n" and lines:
            continue
        category = unicodedata.category(character)
        if category in ("Cc", "Cs") and not (character == "\t" and lines):
            return f"holds a character that cannot be shown (U+{ord(character):04X}); remove it"
        if character in _BIDI_OVERRIDES:
            return f"holds an invisible mark that reorders text (U+{ord(character):04X}); remove it"
    return None


def _plain_line(text: Any, *, limit: int) -> str | None:
    if not isinstance(text, str):
        return "must be text; put it in quotes"
    if "\n" in text:
        return "must stand on one line"
    if len(text) > limit:
        return f"is {len(text)} characters long; at most {limit} fit"
    return _characters(text, lines=False)


def _body(text: Any) -> str | None:
    if not isinstance(text, str):
        return "must be text"
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > BODY_LIMIT:
        return f"is {size} bytes long; at most {BODY_LIMIT} fit. Split the section"
    return _characters(text, lines=True)


def _key(value: Any) -> str | None:
    if not isinstance(value, str) or not _KEY.fullmatch(value) or len(value) > KEY_LIMIT:
        return f"must be small letters, digits and single hyphens, at most {KEY_LIMIT}, such as `side-effects`"
    return None


def _number(value: Any, *, low: int, high: int) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number, without quotes, points or signs of money"
    if not low <= value <= high:
        return f"must lie between {low} and {high}"
    return None


def _list(value: Any, check: Callable[[Any], str | None]) -> str | None:
    if not isinstance(value, tuple | list):
        return "must be a list"
    for entry in value:
        if entry == "" or entry is None:
            return "holds an empty entry; fill or remove it"
        wrong = check(entry)
        if wrong:
            return f"entry {entry!r} {wrong}"
    return None


def _keys(value: Any) -> str | None:
    wrong = _list(value, _key)
    if wrong is None and len(set(value)) != len(value):
        return "names a key twice"
    return wrong


def _date(value: Any) -> str | None:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError
        datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        return "must be a date such as 2026-11-22"
    return None


def _cells(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "must be a mapping of rows"
    unknown = [name for name in value if name not in CELL_KEYS]
    if unknown:
        return f"has no row `{unknown[0]}`{did_you_mean(str(unknown[0]), CELL_KEYS)}"
    missing = [name for name in CELL_KEYS if name not in value]
    if missing:
        return f"lacks the row `{missing[0]}`; write `{{state: not-looked-into}}` where nothing is known yet"
    for name, cell in value.items():
        wrong = _cell(cell)
        if wrong:
            return f"row `{name}` {wrong}"
    return None


def _cell(cell: Any) -> str | None:
    if not isinstance(cell, Cell) or cell.state not in set(CellState):
        return "must have a `text`, or the state no-good-evidence or not-looked-into"
    if cell.state == CellState.TEXT and not cell.text:
        return "is empty; write a `text`, or the state no-good-evidence or not-looked-into"
    if cell.state == CellState.NO_GOOD_EVIDENCE and not cell.cites:
        return "says that no good evidence was found; name in `cites` who looked"
    if cell.state == CellState.NOT_LOOKED_INTO and cell.cites:
        return "says that nobody has looked; it cannot have `cites`"
    return _plain_line(cell.text, limit=LINE_LIMIT) or _keys(cell.cites)


def slot_problem(slot: Slot, value: Any) -> str | None:
    """What is wrong with one field's value, as the end of a sentence that starts with the field's name; or None."""
    if value in ("", (), None):
        return "is missing" if slot.required else None
    form, about = slot.form, slot.about
    checks: dict[Form, Callable[[], str | None]] = {
        Form.KEY: lambda: _key(value),
        Form.LABEL: lambda: _plain_line(value, limit=about.get("limit", TITLE_LIMIT)),
        Form.LINE: lambda: _plain_line(value, limit=LINE_LIMIT),
        Form.BODY: lambda: _body(value),
        Form.LINES: lambda: _list(value, lambda entry: _plain_line(entry, limit=LINE_LIMIT)),
        Form.LABELS: lambda: _list(value, lambda entry: _plain_line(entry, limit=TITLE_LIMIT)),
        Form.KEYS: lambda: _keys(value),
        Form.NUMBER: lambda: _number(value, low=about["low"], high=about["high"]),
        Form.DATE: lambda: _date(value),
        Form.CELLS: lambda: _cells(value),
    }
    if form is Form.CHOICE:
        allowed = [str(word) for word in about["choices"]]
        if value in allowed:
            return None
        return f"is {value!r}; it must be one of {', '.join(allowed)}{did_you_mean(str(value), allowed)}"
    if form is Form.ADDRESS:
        if isinstance(value, str) and len(value) <= 1000 and _ADDRESS.fullmatch(value):
            return None
        return "must be an address that starts with https:// or http:// and holds no spaces"
    return checks[form]() if form in checks else None


def _across(item: Any) -> Iterator[tuple[str, str]]:
    if isinstance(item, CostItem):
        if _whole(item.low) and _whole(item.high) and item.low > item.high:
            yield "high", "is smaller than `low`"
        if item.currency and not _CURRENCY.fullmatch(str(item.currency)):
            yield "currency", "must be three capital letters, such as USD"
    elif isinstance(item, Stage):
        if _whole(item.from_day) and _whole(item.to_day) and item.from_day > item.to_day:
            yield "to_day", "is before `from_day`"
    elif isinstance(item, WarningSign):
        if _whole(item.from_hours) and _whole(item.to_days) and item.from_hours > item.to_days * 24:
            yield "to_days", "ends before `from_hours` begins"
    elif hasattr(item, "data"):
        for wrong in figure_problems(str(item.type), item.data):
            yield "data", f"is not right: {wrong}"


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def item_faults(item: Any) -> list[Fault]:
    """What is wrong inside one dataclass of `shape`, looked at by itself."""
    faults = []
    for slot in slots(type(item)):
        if slot.form in (Form.PARTS, Form.PART):
            continue
        wrong = slot_problem(slot, getattr(item, slot.attribute))
        if wrong:
            faults.append(Fault(f"`{slot.name}` {wrong}", field=slot.name, key=_text_key(item)))
    faults += [Fault(f"`{name}` {wrong}", field=name, key=_text_key(item)) for name, wrong in _across(item)]
    return faults


def _text_key(item: Any) -> str:
    key = getattr(item, "key", "")
    return key if isinstance(key, str) else ""


def _own(document: Document) -> Iterator[Fault]:
    yield from item_faults(document)
    if document.language and not _LANGUAGE.fullmatch(str(document.language)):
        yield Fault("`language` must be a language tag such as en or es", field="language")
    if document.slug in RESERVED_AT_ROOT or is_language(document.slug):
        yield Fault(f"`slug` {document.slug!r} is an address the site needs itself; choose another", field="slug")
    for name in ("status", "emergency"):
        part = getattr(document, name)
        if part is not None:
            for fault in item_faults(part):
                yield Fault(fault.message.replace("`", f"`{name}.", 1), field=f"{name}.{fault.field}")
    if document.kind == Kind.PROCEDURE and document.emergency is None:
        yield Fault("`emergency` is missing; say which number to call, and where it holds", field="emergency")


def _addresses(document: Document) -> Iterator[Fault]:
    reserved = RESERVED_AT_ROOT if document.kind == Kind.SITE else RESERVED_IN_GUIDE
    taken: dict[str, str] = {}
    for section in document.sections:
        address = section.address
        if section.slug and _key(section.slug):
            yield Fault(f"`slug` {_key(section.slug)}", field="slug", list="sections", key=section.key)
        if not isinstance(address, str):
            continue
        if address in reserved or (document.kind == Kind.SITE and is_language(address)):
            message = f"`slug` {address!r} is an address the site needs itself; choose another"
            yield Fault(message, field="slug", list="sections", key=section.key)
        if address in taken:
            message = f"`slug` {address!r} is already the address of `{taken[address]}`; choose another"
            yield Fault(message, field="slug", list="sections", key=section.key)
        taken.setdefault(address, section.key)


def _keys_once(document: Document) -> Iterator[Fault]:
    for name in ("sections", *PARTS, *SHARED):
        seen: set[str] = set()
        for item in document.items(name):
            if item.key in seen:
                yield Fault(f"the key `{item.key}` stands twice in `{name}`", field="key", list=name, key=item.key)
            seen.add(item.key)
    both = {claim.key for claim in document.claims} & {source.key for source in document.sources}
    for key in sorted(both):
        message = f"`{key}` is a claim and a source at once; rename the claim so that a mark means one thing"
        yield Fault(message, field="key", list="claims", key=key)


def _answers(document: Document) -> Iterator[Fault]:
    if not document.answers:
        return
    have = [answer.key for answer in document.answers]
    for key in have:
        if key not in ANSWER_KEYS:
            message = f"no answer is called `{key}`{did_you_mean(key, ANSWER_KEYS)}; use {', '.join(ANSWER_KEYS)}"
            yield Fault(message, field="key", list="answers", key=key)
    for key in ANSWER_KEYS:
        if key not in have:
            yield Fault(f"the answer `{key}` is missing; a guide has all five or none", list="answers")


def _references(document: Document) -> Iterator[Fault]:
    sources = {source.key for source in document.sources}
    known = {
        "sources": sources,
        "marks": sources | {claim.key for claim in document.claims},
        "warning_signs": {sign.key for sign in document.warning_signs},
    }
    sections = {section.key for section in document.sections}
    for name in (*PARTS, "terms"):
        for item in document.items(name):
            for slot in slots(type(item)):
                if slot.form is Form.KEYS:
                    yield from _unknown(getattr(item, slot.attribute), slot, known, list_=name, key=item.key)
                elif slot.form is Form.CELLS and isinstance(item.cells, Mapping):
                    for row, cell in item.cells.items():
                        if isinstance(cell, Cell):
                            yield from _unknown(cell.cites, slot, known, list_=name, key=item.key, row=row)
    if document.status is not None:
        for key in document.status.cites:
            if key not in known["marks"]:
                message = f'unknown source "{key}"{did_you_mean(key, known["marks"])}'
                yield Fault(message, field="status.cites")
    first = document.sections[0].key if document.sections else "overview"
    for answer in document.answers:
        kind, _, rest = str(answer.more).partition(":")
        if answer.more and (kind != "section" or rest.partition("#")[0] not in sections):
            message = f'`more` must name a section of this guide, such as "section:{first}"'
            yield Fault(message + did_you_mean(rest, sections), field="more", list="answers", key=answer.key)
    stages = {stage.key for stage in document.stages}
    for figure in document.figures:
        named = figure.data.get("stages") if isinstance(figure.data, Mapping) else None
        for key in named if isinstance(named, tuple | list) else ():
            if isinstance(key, str) and key not in stages:
                message = f'unknown stage "{key}"{did_you_mean(key, stages)}'
                yield Fault(message, field="data", list="figures", key=figure.key)


def _unknown(
    keys: Any, slot: Slot, known: Mapping[str, set[str]], *, list_: str, key: str, row: str = ""
) -> Iterator[Fault]:
    what = slot.about.get("of", "marks")
    word = "warning sign" if what == "warning_signs" else "source"
    for name in keys if isinstance(keys, tuple | list) else ():
        if isinstance(name, str) and name not in known[what]:
            where = f"row `{row}`: " if row else ""
            message = f'{where}unknown {word} "{name}"{did_you_mean(name, known[what])}'
            yield Fault(message, field=slot.name, list=list_, key=key)


def document_faults(document: Document) -> list[Fault]:
    """Everything wrong in a whole guide that can be told without looking into its Markdown.

    `sources`, `terms` and `images` may hold all there are or just the used ones: what is cited must be among them.
    """
    faults = list(_own(document))
    for name in ("sections", *PARTS, *SHARED):
        for item in document.items(name):
            faults += [Fault(fault.message, fault.field, name, item.key) for fault in item_faults(item)]
    if not document.sections:
        faults.append(Fault("`sections` is empty; a guide needs at least one", field="sections"))
    faults += [Fault(message, field="translated") for message in translation.faults(document)]
    for rule in (_addresses, _keys_once, _answers, _references):
        faults += rule(document)
    return faults
