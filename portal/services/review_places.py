"""Where applications wait below a place, and how long: states and counts, nothing about a pupil (H4, 2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Application, Place, db
from portal.rules.applications import ApplicationState
from portal.rules.clock import today
from portal.rules.roles import Actor, Level
from portal.rules.waiting import overdue_before, waited
from portal.services import lists


@dataclass(frozen=True)
class PlaceRow:
    """One place below: how many wait with leaders and with authorities of it and below, how many of them are overdue,
    and for how many working days the oldest has waited."""

    place_id: UUID
    name: str
    level: Level
    with_leader: int
    with_authority: int
    overdue: int
    longest: int
    can_open: bool


@dataclass(frozen=True)
class Below:
    """The places directly below one, with the ways back up to the reader's own place, topmost first."""

    place: Place
    above: tuple[Place, ...]
    rows: tuple[PlaceRow, ...]


def below(actor: Actor, place_id: UUID | None = None) -> Below:
    """The table of one place inside the actor's; raises `NotFound` for every other."""
    top = lists.find(actor, Place, place_id or actor.place_id)
    counted = _counted(top.path)
    children = db.session.scalars(select(Place).where(Place.parent_id == top.id).order_by(Place.path))
    rows = [_row(child, [one for one in counted if one[0].startswith(child.path)]) for child in children]
    return Below(top, tuple(_above(actor, top)), tuple(rows))


def _above(actor: Actor, place: Place) -> list[Place]:
    found: list[Place] = []
    while place.path != actor.path and place.parent_id is not None:
        place = db.session.get_one(Place, place.parent_id)
        found.insert(0, place)
    return found


_Counted = tuple[str, str, int, int, datetime]


def _counted(path: str) -> list[_Counted]:
    """(path of the class, state, how many, of these overdue, the oldest)."""
    low, high = path, path[:-1] + "0"
    old = func.count().filter(Application.since < overdue_before(today()))
    waits = Application.state.in_((ApplicationState.WITH_LEADER, ApplicationState.WITH_AUTHORITY))
    query = select(Application.path, Application.state, func.count(), old, func.min(Application.since))
    query = query.where(waits, Application.path >= low, Application.path < high)
    return [tuple(row) for row in db.session.execute(query.group_by(Application.path, Application.state))]  # type: ignore[misc]


def _row(place: Place, counted: list[_Counted]) -> PlaceRow:
    def waiting(state: ApplicationState) -> int:
        return sum(count for _, at, count, _, _ in counted if at == state)

    return PlaceRow(
        place.id,
        place.name,
        Level(place.level),
        waiting(ApplicationState.WITH_LEADER),
        waiting(ApplicationState.WITH_AUTHORITY),
        sum(old for _, _, _, old, _ in counted),
        max((waited(since, today()) for *_, since in counted), default=0),
        place.level != Level.CLASS,
    )
