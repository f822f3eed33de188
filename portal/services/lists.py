"""The read side: everything is fetched inside the actor's place, or does not exist (R129, R130)."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.models import (
    Application,
    Change,
    ChangeFile,
    Evidence,
    Export,
    Finding,
    Photo,
    Pile,
    Place,
    PrintRun,
    Pupil,
    Round,
    Sheet,
    Unlisted,
    db,
)
from portal.rules.places import below
from portal.rules.roles import Actor, Level
from portal.services import figures
from portal.services.refusals import NoRound, NotFound

T = TypeVar(
    "T",
    Place,
    Pupil,
    Sheet,
    Photo,
    Pile,
    PrintRun,
    Change,
    Evidence,
    Application,
    Finding,
    Unlisted,
    ChangeFile,
    Export,
)


def inside(column: Any, actor: Actor) -> ColumnElement[bool]:
    """The condition that a path lies at or below the actor's place."""
    low, high = below(actor.path)
    return (column >= low) & (column < high)


def find(actor: Actor, model: type[T], thing_id: UUID, lock: bool = False) -> T:
    """One thing of the actor's place by id; raises `NotFound` for every other id. With `lock` it is read anew: what
    this request has seen of it before may have changed while it waited."""
    query = select(model).where(model.id == thing_id, inside(model.path, actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    thing = db.session.scalar(query)
    if thing is None:
        raise NotFound
    return thing


def place_coded(actor: Actor, code: str) -> Place:
    """A place by division code, school code or SCHOOL/CLASS, inside the actor's place."""
    parts = code.strip().split("/")
    query = select(Place).where(Place.code == parts[0], inside(Place.path, actor)).order_by(Place.path)
    place = db.session.scalar(query)
    if place is not None and len(parts) == 2:
        place = db.session.scalar(select(Place).where(Place.parent_id == place.id, Place.code == parts[1]))
    if place is None or len(parts) > 2:
        raise NotFound
    return place


def classes_of(school_id: UUID) -> list[Place]:
    """The classes of a school: newest entry year last, then number."""
    query = select(Place).where(Place.parent_id == school_id, Place.level == Level.CLASS)
    return sorted(db.session.scalars(query), key=lambda c: (c.code[4], -int(c.code[:4]), c.code[5:]))


def sheets_of(round_id: UUID, class_id: UUID) -> list[Sheet]:
    """The sheets of a class in their order."""
    sheets = list(db.session.scalars(select(Sheet).where(Sheet.round_id == round_id, Sheet.class_id == class_id)))
    return sorted(sheets, key=lambda sheet: seat_order(sheet.pupil.record))


def seat_order(record: dict[str, str]) -> tuple[int, str]:
    """The order within a class: by the number within the class, then by name; those without a number come last."""
    seat = record.get("class_seat_number", "")
    return int(seat) if seat.isascii() and seat.isdigit() else 10_000, record.get("name", "")


def round_of(actor: Actor) -> Round:
    """The present round of the actor's province; raises `NoRound` when there is none."""
    found = figures.current_round(actor.path)
    if found is None:
        raise NoRound
    return found
