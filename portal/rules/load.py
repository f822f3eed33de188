"""How many children a calendar of windows brings a day, which days get crowded, and what moving one would do (A1).

A window brings the children of its place spread evenly over its days: nobody knows better before it opens, and it is
what staggering the prefectures is for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: a day is crowded from this many times the mean of the days on which anybody comes, when two places or more meet
CROWDED = 1.5
#: days a window may be moved to either side, and by how much the peak must fall to be worth proposing
FARTHEST_MOVE = 10
_WORTH = 0.95


@dataclass(frozen=True)
class Stay:
    """One window in days of the calendar, counted from 0; `pupils` of its place come while it is open."""

    place: str
    switch: str
    first: int
    last: int
    pupils: int

    @property
    def a_day(self) -> float:
        return self.pupils / (self.last - self.first + 1)

    def moved(self, days: int) -> Stay:
        return Stay(self.place, self.switch, self.first + days, self.last + days, self.pupils)


@dataclass(frozen=True)
class Crowd:
    """Days in a row that are crowded: which, how many children on the fullest, and which places meet, in the order of
    the calendar."""

    first: int
    last: int
    most: int
    places: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """A proposal: moving this window by so many days (later is positive) brings the fullest day down to `most`."""

    stay: Stay
    days: int
    most: int


def loads(stays: Iterable[Stay], days: int) -> list[float]:
    """Children on each day of a calendar of `days` days; what lies outside it is left out."""
    changes = [0.0] * (days + 1)
    for stay in stays:
        first, last = max(0, stay.first), min(days - 1, stay.last)
        if first <= last:
            changes[first] += stay.a_day
            changes[last + 1] -= stay.a_day
    return [max(0.0, round(load, 6)) for load in accumulate(changes[:-1])]


def shown(load: float) -> int:
    """Whole children: a part of one is one."""
    return math.ceil(round(load, 3))


def crowds(stays: Sequence[Stay], days: int) -> list[Crowd]:
    """The crowded stretches of a calendar, in order."""
    load = loads(stays, days)
    busy = [n for n in load if n]
    limit = CROWDED * sum(busy) / len(busy) - 1e-6 if busy else 0.0
    crowded = [n for n in range(days) if busy and load[n] >= limit and len(_open(stays, n)) > 1]
    found: list[Crowd] = []
    for day in crowded:
        if found and found[-1].last == day - 1:
            first = found.pop().first
        else:
            first = day
        meeting = dict.fromkeys(stay.place for stay in stays if stay.first <= day and stay.last >= first)
        found.append(Crowd(first, day, shown(max(load[first : day + 1])), tuple(meeting)))
    return found


def _open(stays: Iterable[Stay], day: int) -> set[str]:
    return {stay.place for stay in stays if stay.first <= day <= stay.last}


def proposal(stays: Sequence[Stay], days: int, tomorrow: int) -> Move | None:
    """The move of one window that has not begun which lowers the fullest day most, by at least a twentieth and by one
    child; of equal ones the shortest. A window is moved as a whole, not before `tomorrow`, not beyond the calendar."""
    load = loads(stays, days)
    best, least, now = None, max(load, default=0.0) * _WORTH, shown(max(load, default=0.0))
    for stay in stays:
        if stay.first < tomorrow or stay.last >= days:
            continue
        rest = [n - (stay.a_day if stay.first <= day <= stay.last else 0.0) for day, n in enumerate(load)]
        for step in sorted(range(tomorrow - stay.first, days - stay.last), key=abs):
            if 0 < abs(step) <= FARTHEST_MOVE:
                most = _peak(rest, stay.moved(step))
                if most < least - 1e-6 and shown(most) < now:
                    best, least = Move(stay, step, shown(most)), most
    return best


def _peak(rest: list[float], stay: Stay) -> float:
    inside = max(rest[stay.first : stay.last + 1]) + stay.a_day
    return max(inside, max(rest[: stay.first], default=0.0), max(rest[stay.last + 1 :], default=0.0))
