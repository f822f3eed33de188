"""The trend of a place by day, and its forecast: received and entered, from the days that were folded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from portal.models import DayFigure, Round, db
from portal.rules.clock import today
from portal.rules.figures import Measure
from portal.rules.forecast import Forecast, forecast
from portal.rules.places import below
from portal.rules.roles import Level

SHOWN = (Measure.RECEIVED, Measure.ENTERED)
_LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Line:
    """One measure: what each day from the first to today added, how many there are in the end, and the forecast."""

    measure: Measure
    gains: list[int]
    have: int
    forecast: Forecast

    @property
    def counts(self) -> list[int]:
        """How many there were at the end of each day; counted back from today, so that the end always agrees with
        the figures."""
        found, left = [], self.have
        for gain in reversed(self.gains):
            found.append(left)
            left -= gain
        return found[::-1]


@dataclass(frozen=True)
class Trend:
    """All lines of a place over the days from `first` to `today`; `deadline` may lie before or after today."""

    first: date
    today: date
    deadline: date
    whole: int
    lines: list[Line]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.today - self.first).days + 1)]

    def line(self, measure: Measure) -> Line:
        return next(line for line in self.lines if line.measure == measure)


def trend_of(found: Round, path: str, level: Level, counts: dict[Measure, int]) -> Trend:
    """The trend of a place (a school or an authority) whose present counts are `counts`."""
    gains, day = _gains(found.id, path, level), today()
    begun = min([found.begins, day, *(d for days in gains.values() for d in days)])
    first = max(begun, day - _LONGEST)
    whole = counts[Measure.EXPECTED]
    lines = []
    for measure in SHOWN:
        by_day = [gains[measure].get(first + timedelta(days=n), 0) for n in range((day - first).days + 1)]
        have = counts[measure]
        lines.append(Line(measure, by_day, have, forecast(have, whole, by_day, day, found.ends)))
    return Trend(first, day, found.ends, whole, lines)


def _gains(round_id: UUID, path: str, level: Level) -> dict[Measure, dict[date, int]]:
    low, high = below(path)
    query = (
        select(DayFigure.measure, DayFigure.day, func.sum(DayFigure.n))
        .where(DayFigure.round_id == round_id, DayFigure.is_school.is_(level == Level.SCHOOL))
        .where(DayFigure.measure.in_(SHOWN), DayFigure.path >= low, DayFigure.path < high)
        .group_by(DayFigure.measure, DayFigure.day)
    )
    gains: dict[Measure, dict[date, int]] = defaultdict(dict)
    for measure, day, n in db.session.execute(query):
        gains[Measure(measure)][day] = n
    return gains
