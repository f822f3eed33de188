"""Papers that are back, ticked in for a whole class at once, without or beside a photo (N2, X30)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, select

from portal.models import Place, Sheet, db
from portal.rules.roles import Actor
from portal.services import checking, classes, lists, sheets
from portal.services.classes import Row
from portal.services.refusals import NotFound


@dataclass(frozen=True)
class ReturnedClass:
    """One class of the school: handed out, back on paper, received as a photo."""

    class_id: UUID
    name: str
    issued: int
    returned: int
    received: int


@dataclass(frozen=True)
class ReturnedList:
    """The handed-out sheets of a class, each with whether its paper is back."""

    class_id: UUID
    name: str
    rows: tuple[Row, ...]

    @property
    def returned(self) -> int:
        """How many papers are back."""
        return sum(row.returned for row in self.rows)


def by_class(actor: Actor) -> list[ReturnedClass]:
    """The classes of the actor's place with handed-out sheets, in order."""
    found = lists.round_of(actor)
    counted = [func.sum(case((fact, 1), else_=0)) for fact in (Sheet.issued, Sheet.returned, Sheet.received)]
    query = select(Place, *counted).join(Sheet, Sheet.class_id == Place.id)
    query = query.where(Sheet.round_id == found.id, Sheet.in_scope, lists.inside(Sheet.path, actor))
    rows = db.session.execute(query.group_by(Place.id).order_by(Place.path))
    return [ReturnedClass(place.id, place.name, *counts) for place, *counts in rows if counts[0]]


def of_class(actor: Actor, class_id: UUID) -> ReturnedList:
    """The handed-out sheets of a class inside the actor's place; raises `NotFound`."""
    listed = classes.class_list(actor, class_id)
    return ReturnedList(listed.class_id, listed.name, tuple(row for row in listed.rows if row.issued))


def tick(actor: Actor, class_id: UUID, shown: Collection[UUID], ticked: Collection[UUID]) -> int:
    """Note for the sheets that were shown which papers are back, all or none; returns how many changed. Commits.

    Raises `NotFound` for a sheet that is not of the class, `Refusal` for one that was not handed out.
    """
    class_ = checking.class_of(actor, class_id)
    query = select(Sheet).where(Sheet.id.in_(set(shown)), Sheet.class_id == class_.id).order_by(Sheet.id)
    found = list(db.session.scalars(query.with_for_update()))
    if len(found) != len(set(shown)) or not set(ticked) <= set(shown):
        raise NotFound
    changed = sum(sheets.note_returned(actor, sheet, sheet.id in set(ticked)) for sheet in found)
    db.session.commit()
    return changed
