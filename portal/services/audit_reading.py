"""What an auditor reads of the history: steps of the own place by kind, person, place, day and thing; no values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal.models import Place, Step, User, db
from portal.rules.clock import day_start
from portal.rules.log_lines import without_numbers
from portal.rules.roles import Actor, Role
from portal.rules.step_words import Kind, label_of, moves_of
from portal.rules.tickets import masked
from portal.services import audit_anchors, audit_results, audit_sealing, lists
from portal.services.audit_results import Result
from portal.services.maintenance import MAINTAIN
from portal.services.refusals import NotFound

PAGE = 50
_ALARMS = (*moves_of(Kind.ALARMS), "MASS_VIEW")


@dataclass(frozen=True)
class Wanted:
    """What to show; `before` is the position that the page before ended at."""

    kind: Kind | None = None
    who: UUID | None = None
    place: str = ""
    day: date | None = None
    thing: UUID | None = None
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """A step as it is listed: `who` is staff by name, families and the machine have none."""

    step_id: UUID
    position: int
    at: datetime
    label: str
    who: str
    who_id: UUID | None
    role: str
    place: str
    place_id: UUID
    thing: str
    thing_id: UUID


@dataclass(frozen=True)
class Told(Line):
    """One step with all that it says but values: numbers and telephones in its reason are masked."""

    move: str = ""
    states: tuple[str, str] = ("", "")
    details: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    request: str = ""
    origin: str = ""
    seal: str = ""


@dataclass(frozen=True)
class Chain:
    """How the chain stands: the last whole verification, the newest anchor, what waits for its seal."""

    result: Result | None
    anchor: datetime | None
    anchored: int
    unsealed: int
    age: timedelta
    stands_still: bool


def chain() -> Chain:
    """The state of the history of the whole deployment."""
    count, age = audit_sealing.waiting()
    try:
        anchor = audit_anchors.last()
    except OSError:
        anchor = None
    result = audit_results.last(whole=True)
    still = age > audit_sealing.STANDS_STILL
    at, position = (anchor.time, anchor.position) if anchor else (None, 0)
    return Chain(result, at, position, count, age, still)


def steps(actor: Actor, wanted: Wanted) -> list[Line]:
    """A page of the newest sealed steps of the actor's place that fit. Raises `NotFound` for a place elsewhere."""
    query = select(Step).where(Step.position.is_not(None), lists.inside(Step.path, actor))
    query = _narrowed(actor, query, wanted)
    return _lines(list(db.session.scalars(query.order_by(Step.position.desc()).limit(PAGE))))


def _narrowed(actor: Actor, query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.kind is not None:
        query = query.where(Step.move.in_(moves_of(wanted.kind)))
    if wanted.who is not None:
        query = query.where(Step.by_id == wanted.who)
    if wanted.place:
        place = lists.place_coded(actor, wanted.place)
        query = query.where(Step.path.startswith(place.path, autoescape=True))
    if wanted.day is not None:
        query = query.where(Step.at >= day_start(wanted.day), Step.at < day_start(wanted.day + timedelta(days=1)))
    if wanted.thing is not None:
        query = query.where(Step.thing_id == wanted.thing)
    if wanted.before is not None:
        query = query.where(Step.position < wanted.before)
    return query


def alarms(actor: Actor, most: int = 6) -> list[Line]:
    """The newest steps that somebody should look into."""
    query = select(Step).where(Step.position.is_not(None), Step.move.in_(_ALARMS), lists.inside(Step.path, actor))
    return _lines(list(db.session.scalars(query.order_by(Step.at.desc()).limit(most))))


def step(actor: Actor, step_id: UUID) -> Told:
    """One step of the actor's place; of values that a school has changed (G4) only the items are told. Raises
    `NotFound`."""
    found = db.session.scalar(select(Step).where(Step.id == step_id, lists.inside(Step.path, actor)))
    if found is None or found.position is None:
        raise NotFound
    line = _lines([found])[0]
    return Told(
        **{name: getattr(line, name) for name in Line.__dataclass_fields__},
        move=found.move,
        states=(found.before or "", found.after or ""),
        details=found.details,
        reason="" if found.move == MAINTAIN else without_numbers(masked(found.reason or "")),
        request=found.request or "",
        origin=found.origin or "",
        seal=audit_anchors.code_at(found.position) or "",
    )


def person(actor: Actor, login: str) -> UUID:
    """The account with a login, inside the actor's place. Raises `NotFound`."""
    query = select(User.id).join(Place, User.home_id == Place.id).where(User.login == login.strip().lower()[:64])
    found = db.session.scalar(query.where(lists.inside(Place.path, actor)))
    if found is None:
        raise NotFound
    return found


def _lines(found: list[Step]) -> list[Line]:
    """Steps with the names of people and places, asked for once."""
    people = {user.id: user for user in _all(User, {one.by_id for one in found if one.by_id})}
    places = {place.id: place.name for place in _all(Place, {one.place_id for one in found})}
    return [
        Line(
            step_id=one.id,
            position=one.position or 0,
            at=one.at,
            label=label_of(one.move),
            who=(people[one.by_id].name or "") if one.by_id in people and one.role != Role.PARENT else "",
            who_id=one.by_id,
            role=Role(one.role).label if one.role else "",
            place=places.get(one.place_id, ""),
            place_id=one.place_id,
            thing=one.thing,
            thing_id=one.thing_id,
        )
        for one in found
    ]


def _all(model: Any, ids: set[UUID]) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.id.in_(ids)))) if ids else []
