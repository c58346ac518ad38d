"""Drawings say what their data says."""

from __future__ import annotations

import re

import pytest

from procedures.document import Figure, Section
from procedures.pages.figures import drawn
from procedures.pages.sheet import Sheet
from tests.conftest import make_document

from .conftest import release

ROWS = [{"label": "Swelling", "group": 87, "comparison": 43}]
FREQUENCY = {"denominator": 100, "group": "Drug", "comparison": "Placebo", "who": "200 adults", "rows": ROWS}
LAYERS = {"layers": [{"name": "Skin", "note": "called epidermis"}, {"name": "Fat"}], "needle_to": 1}


def draw(kind: str, data: dict[str, object]):
    return drawn(Sheet(make_document()), Figure(key="f", type=kind, title="F", data=data, words="W."))


def squares(path: str) -> int:
    return sum(int(run) // 6 for run in re.findall(r"h(\d+)", path))


@pytest.mark.parametrize(("total", "number"), [(100, 87), (100, 0), (100, 100), (30, 7), (1000, 333), (1, 1)])
def test_a_frequency_draws_as_many_squares_as_there_are_people(total, number):
    rows = [{"label": "A", "group": number, "comparison": total - number}]
    figure = draw("frequency", {**FREQUENCY, "denominator": total, "rows": rows}).frequency
    _label, group, comparison = figure.rows[0]
    assert (squares(group.path), squares(group.rest_path)) == (number, total - number)
    assert (squares(comparison.path), squares(comparison.rest_path)) == (total - number, number)


def test_both_groups_of_a_frequency_have_the_same_denominator(db, client):
    figure = Figure(key="f", type="frequency", title="F", data=FREQUENCY, words="87 in 100 and 43 in 100.[^trial]")
    release(
        make_document(figures=(figure,), sections=(Section(key="overview", title="O", body="::: figure f\n:::\n"),))
    )
    body = client.get("/testing/overview/").content.decode()
    assert re.findall(r"<strong>(\d+)</strong> in (\d+)", body) == [("87", "100"), ("43", "100")]
    assert "Each square is 1 of 100 people." in body


def test_a_course_has_a_dot_for_each_session_and_says_the_same_in_words():
    course = draw("course", {"sessions": 10, "gap_weeks": [1, 2], "onset_weeks": [3, 4]}).course
    assert [len(line.dots) for line in course.lines] == [10, 10]
    assert course.rows[0][1] == "10 sessions, the last in week 9; 2 to 3 more sessions before the first signs"
    assert course.rows[1][1] == "10 sessions, the last in week 18; 1 more session before the first signs"
    assert all(0 <= dot.x <= 320 for line in course.lines for dot in line.dots)


@pytest.mark.parametrize(
    "data", [{"sessions": 1, "gap_weeks": [0, 0]}, {"sessions": 60, "gap_weeks": [52, 52], "onset_weeks": [0, 104]}]
)
def test_a_course_at_the_ends_of_its_range_stays_inside_the_picture(data):
    course = draw("course", data).course
    assert all(0 <= tick.x <= 320 for tick in course.ticks)
    assert len(course.ticks) <= 8


def test_the_needle_ends_in_the_layer_it_is_said_to_reach():
    layers = draw("layers", LAYERS).layers
    deepest = layers.layers[1]
    assert deepest.y < layers.tip_y < deepest.y + deepest.height
    assert [layer.reached for layer in layers.layers] == [True, True]


def test_words_come_before_the_picture(db, client):
    release(make_document())
    body = client.get("/testing/costs/").content.decode()
    assert body.index("Ten sessions, 1 or 2 weeks apart.") < body.index("<svg")
    assert body.index("<svg") < body.index('class="same"')
