"""When everything will be in, at the pace of the last seven full days (domain N10; architecture section 5)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: a week, so that each forecast has seen one weekend and no more
PACE_DAYS = 7
#: fewer full days since the first one came in say nothing yet
FEWEST_DAYS = 3
_FARTHEST = 3660


class Outlook(StrEnum):
    """What can be said about the end."""

    NOTHING = "nothing"
    FINISHED = "finished"
    OVER = "over"
    TOO_EARLY = "too_early"
    STANDSTILL = "standstill"
    IN_TIME = "in_time"
    LATE = "late"


@dataclass(frozen=True)
class Pace:
    """What comes in a day: the mean of the days looked at, and its standard error (the soft band)."""

    mean: float
    error: float


@dataclass(frozen=True)
class Forecast:
    """The end at the present pace. `day` is when the last one comes in (None when nobody can say, or in more than ten
    years), `margin` how many days before the deadline that is (negative: after it), `needed` how many a day from today
    on it takes to be in time."""

    outlook: Outlook
    day: date | None = None
    margin: int = 0
    needed: int = 0
    pace: Pace | None = None


def pace_of(gains: Sequence[int]) -> Pace | None:
    """The pace of what was added on each day, the last one being today, which is not over and does not count.

    Days before the first one came in do not count either. None while there are fewer than `FEWEST_DAYS` full days.
    """
    begun = next((n for n, gain in enumerate(gains) if gain > 0), len(gains))
    full = gains[begun:-1][-PACE_DAYS:]
    if len(full) < FEWEST_DAYS:
        return None
    return Pace(statistics.fmean(full), statistics.stdev(full) / math.sqrt(len(full)))


def forecast(have: int, whole: int, gains: Sequence[int], today: date, deadline: date) -> Forecast:
    """The end of what stands at `have` of `whole`; `gains` as for `pace_of`."""
    if whole <= 0:
        return Forecast(Outlook.NOTHING)
    if have >= whole:
        return Forecast(Outlook.FINISHED)
    if today > deadline:
        return Forecast(Outlook.OVER)
    pace, left = pace_of(gains), whole - have
    needed = math.ceil(left / ((deadline - today).days + 1))
    if pace is None:
        return Forecast(Outlook.TOO_EARLY, needed=needed)
    if pace.mean <= 0:
        return Forecast(Outlook.STANDSTILL, needed=needed, pace=pace)
    days = math.ceil(left / pace.mean)
    if days > _FARTHEST:
        return Forecast(Outlook.LATE, needed=needed, pace=pace)
    day = today + timedelta(days=days)
    margin = (deadline - day).days
    return Forecast(Outlook.IN_TIME if margin >= 0 else Outlook.LATE, day, margin, needed, pace)


def ahead(have: int, whole: int, pace: Pace | None, days: int) -> list[tuple[float, float, float]]:
    """(slow, likely, fast) counts at the end of each of the next days: one standard error to either side of the pace,
    never more than there is to come. Empty without a pace."""
    if pace is None or have >= whole:
        return []
    rates = [max(0.0, rate) for rate in (pace.mean - pace.error, pace.mean, pace.mean + pace.error)]
    return [tuple(min(float(whole), have + rate * n) for rate in rates) for n in range(1, days + 1)]  # type: ignore[misc]
