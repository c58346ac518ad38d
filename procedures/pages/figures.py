"""Coordinates of the drawings: from a figure's data to what a template draws. Words stay in the figure's own text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..document import Figure, FigureType
from .parts import Stage, stages
from .sheet import Sheet

WIDTH = 320
"""Every drawing is 320 units wide: at the smallest screen one unit is about one pixel, so no label gets too small."""

MARGIN = 12


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str = ""


@dataclass(frozen=True)
class Line:
    """One calendar line of a course: its name, a dot for each session, and where an infection would show."""

    name: str
    y: int
    dots: tuple[Dot, ...]
    from_x: float
    to_x: float
    onset_x: float
    onset_width: float


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Course:
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[tuple[str, str], ...]
    onset: str
    height: int
    axis_y: int


@dataclass(frozen=True)
class Span:
    """One stage on the strip of days: where it begins, how wide it is, and the day written under its start."""

    number: int
    x: float
    width: float
    label: str


@dataclass(frozen=True)
class Days:
    spans: tuple[Span, ...]
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Layer:
    name: str
    note: str
    y: int
    height: int
    reached: bool
    deepest: bool

    @property
    def label(self) -> str:
        """The name as far as it fits beside the needle; the list under the drawing has all of it."""
        return self.name if len(self.name) <= 28 else f"{self.name[:27]}…"


@dataclass(frozen=True)
class Layers:
    layers: tuple[Layer, ...]
    tip_y: int
    height: int


@dataclass(frozen=True)
class Count:
    """One group of one row: how many of the same number of people, as a picture of dots."""

    name: str
    number: int
    rest: int
    path: str
    rest_path: str


@dataclass(frozen=True)
class Frequency:
    who: str
    denominator: int
    group: str
    comparison: str
    rows: tuple[tuple[str, Count, Count], ...]
    height: int
    width: int


@dataclass(frozen=True)
class Drawn:
    """A figure ready for its component; exactly one of the drawings is there, by `type`."""

    key: str
    type: str
    title: str
    words: SafeString
    course: Course | None = None
    layers: Layers | None = None
    frequency: Frequency | None = None
    days: Days | None = None
    changed: str = ""


def drawn(sheet: Sheet, figure: Figure, *, titles_only: bool = False) -> Drawn:
    """A figure with its words rendered. `titles_only`: the stages it shows stand in full on the same page."""
    words = sheet.text(figure.words, figure.cites)
    data = figure.data
    about: dict[str, Any] = {"key": figure.key, "type": str(figure.type), "title": figure.title, "words": words}
    about["changed"] = sheet.noted("figures", figure.key)
    if figure.type == FigureType.COURSE:
        return Drawn(**about, course=_course(data))
    if figure.type == FigureType.LAYERS:
        return Drawn(**about, layers=_layers(data))
    if figure.type == FigureType.FREQUENCY:
        return Drawn(**about, frequency=_frequency(data))
    return Drawn(**about, days=_days(sheet, data["stages"], titles_only=titles_only))


def _course(data: Mapping[str, Any]) -> Course:
    sessions, gaps = data["sessions"], sorted(set(data["gap_weeks"]))
    onset = data.get("onset_weeks")
    last = max(gaps) * (sessions - 1)
    end = max(last, onset[1] if onset else 0, 1)
    scale = (WIDTH - 2 * MARGIN) / end
    lines, rows = [], []
    for number, gap in enumerate(gaps):
        y = 34 + number * 76
        weeks = [gap * session for session in range(sessions)]
        name = _gap_words(gap)
        lines.append(
            Line(
                name=name,
                y=y,
                dots=tuple(Dot(_x(week, scale), y) for week in weeks),
                from_x=_x(weeks[0], scale),
                to_x=_x(weeks[-1], scale),
                onset_x=_x(onset[0], scale) if onset else 0,
                onset_width=round(max((onset[1] - onset[0]) * scale, 4), 1) if onset else 0,
            )
        )
        rows.append((name, _course_words(sessions, weeks[-1], onset, weeks)))
    step = next(step for step in (1, 2, 4, 5, 10, 20, 50, 100, 500, 5000) if end / step <= 6)
    axis = 34 + len(gaps) * 76 - 26
    return Course(
        lines=tuple(lines),
        ticks=tuple(Tick(_x(week, scale), str(week)) for week in range(0, end + 1, step)),
        rows=tuple(rows),
        onset=_("infection may show: weeks %(first)s to %(last)s") % {"first": onset[0], "last": onset[1]}
        if onset
        else "",
        height=axis + 40,
        axis_y=axis,
    )


def _x(week: float, scale: float) -> float:
    return round(MARGIN + week * scale, 1)


def _gap_words(gap: int) -> str:
    if not gap:
        return _("No weeks between sessions")
    return ngettext("1 week between sessions", "%(weeks)s weeks between sessions", gap) % {"weeks": gap}


def _course_words(sessions: int, last: int, onset: Any, weeks: list[int]) -> str:
    words = ngettext("1 session", "%(sessions)s sessions, the last in week %(last)s", sessions) % {
        "sessions": sessions,
        "last": last,
    }
    if not onset:
        return words
    first, late = (sum(1 for week in weeks if 0 < week < edge) for edge in onset)
    more = (
        ngettext("%(most)s more session before the first signs", "%(most)s more sessions before the first signs", late)
        if first == late
        else _("%(least)s to %(most)s more sessions before the first signs")
    )
    return f"{words}; {more % {'least': first, 'most': late}}"


def _days(sheet: Sheet, keys: list[str], *, titles_only: bool) -> Days:
    """The stages as a strip whose parts are as wide as they are long, but never too narrow for their number."""
    found = [stage for stage in sheet.document.stages if stage.key in set(keys)]
    lengths = [(stage.to_day - stage.from_day + 1) if stage.to_day is not None else _OPEN for stage in found]
    least = min(18.0, (WIDTH - 2 * MARGIN) / max(len(found), 1))
    free = WIDTH - 2 * MARGIN - least * len(found)
    spans, x = [], float(MARGIN)
    for number, (stage, length) in enumerate(zip(found, lengths, strict=True), start=1):
        width = least + free * length / sum(lengths)
        label = str(stage.from_day) if stage.from_day >= 0 else ""
        spans.append(Span(number=number, x=round(x, 1), width=round(width, 1), label=label))
        x += width
    return Days(spans=tuple(spans), stages=stages(sheet, keys, titles_only=titles_only))


_OPEN = 10
"""How many days long a stage without an end is drawn."""


def _layers(data: Mapping[str, Any]) -> Layers:
    heights = {0: 26}
    found, y = [], 40
    for level, layer in enumerate(data["layers"]):
        height = heights.get(level, 54)
        found.append(
            Layer(
                layer["name"], layer.get("note", ""), y, height, level <= data["needle_to"], level == data["needle_to"]
            )
        )
        y += height
    deepest = found[data["needle_to"]]
    return Layers(layers=tuple(found), tip_y=deepest.y + deepest.height // 2, height=y)


def _frequency(data: Mapping[str, Any]) -> Frequency:
    total = data["denominator"]
    columns = next((count for count in (10, 20, 25, 40) if total <= count * 10), 40)
    size = 6
    lines = -(-total // columns)
    rows = tuple(
        (
            row["label"],
            _count(data["group"], row["group"], total, columns, size),
            _count(data["comparison"], row["comparison"], total, columns, size),
        )
        for row in data["rows"]
    )
    return Frequency(
        who=data["who"],
        denominator=total,
        group=data["group"],
        comparison=data["comparison"],
        rows=rows,
        height=lines * size,
        width=min(columns, total) * size,
    )


def _count(name: str, number: int, total: int, columns: int, size: int) -> Count:
    return Count(
        name=name,
        number=number,
        rest=total - number,
        path=_squares(0, number, columns, size),
        rest_path=_squares(number, total, columns, size),
    )


def _squares(start: int, end: int, columns: int, size: int) -> str:
    """An SVG path along the middles of one square per person; a dashed stroke draws the squares, so the page stays small."""
    steps = []
    while start < end:
        row, column = divmod(start, columns)
        count = min(columns - column, end - start)
        steps.append(f"M{column * size} {row * size + size // 2}h{count * size}")
        start += count
    return "".join(steps)
