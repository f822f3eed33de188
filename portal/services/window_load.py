"""What the calendar brings on each day, and what another order would bring (A1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from portal.rules import load
from portal.services.windows import Calendar, Draft, PlaceWindows


@dataclass(frozen=True)
class CrowdedDays:
    """Days in a row on which many come: the places that meet, and how many children come on the fullest day."""

    first: date
    last: date
    most: int
    places: list[PlaceWindows]


@dataclass(frozen=True)
class Proposal:
    """Moving one window that has not begun by `days` brings the fullest day down to `most`; `draft` shows it."""

    place: PlaceWindows
    switch: str
    days: int
    most: int
    draft: Draft


@dataclass(frozen=True)
class Load:
    """Children on each day of the calendar, the crowded days, and the best move."""

    people: list[int]
    crowds: list[CrowdedDays]
    proposal: Proposal | None

    @property
    def most(self) -> int:
        return max(self.people, default=0)

    def is_crowded(self, day: date) -> bool:
        return any(crowd.first <= day <= crowd.last for crowd in self.crowds)


def load_of(calendar: Calendar) -> Load:
    """The load of a calendar in which all windows of a province stand."""
    stays, places = _stays(calendar), {place.place_id.hex: place for place in calendar.places}
    crowds = [
        CrowdedDays(
            _day(calendar, crowd.first), _day(calendar, crowd.last), crowd.most, [places[p] for p in crowd.places]
        )
        for crowd in load.crowds(stays, calendar.days)
    ]
    best = load.proposal(stays, calendar.days, (calendar.today - calendar.first).days + 1) if crowds else None
    people = [load.shown(n) for n in load.loads(stays, calendar.days)]
    return Load(people, crowds, _proposal(calendar, places, best) if best else None)


def _day(calendar: Calendar, number: int) -> date:
    return calendar.first + timedelta(days=number)


def _stays(calendar: Calendar) -> list[load.Stay]:
    found = []
    for place in calendar.places:
        for stretch in place.stretches:
            if stretch.first and stretch.last and place.expected:
                first, last = ((day - calendar.first).days for day in (stretch.first, stretch.last))
                found.append(load.Stay(place.place_id.hex, stretch.switch, first, last, place.expected))
    return found


def _proposal(calendar: Calendar, places: dict[str, PlaceWindows], best: load.Move) -> Proposal:
    place, moved = places[best.stay.place], best.stay.moved(best.days)
    days = {s.switch: (s.first, s.last) for s in place.stretches if s.first and s.last}
    days[moved.switch] = (_day(calendar, moved.first), _day(calendar, moved.last))
    return Proposal(place, moved.switch, best.days, best.most, Draft(UUID(moved.place), days))
