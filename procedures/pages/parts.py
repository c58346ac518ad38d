"""The keyed parts of a guide, ready for templates: texts rendered, numbers in words, links resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..document import (
    ANSWER_KEYS,
    CELL_KEYS,
    Answer,
    CellState,
    CostItem,
    Document,
    Option,
    Per,
    StatusIs,
    Urgency,
    WarningSign,
)
from ..rendering import Link, plain
from ..rendering.of_document import home_of
from .sheet import Sheet

NBSP = "\u00a0"


@dataclass(frozen=True)
class Text:
    """A label or heading and a rendered text; `url` leads to more."""

    key: str
    label: str
    html: SafeString
    url: str = ""
    more: str = ""
    changed: str = ""


@dataclass(frozen=True)
class Stage:
    key: str
    title: str
    expect: SafeString
    do: tuple[SafeString, ...]
    dont: tuple[SafeString, ...]
    signs: tuple[Link, ...]
    changed: str = ""


@dataclass(frozen=True)
class Cost:
    key: str
    what: SafeString
    amount: str
    per: str
    year: int | None
    basis: SafeString
    includes: tuple[SafeString, ...]
    excludes: tuple[SafeString, ...]
    changed: str = ""


@dataclass(frozen=True)
class Sign:
    key: str
    sign: SafeString
    window: str
    spans: tuple[str, ...]
    """In which of SPANS it counts: `when-1` …"""
    do: SafeString
    call: SafeString
    changed: str = ""


@dataclass(frozen=True)
class Signs:
    """The warning signs of one urgency."""

    urgency: str
    title: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Question:
    key: str
    question: SafeString
    why: SafeString
    changed: str = ""


@dataclass(frozen=True)
class Cell:
    option: str
    state: str
    html: SafeString
    changed: str = ""


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Choice:
    key: str
    name: str
    role: str
    changed: str = ""


@dataclass(frozen=True)
class Choices:
    options: tuple[Choice, ...]
    rows: tuple[Row, ...]


def answers(sheet: Sheet) -> tuple[Text, ...]:
    """The five answers in the order of the questions, whatever the order in the guide."""
    questions = answer_questions()
    place = {key: number for number, key in enumerate(ANSWER_KEYS)}
    found = sorted(sheet.document.answers, key=lambda answer: place.get(answer.key, len(place)))
    texts = []
    for answer in found:
        more = _more(sheet.document, answer)
        texts.append(
            Text(
                key=answer.key,
                label=questions.get(answer.key, answer.key),
                html=sheet.text(answer.text, answer.cites),
                url=more.url if more else "",
                more=more.title if more else "",
                changed=sheet.noted("answers", answer.key),
            )
        )
    return tuple(texts)


def _more(document: Document, answer: Answer) -> Link | None:
    """Where an answer leads on; who needs help now is sent to the page that says what to do."""
    if answer.key == "help-now" and document.warning_signs:
        return Link(f"{home_of(document)}get-help/", _("When to get help"))
    return link(document, answer.more)


def answer_questions() -> dict[str, str]:
    return {
        "approved": _("Is it approved and does it work?"),
        "wrong": _("What can go wrong?"),
        "not-for": _("Am I someone who should not have it?"),
        "cost": _("What will it cost me?"),
        "help-now": _("Something is wrong after my treatment"),
    }


def link(document: Document, target: str) -> Link | None:
    """Where `section:risks` leads; nothing for a section that is not there."""
    section = document.section(target.removeprefix("section:"))
    return Link(f"{home_of(document)}{section.address}/", section.title) if section else None


def status(sheet: Sheet) -> Text | None:
    found = sheet.document.status
    if found is None:
        return None
    label = {
        StatusIs.APPROVED: _("Approved for this use"),
        StatusIs.APPROVED_OTHER_USE: _("Approved, but not for this use"),
        StatusIs.CLEARED_DEVICE: _("A cleared device"),
        StatusIs.COMPOUNDED: _("Mixed to order: not approved"),
        StatusIs.INVESTIGATIONAL: _("Still being studied: not approved"),
    }[StatusIs(found.is_)]
    html = sheet.text(found.note, found.cites)
    return Text(key=found.is_, label=label, html=html, changed=sheet.note(sheet.own("status")))


def key_facts(sheet: Sheet) -> tuple[Text, ...]:
    return tuple(
        Text(
            key=fact.key,
            label=fact.label,
            html=sheet.text(fact.text, fact.cites),
            changed=sheet.noted("key_facts", fact.key),
        )
        for fact in sheet.document.key_facts
    )


def stages(sheet: Sheet, keys: Iterable[str] | None = None, *, titles_only: bool = False) -> tuple[Stage, ...]:
    """The stages of recovery, all or those named, each with links to its warning signs; or their titles alone."""
    chosen = None if keys is None else set(keys)
    signs = {sign.key: sign for sign in sheet.document.warning_signs}
    help_page = f"{home_of(sheet.document)}get-help/"
    return tuple(
        Stage(
            key=stage.key,
            title=stage.title,
            expect=sheet.text("") if titles_only else sheet.text(stage.expect, stage.cites),
            do=() if titles_only else tuple(sheet.text(item) for item in stage.do),
            dont=() if titles_only else tuple(sheet.text(item) for item in stage.dont),
            signs=tuple(
                Link(f"{help_page}#{key}", plain(signs[key].sign, inline=True)) for key in stage.signs if key in signs
            ),
            changed=sheet.noted("stages", stage.key),
        )
        for stage in sheet.document.stages
        if chosen is None or stage.key in chosen
    )


def costs(sheet: Sheet) -> tuple[Cost, ...]:
    return tuple(
        Cost(
            key=cost.key,
            what=sheet.text(cost.what, cost.cites),
            amount=amount(cost),
            per=per_words(cost.per),
            year=cost.year,
            basis=sheet.text(cost.basis),
            includes=tuple(sheet.text(item) for item in cost.includes),
            excludes=tuple(sheet.text(item) for item in cost.excludes),
            changed=sheet.noted("costs", cost.key),
        )
        for cost in sheet.document.costs
    )


def amount(cost: CostItem) -> str:
    """The price as words: `$200 to $600`; one number where low and high are the same."""
    low, high = money(cost.low, cost.currency), money(cost.high, cost.currency)
    return low if cost.low == cost.high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def money(value: int, currency: str) -> str:
    number = number_format(value, use_l10n=True, force_grouping=True)
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency)
    return f"{sign}{number}" if sign else f"{currency}{NBSP}{number}"


def per_words(per: str) -> str:
    return {Per.SESSION: _("for each session"), Per.COURSE: _("for a course"), Per.ITEM: _("each")}[Per(per)]


def questions(sheet: Sheet) -> tuple[Question, ...]:
    return tuple(
        Question(
            key=item.key,
            question=sheet.text(item.question),
            why=sheet.text(item.why, item.cites),
            changed=sheet.noted("questions", item.key),
        )
        for item in sheet.document.questions
    )


def warning_signs(sheet: Sheet) -> tuple[Signs, ...]:
    """The warning signs by urgency, the most urgent first; urgencies without signs are left out."""
    call = sheet.document.emergency.call if sheet.document.emergency else ""
    titles = {
        Urgency.EMERGENCY: _("Call %(number)s now if you have:") % {"number": call}
        if call
        else _("Get help now if you have:"),
        Urgency.SAME_DAY: _("Be seen today if you have:"),
        Urgency.SOON: _("Be seen in the next few days if you have:"),
    }
    groups = []
    for urgency, title in titles.items():
        found = tuple(_sign(sheet, sign) for sign in sheet.document.warning_signs if sign.urgency == urgency)
        if found:
            groups.append(Signs(urgency=str(urgency), title=title, signs=found))
    return tuple(groups)


def _sign(sheet: Sheet, sign: WarningSign) -> Sign:
    return Sign(
        key=sign.key,
        sign=sheet.text(sign.sign, sign.cites),
        window=window(sign.from_hours, sign.to_days),
        spans=spans(sign.from_hours, sign.to_days),
        do=sheet.text(sign.do),
        call=sheet.text("" if sheet.document.emergency and sign.call == sheet.document.emergency.call else sign.call),
        changed=sheet.noted("warning_signs", sign.key),
    )


SPANS = ((0, 3), (4, 14), (15, 21), (22, None))
"""Days since the treatment a reader can choose from; the last has no end, because infection may show months later."""


def spans(from_hours: int, to_days: int | None) -> tuple[str, ...]:
    """The names of the spans in which a sign of this window counts."""
    first = from_hours // 24
    return tuple(
        f"when-{number}"
        for number, (begins, ends) in enumerate(SPANS, start=1)
        if (ends is None or first <= ends) and (to_days is None or to_days >= begins)
    )


def span_titles() -> tuple[tuple[str, str], ...]:
    """What a reader chooses from, by the name of each span."""
    titles = (_("3 days ago or less"), _("4 to 14 days ago"), _("15 to 21 days ago"), _("More than 3 weeks ago"))
    return tuple((f"when-{number}", title) for number, title in enumerate(titles, start=1))


def window(from_hours: int, to_days: int | None) -> str:
    """When a sign counts, in words, from hours and days after a treatment; empty for one that counts at any time."""
    first = from_hours // 24
    if to_days is None:
        return _("from day %(day)s on") % {"day": first} if first else ""
    if not first:
        return ngettext("in the first day", "in the first %(days)s days", to_days) % {"days": to_days}
    return _("from day %(first)s to day %(last)s") % {"first": first, "last": to_days}


def options(sheet: Sheet) -> Choices:
    """The choice table, row by row as a table is read, and the same cells option by option."""
    titles = cell_titles()
    rows = []
    for key in CELL_KEYS:
        cells = tuple(_cell(sheet, option, key) for option in sheet.document.options)
        rows.append(Row(key=key, title=titles[key], cells=cells))
    return Choices(
        options=tuple(_choice(sheet, option) for option in sheet.document.options),
        rows=tuple(rows),
    )


def _choice(sheet: Sheet, option: Option) -> Choice:
    earlier = sheet.before("options", option.key)
    same = earlier is not None and (earlier.name, earlier.role) == (option.name, option.role)
    return Choice(
        option.key,
        option.name,
        str(option.role),
        sheet.note(sheet.differs("options", option.key) and not same, part=f"guide.yaml#options/{option.key}"),
    )


def _cell(sheet: Sheet, option: Option, key: str) -> Cell:
    cell = option.cells.get(key)
    earlier = sheet.before("options", option.key)
    differs = sheet.differs("options", option.key) and (earlier is None or earlier.cells.get(key) != cell)
    state = str(cell.state) if cell else str(CellState.NOT_LOOKED_INTO)
    if cell is None or state == CellState.NOT_LOOKED_INTO:
        html = sheet.text(_("We have not looked into this."), cell.cites if cell else ())
    elif state == CellState.NO_GOOD_EVIDENCE:
        html = sheet.text(_("We found no good evidence."), cell.cites)
    else:
        html = sheet.text(cell.text, cell.cites)
    return Cell(option=option.name, state=state, html=html, changed=sheet.note(differs))


def cell_titles() -> dict[str, str]:
    return {
        "what": _("What it is"),
        "approval": _("Approved?"),
        "who_for": _("Who it is for"),
        "benefit": _("What it can do"),
        "harms": _("What can go wrong"),
        "pain": _("Pain"),
        "recovery": _("Recovery"),
        "sessions": _("How many sessions"),
        "cost": _("Cost"),
        "if_wrong": _("If something goes wrong"),
        "unknown": _("What nobody knows"),
    }
