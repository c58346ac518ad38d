# ruff: noqa: E501
"""What the data of a figure must look like."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.document import figure_problems

LAYERS = [{"name": "Skin", "note": "Thin."}, {"name": "Fat"}]
ROW = {"label": "Pain", "group": 61, "comparison": 12}
FREQUENCY = {"denominator": 100, "group": "Treated", "comparison": "Not treated", "who": "Adults", "rows": [ROW]}
COURSE = {"sessions": 10, "gap_weeks": [1, 2]}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("course", COURSE),
        ("course", {**COURSE, "onset_weeks": [4, 12]}),
        ("days", {"stages": ["day-0"]}),
        ("layers", {"layers": LAYERS, "needle_to": 1}),
        ("frequency", FREQUENCY),
    ],
)
def test_right_data_has_no_problem(kind: str, data: dict[str, Any]) -> None:
    assert figure_problems(kind, data) == []


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("pie", {}, "a figure of type 'pie' is unknown"),
        ("course", [], "`data` must be a mapping"),
        ("course", {**COURSE, "color": 1}, "`color` is not part of a course figure"),
        ("course", {**COURSE, "sessions": True}, "`sessions` must be a whole number from 1 to 60"),
        ("course", {**COURSE, "sessions": 61}, "`sessions` must be a whole number from 1 to 60"),
        ("course", {**COURSE, "gap_weeks": [2, 1]}, "`gap_weeks` must be two whole numbers of weeks, the smaller first"),
        ("course", {"sessions": 1}, "`gap_weeks` must be two whole numbers of weeks, the smaller first"),
        ("course", {**COURSE, "onset_weeks": 4}, "`onset_weeks` must be two whole numbers of weeks, the smaller first"),
        ("days", {"stages": []}, "`stages` must be a list of keys of the guide's stages"),
        ("days", {"stages": [1]}, "`stages` must be a list of keys of the guide's stages"),
        ("layers", {"layers": LAYERS[:1], "needle_to": 0}, "`layers` must be 2 to 6 entries, each with a `name` and, if wanted, a `note`"),
        ("layers", {"layers": [{"name": "A", "depth": 1}, {"name": "B"}], "needle_to": 0}, "`layers` must be 2 to 6 entries, each with a `name` and, if wanted, a `note`"),
        ("layers", {"layers": LAYERS, "needle_to": 2}, "`needle_to` must be the place of a layer, counted from 0"),
        ("frequency", {**FREQUENCY, "denominator": 0}, "`denominator` must be a whole number from 1 to 1000 (how many people the figures are out of)"),
        ("frequency", {**FREQUENCY, "who": ""}, "`who` must be a short text"),
        ("frequency", {**FREQUENCY, "rows": []}, "`rows` must be 1 to 12 entries"),
        ("frequency", {**FREQUENCY, "rows": [ROW, {**ROW, "comparison": None}]}, "row 2 must have a `label`, and for `group` and `comparison` a whole number of people from 0 to 100: a figure without its comparison misleads"),
        ("frequency", {**FREQUENCY, "rows": [{**ROW, "group": 101}]}, "row 1 must have a `label`, and for `group` and `comparison` a whole number of people from 0 to 100: a figure without its comparison misleads"),
    ],
)  # fmt: skip
def test_wrong_data_is_told_in_a_sentence(kind: str, data: Any, said: str) -> None:
    assert figure_problems(kind, data) == [said]
