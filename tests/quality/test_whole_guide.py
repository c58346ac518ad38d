"""The checks that look at more than one text: guides they must find something in, and guides they must leave alone."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from procedures.document import CELL_KEYS, Cell, CostItem, Option, Section, Source, WarningSign
from procedures.quality import ERRORS, WARNINGS, findings
from tests.conftest import make_document

from .texts import FIND, LEAVE

TODAY = datetime.date(2026, 11, 22)
PLAIN = make_document()


def checks(**changes: object) -> set[str]:
    return {finding.check for finding in findings(make_document(**changes), today=TODAY)}


def sign(urgency: str) -> WarningSign:
    return dataclasses.replace(PLAIN.warning_signs[0], key=f"sign-{urgency}", urgency=urgency)


def price(year: int | None) -> CostItem:
    return dataclasses.replace(PLAIN.costs[0], year=year)


def source(opened: str, **changes: object) -> tuple[Source, ...]:
    return tuple(dataclasses.replace(one, opened=opened, **changes) for one in PLAIN.sources)


def options(*lengths: int, filled: int = 11) -> tuple[Option, ...]:
    """Options whose filled cells hold so many words each."""
    return tuple(
        Option(
            key=f"option-{number}",
            name=f"Option {number}",
            role="other",
            cells={
                row: Cell(state="text", text="word " * length) if place < filled and length else Cell()
                for place, row in enumerate(CELL_KEYS)
            },
        )
        for number, length in enumerate(lengths)
    )


def sections(*counts: int) -> tuple[Section, ...]:
    return tuple(Section(key=f"part-{n}", title="Part", body="word. " * count) for n, count in enumerate(counts))


EMERGENCY = "no-emergency-sign"
EMERGENCY_FIND = [
    (), (sign("soon"),), (sign("same-day"),), (sign("soon"), sign("same-day")), (sign("same-day"), sign("soon")),
    (sign("soon"), sign("soon")), (sign("same-day"), sign("same-day")), (sign(""),), (sign("urgent"),),
    (sign("Emergency"),), (sign("soon"), sign("")),
]  # fmt: skip
EMERGENCY_LEAVE = [
    (sign("emergency"),), (sign("soon"), sign("emergency")), (sign("emergency"), sign("soon")),
    (sign("same-day"), sign("emergency")), (sign("emergency"), sign("same-day")), (sign("emergency"), sign("emergency")),
    (sign("soon"), sign("same-day"), sign("emergency")), (sign("emergency"), sign("soon"), sign("same-day")),
    (sign("soon"), sign("soon"), sign("emergency")), (sign("same-day"), sign("soon"), sign("emergency")),
]  # fmt: skip


@pytest.mark.parametrize("signs", EMERGENCY_FIND)
def test_a_guide_without_an_emergency_sign_is_found(signs: tuple[WarningSign, ...]) -> None:
    assert EMERGENCY in checks(warning_signs=signs)


@pytest.mark.parametrize("signs", EMERGENCY_LEAVE)
def test_a_guide_with_an_emergency_sign_is_left_alone(signs: tuple[WarningSign, ...]) -> None:
    assert EMERGENCY not in checks(warning_signs=signs)


def test_the_sites_own_pages_need_no_emergency_sign() -> None:
    assert EMERGENCY not in checks(kind="site", warning_signs=())


PRICE_FIND = [1999, 2005, 2010, 2015, 2018, 2020, 2022, 2023, 2024, None]
PRICE_LEAVE = [
    (2026, "2026-11-22"), (2025, "2026-11-22"), (2025, "2027-06-30"), (2024, "2026-01-01"), (2024, "2026-06-30"),
    (2026, "2026-01-01"), (2026, "2027-12-31"), (2010, "2010-05-05"), (2010, "2012-06-30"), (2027, "2026-11-22"),
]  # fmt: skip


@pytest.mark.parametrize("year", PRICE_FIND)
def test_an_old_or_undated_price_is_found(year: int | None) -> None:
    assert "old-price" in checks(costs=(price(year),))


@pytest.mark.parametrize(("year", "today"), PRICE_LEAVE)
def test_a_price_within_eighteen_months_is_left_alone(year: int, today: str) -> None:
    document = make_document(costs=(price(year),))
    found = findings(document, today=datetime.date.fromisoformat(today))
    assert "old-price" not in {finding.check for finding in found}


def test_a_price_is_old_from_the_first_day_of_the_nineteenth_month_after_its_year() -> None:
    document = make_document(costs=(price(2024),))
    late = findings(document, today=datetime.date(2026, 7, 1))
    assert "old-price" in {finding.check for finding in late}


OPENED_FIND = [
    "", "2025-11-21", "2025-11-20", "2025-10-01", "2025-01-01", "2024-12-31", "2024-02-29", "2020-01-01", "2010-04-07",
    "1999-12-31",
]  # fmt: skip
OPENED_LEAVE = [
    "2026-11-22", "2026-11-21", "2026-11-01", "2026-06-30", "2026-02-28", "2026-01-01", "2025-12-31", "2025-12-01",
    "2025-11-23", "2025-11-22",
]  # fmt: skip


@pytest.mark.parametrize("opened", OPENED_FIND)
def test_a_source_not_opened_within_a_year_is_found(opened: str) -> None:
    assert "source-not-opened" in checks(sources=source(opened))


@pytest.mark.parametrize("opened", OPENED_LEAVE)
def test_a_source_opened_within_a_year_is_left_alone(opened: str) -> None:
    assert "source-not-opened" not in checks(sources=source(opened))


def test_a_source_without_an_address_cannot_be_opened() -> None:
    assert "source-not-opened" not in checks(sources=source("", url="", doi="", pmid="", pmcid=""))


DUE_FIND = [
    "2026-11-21", "2026-11-20", "2026-11-01", "2026-10-22", "2026-01-01", "2025-12-31", "2025-11-22", "2024-02-29",
    "2020-06-30", "1999-12-31",
]  # fmt: skip
DUE_LEAVE = [
    None, "2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01", "2027-11-22", "2028-02-29",
    "2036-11-22",
]  # fmt: skip


def due(day: str | None) -> set[str]:
    review_due = datetime.date.fromisoformat(day) if day else None
    return {finding.check for finding in findings(PLAIN, today=TODAY, review_due=review_due)}


@pytest.mark.parametrize("day", DUE_FIND)
def test_a_review_whose_day_has_passed_is_found(day: str) -> None:
    assert "review-overdue" in due(day)


@pytest.mark.parametrize("day", DUE_LEAVE)
def test_a_review_that_is_due_today_or_later_is_left_alone(day: str | None) -> None:
    assert "review-overdue" not in due(day)


OPTIONS_FIND = [
    (20, 20, 26), (20, 20, 14), (10, 10, 13), (20, 20, 20, 30), (5, 20, 20), (20, 40), (6, 12), (30, 30, 22),
    (1, 10, 10), (20, 21, 19, 27),
]  # fmt: skip
OPTIONS_LEAVE = [
    (20, 20, 20), (20, 20, 25), (20, 20, 15), (20, 24), (10, 12, 11), (20, 0, 20), (20,), (), (16, 20, 24),
    (30, 30, 24), (0, 0),
]  # fmt: skip


@pytest.mark.parametrize("lengths", OPTIONS_FIND)
def test_options_of_unequal_weight_are_found(lengths: tuple[int, ...]) -> None:
    assert "unequal-options" in checks(options=options(*lengths))


@pytest.mark.parametrize("lengths", OPTIONS_LEAVE)
def test_options_of_equal_weight_are_left_alone(lengths: tuple[int, ...]) -> None:
    assert "unequal-options" not in checks(options=options(*lengths))


def test_unfilled_cells_do_not_make_an_option_light() -> None:
    full, thin = options(20), options(20, filled=3)
    assert "unequal-options" not in checks(options=(*full, dataclasses.replace(thin[0], key="thin")))


LENGTH_FIND = [(700,), (701,), (800,), (10, 900), (900, 10), (2000,), (699, 700), (600,) * 11, (690,) * 9, (3000, 3001)]
LENGTH_LEAVE = [(0,), (1,), (350,), (650,), (698,), (600, 600), (690,) * 8, (500,) * 11, (100,) * 40, (698,) * 8]


@pytest.mark.parametrize("counts", LENGTH_FIND)
def test_a_long_section_or_guide_is_found(counts: tuple[int, ...]) -> None:
    assert "length" in checks(sections=sections(*counts))


@pytest.mark.parametrize("counts", LENGTH_LEAVE)
def test_sections_and_guides_of_the_right_length_are_left_alone(counts: tuple[int, ...]) -> None:
    assert "length" not in checks(sections=sections(*counts))


def test_a_guide_page_over_its_length_is_found() -> None:
    answers = tuple(dataclasses.replace(answer, text="word " * 80) for answer in PLAIN.answers)
    assert "length" in checks(answers=answers)


def test_parts_with_cites_need_no_mark_of_their_own() -> None:
    fact = dataclasses.replace(PLAIN.key_facts[0], text="72 in 100 people bruised and it hurts.")
    assert not {"figure-without-mark", "risk-without-mark"} & checks(key_facts=(fact,))
    bare = dataclasses.replace(fact, cites=())
    assert {"figure-without-mark", "risk-without-mark"} <= checks(key_facts=(bare,))


def test_a_cell_is_about_the_option_it_belongs_to() -> None:
    cell = Cell(state="text", text="87 in 100 people swelled.", cites=("kybella-label",))
    cells = {row: Cell() for row in CELL_KEYS} | {"harms": cell}
    sources = (*PLAIN.sources, dataclasses.replace(PLAIN.sources[0], key="kybella-label"))
    named = Option(key="k", name="Kybella shots", role="other", cells=cells)
    other = Option(key="k", name="Mesotherapy", role="this", cells=cells)
    assert "borrowed-figure" not in checks(options=(named,), sources=sources)
    assert "borrowed-figure" in checks(options=(other,), sources=sources)


def test_another_language_is_not_read_as_english() -> None:
    body = "It is safe. It is clinically proven; infection helps. " + "palabra " * 60 + "."
    english = {"cited-word", "cited-phrase", "long-sentence", "average-sentence", "reading-grade", "risk-without-mark"}
    there = (Section(key="overview", title="Overview", body=body + "\n\nSon 72 de 100.\n\n![mapa](image:map)"),)
    assert english - {"cited-phrase"} <= checks(sections=there)
    spanish = checks(sections=there, language="es")
    assert not english & spanish
    assert {"figure-without-mark", "markup"} <= spanish


def test_the_sites_own_pages_may_count_without_a_mark() -> None:
    there = (Section(key="privacy", title="Privacy", body="This site sets 0 cookies. It harms nobody.\n"),)
    assert not {"figure-without-mark", "risk-without-mark"} & checks(kind="site", sections=there)


def test_a_guide_link_is_checked_only_against_guides_that_are_known() -> None:
    document = make_document(sections=(Section(key="overview", title="Overview", body="See [it](guide:other).\n"),))
    assert "markup" not in {one.check for one in findings(document, today=TODAY)}
    assert "markup" in {one.check for one in findings(document, today=TODAY, guides={})}


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "See [it](section:risks#nowhere)."},
        {"decision": "See [it](section:risks#nowhere)."},
        {"answers": (dataclasses.replace(PLAIN.answers[0], more="section:risks#nowhere"), *PLAIN.answers[1:])},
        {"questions": (dataclasses.replace(PLAIN.questions[0], why="See [it](section:risks#nowhere)."),)},
        {"sections": (dataclasses.replace(PLAIN.sections[0], summary="See [it](#nowhere)."), *PLAIN.sections[1:])},
    ],
)
def test_a_link_to_a_heading_is_followed_from_one_line_texts_too(changes: dict[str, object]) -> None:
    assert "broken-link" in checks(**changes)
    there = {"#nowhere": "#what-can-go-wrong"}
    if "sections" in changes:
        there = {"#nowhere": "#what-it-is"}
    assert "broken-link" not in checks(**mended(changes, there))


def mended(changes: dict[str, object], there: dict[str, str]) -> dict[str, object]:
    """The same changes with links to a heading that is there."""

    def mend(value: object) -> object:
        if isinstance(value, str):
            for old, new in there.items():
                value = value.replace(old, new)
            return value
        if isinstance(value, tuple):
            return tuple(mend(one) for one in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value) if isinstance(getattr(value, field.name), str)]
            return dataclasses.replace(value, **{name: mend(getattr(value, name)) for name in names})
        return value

    return {name: mend(value) for name, value in changes.items()}


TABLES: dict[str, tuple[list[object], list[object]]] = {
    "no-emergency-sign": (EMERGENCY_FIND, EMERGENCY_LEAVE),
    "old-price": (PRICE_FIND, PRICE_LEAVE),
    "source-not-opened": (OPENED_FIND, OPENED_LEAVE),
    "review-overdue": (DUE_FIND, DUE_LEAVE),
    "unequal-options": (OPTIONS_FIND, OPTIONS_LEAVE),
    "length": (LENGTH_FIND, LENGTH_LEAVE),
}  # type: ignore[dict-item]


@pytest.mark.parametrize("check", sorted(TABLES))
def test_each_check_has_ten_guides_of_both_kinds(check: str) -> None:
    find, leave = TABLES[check]
    assert len({repr(one) for one in find}) >= 10
    assert len({repr(one) for one in leave}) >= 10


def test_every_check_has_a_table_and_every_table_a_check() -> None:
    assert set(FIND) | set(TABLES) == set(ERRORS) | set(WARNINGS)
    assert set(FIND) == set(LEAVE)
    assert not set(ERRORS) & set(WARNINGS)
