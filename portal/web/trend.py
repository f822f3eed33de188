"""Geometry of a trend picture: counts by day become lines in a box, for templates/ui/trend.html."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

LEFT, RIGHT, TOP, BOTTOM = 72, 552, 40, 270
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
    """A line ready to be drawn: the part that happened, the forecast, its band, and where the label goes."""

    look: str
    label: str
    path: str
    ahead: str
    band: str
    x: float
    y: float


@dataclass(frozen=True)
class Whole:
    """The level of the whole."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Everything `ui/trend.html` draws, in units of its own box."""

    levels: list[tuple[float, str]]
    days: list[tuple[float, str]]
    uprights: list[tuple[float, str]]
    lines: list[Line]
    whole: Whole
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
    return Line(look, series.label, _path(done), ahead, band, *done[-1])


def draw(
    span: tuple[date, date],
    whole: int,
    series: list[Series],
    words: dict[str, str],
    shown: Callable[[int], str] = "{:,}".format,
) -> Chart:
    """A chart over `span` (first day, deadline); every series has at least one count, the first one is the main one.

    `words` gives "today", "deadline" and "whole" in the reader's language, `shown` how a count is written.
    """
    first, deadline = span
    box = Box(first, deadline, max([whole, *(max(one.counts) for one in series)]))
    today = first + timedelta(days=len(series[0].counts) - 1)
    step = max(box.span // 5, 1)
    marks = [first + timedelta(days=n) for n in range(0, box.span + 1, step)]
    return Chart(
        levels=[(box.y(level), shown(level)) for level in levels(whole)],
        days=[(box.x(day), f"{day.month}/{day.day}") for day in marks],
        uprights=[(box.x(today), words["today"]), (box.x(deadline), words["deadline"])],
        lines=[_line(box, one, "first" if n == 0 else "next") for n, one in enumerate(series)],
        whole=Whole(box.y(whole), words["whole"]),
    )
