"""Geometry of a trend picture: counts by day become lines in a box, for templates/ui/trend.html."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

LEFT, RIGHT, TOP, BOTTOM = 72, 552, 48, 270
#: what a label needs beside a line
ROOM = 130
WIDTH, HEIGHT = 576, 304

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Counts of one measure, one a day from the first day on; `ahead` are (slow, likely, fast) counts of the days
    after the last one."""

    label: str
    counts: list[int]
    ahead: list[tuple[float, float, float]]


@dataclass(frozen=True)
class Line:
    """A line ready to be drawn: the part that happened, the forecast, its band, its end, and where the label goes and
    on which side of that place it is written."""

    look: str
    label: str
    path: str
    ahead: str
    band: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Upright:
    """A day that is marked from top to bottom, its label and on which side that is written."""

    x: float
    label: str
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Whole:
    """The level of the whole."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Everything `ui/trend.html` draws, in units of its own box; `end` is where the first line reaches the whole."""

    levels: list[tuple[float, str]]
    days: list[tuple[float, str]]
    uprights: list[Upright]
    lines: list[Line]
    whole: Whole
    end: tuple[float, float, str] | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


class Box:
    """Days and counts to places in the box; what goes over the whole is drawn up to a tenth above it."""

    def __init__(self, first: date, last: date, most: int) -> None:
        self.first, self.span, self.most = first, max((last - first).days, 1), max(most, 1) * 1.1

    def x(self, day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - self.first).days / self.span, 1)

    def y(self, count: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(count, self.most) / self.most, 1)


def _month_and_day(day: date) -> str:
    return f"{day.month}/{day.day}"


def levels(most: int) -> list[int]:
    """Three to six round numbers from 0 up to `most`: 1, 2, 2.5 or 5 times a power of ten apart."""
    unit = 10 ** (len(str(max(most, 1))) - 1)
    powers = (max(unit // 10, 1), unit)
    steps = sorted(size for power in powers for size in (power, 2 * power, power * 5 // 2, 5 * power))
    step = next(size for size in steps if most // size <= 5)
    return list(range(0, most + 1, step))


def _path(points: list[Point], close: bool = False) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + ("Z" if close else "") if points else ""


def _line(box: Box, series: Series, look: str) -> Line:
    days = [box.first + timedelta(days=n) for n in range(len(series.counts) + len(series.ahead))]
    done = [(box.x(day), box.y(count)) for day, count in zip(days, series.counts, strict=False)]
    coming = days[len(series.counts) :]
    slow, likely, fast = (
        [done[-1], *((box.x(day), box.y(ahead[kind])) for day, ahead in zip(coming, series.ahead, strict=True))]
        for kind in range(3)
    )
    ahead = _path(likely) if coming else ""
    band = _path(slow + fast[::-1], close=True) if coming else ""
    x, y = done[-1]
    label_x, label_y, anchor = _label(x, y, above=look == "first")
    return Line(look, series.label, _path(done), ahead, band, x, y, label_x, label_y, anchor)


def _label(x: float, y: float, above: bool) -> tuple[float, float, str]:
    """Where a line is named: the first one left above its end, the next right below it, unless there is no room."""
    left = above and x > LEFT + ROOM
    if x > RIGHT - ROOM:
        left = True
    above = above or y > BOTTOM - 26
    return (x - 8 if left else x + 8), round(y - 10 if above else y + 20, 1), "end" if left else "start"


def _uprights(box: Box, today: date, deadline: date, words: dict[str, str]) -> list[Upright]:
    """Today and the deadline; their words stand clear of each other and of the edges."""
    x, end = box.x(today), box.x(deadline)
    close = abs(end - x) < ROOM
    side = "end" if x > RIGHT - ROOM else "start"
    return [
        Upright(x, words["today"], TOP - 26 if close else TOP - 8, side),
        Upright(end, words["deadline"], TOP - 8, "end" if end > LEFT + ROOM else "start"),
    ]


def _end(box: Box, series: Series, whole: int, words: dict[str, str]) -> tuple[float, float, str] | None:
    """The day on which the likely forecast reaches the whole, when it does so inside the picture."""
    reached = next((n for n, (_, likely, _) in enumerate(series.ahead) if likely >= whole), None)
    if reached is None or "end" not in words:
        return None
    return box.x(box.first + timedelta(days=len(series.counts) + reached)), box.y(whole), words["end"]


def draw(
    span: tuple[date, date],
    whole: int,
    series: list[Series],
    words: dict[str, str],
    shown: Callable[[int], str] = "{:,}".format,
    short: Callable[[date], str] = _month_and_day,
) -> Chart:
    """A chart over `span` (first day, deadline), or until today when that is later; every series has at least one
    count, the first one is the main one.

    `words` gives "today", "deadline", "whole" and perhaps "end" (what the day is called on which all is in) in the
    reader's language, `shown` how a count is written, `short` how a day is.
    """
    first, deadline = span
    today = first + timedelta(days=len(series[0].counts) - 1)
    box = Box(first, max(deadline, today), max([whole, *(max(one.counts) for one in series)]))
    marks = _marks(box.span)
    return Chart(
        levels=[(box.y(level), shown(level)) for level in levels(whole)],
        days=[(box.x(day), short(day)) for day in (first + timedelta(days=n) for n in marks)],
        uprights=_uprights(box, today, deadline, words),
        lines=[_line(box, one, "first" if n == 0 else "next") for n, one in enumerate(series)],
        whole=Whole(box.y(whole), words["whole"]),
        end=_end(box, series[0], whole, words),
    )


def _marks(span: int) -> list[int]:
    """About six days to name, the first and the last among them."""
    step = max(round(span / 5), 1)
    inner = [n for n in range(0, span, step) if span - n > step / 2]
    return [*inner, span]
