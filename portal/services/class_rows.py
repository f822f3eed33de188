"""The classes of a school with their teachers and how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Figure, db
from portal.rules.figures import MEASURES, Measure
from portal.rules.roles import Actor, Level
from portal.services import teacher_logins
from portal.services.lists import classes_of, round_of
from portal.services.refusals import NotFound


@dataclass(frozen=True)
class ClassRow:
    """One class in the list of classes."""

    class_id: UUID
    name: str
    number: str
    teacher: str | None
    counts: dict[Measure, int]


def class_rows(actor: Actor) -> list[ClassRow]:
    """The classes of the actor's school with their teachers and counts."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    found, classes = round_of(actor), classes_of(actor.place_id)
    query = select(Figure).where(Figure.round_id == found.id, Figure.place_id.in_([c.id for c in classes]))
    rows = {figure.place_id: figure for figure in db.session.scalars(query)}
    teachers = {login.class_id: login.teacher for login in teacher_logins.logins_of(actor.place_id)}
    return [
        ClassRow(c.id, c.name, c.code, teachers.get(c.id), {m: getattr(rows.get(c.id), m.value, 0) for m in MEASURES})
        for c in classes
    ]
