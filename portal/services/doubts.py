"""Doubts before printing: what the rules find odd in the records and what was disputed in the round before; on the
sheet a small "please check"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from portal.models import Place, Pupil, Sheet, db
from portal.rules import doubtful
from portal.rules.clock import today
from portal.rules.masks import mask_name
from portal.rules.problems import Problem
from portal.rules.roles import Actor, Level
from portal.services import disputes
from portal.services.history import record
from portal.services.lists import classes_of, find, round_of, sheets_of
from portal.services.pupils import school_context
from portal.services.refusals import NotFound

_SEEN = "doubts_seen"
_KEPT = 2_000


@dataclass(frozen=True)
class PupilDoubts:
    """What is odd about one pupil; the name is masked."""

    sheet_id: UUID
    name: str
    seat: str
    problems: list[Problem]


@dataclass(frozen=True)
class ClassDoubts:
    """How many doubts a class has, and whether somebody has looked at just these."""

    class_id: UUID
    class_name: str
    count: int
    seen: bool


@dataclass(frozen=True)
class Doubts:
    """The doubts of a school by class."""

    classes: list[ClassDoubts] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(c.count for c in self.classes)

    @property
    def unseen(self) -> int:
        return sum(c.count for c in self.classes if not c.seen)


def doubts_before_printing(actor: Actor, class_ids: Sequence[UUID] = ()) -> list[PupilDoubts]:
    """Every pupil in scope with doubts, of these classes or of the whole school, in the order of printing.

    Characters that no font has and values that must be cut are named by the run before it prints (`print_checks`).
    """
    found, wanted = round_of(actor), set(class_ids)
    classes = [find(actor, Place, i) for i in class_ids] if class_ids else classes_of(actor.place_id)
    context = school_context(db.session.get_one(Place, classes[0].parent_id)) if classes else None
    answer: list[PupilDoubts] = []
    for class_ in classes:
        if class_.level != Level.CLASS or (wanted and class_.id not in wanted):
            raise NotFound
        sheets = [sheet for sheet in sheets_of(found.id, class_.id) if sheet.in_scope]
        disputed = disputes.of_pupils(found.id, [sheet.pupil_id for sheet in sheets])
        for sheet in sheets:
            values = sheet.pupil.record
            problems = doubtful.doubts(values, context, disputed.get(sheet.pupil_id, ())) if context else []
            if problems:
                name, seat = mask_name(values.get("name", "")), values.get("class_seat_number", "")
                answer.append(PupilDoubts(sheet.id, name, seat, problems))
    return answer


def doubts_of(school: Place, round_id: UUID) -> Doubts:
    """Counts by class. Kept in memory until a record of the school changes: only numbers, nothing personal."""
    counts = _counts(school, round_id)
    classes = [c for c in classes_of(school.id) if counts.get(c.id)]
    return Doubts([ClassDoubts(c.id, c.name, counts[c.id], c.settings.get(_SEEN) == counts[c.id]) for c in classes])


def mark_seen(actor: Actor, class_id: UUID) -> None:
    """The registrar has looked at the doubts of a class as they are now. Commits."""
    class_ = find(actor, Place, class_id, lock=True)
    if class_.level != Level.CLASS:
        raise NotFound
    school = db.session.get_one(Place, class_.parent_id)
    count = _counts(school, round_of(actor).id).get(class_.id, 0)
    class_.settings = class_.settings | {_SEEN: count}
    record(actor, class_, "SEE_DOUBTS", school.id, count=count)
    db.session.commit()


def _counts(school: Place, round_id: UUID) -> dict[UUID, int]:
    kept: dict[object, dict[UUID, int]] = current_app.extensions.setdefault("portal.doubts", {})
    changed = select(func.count(), func.sum(Pupil.version)).where(Pupil.school_id == school.id)
    scope = select(func.count()).where(Sheet.school_id == school.id, Sheet.round_id == round_id, Sheet.in_scope)
    key = (school.id, round_id, today(), *db.session.execute(changed).one(), db.session.scalar(scope))
    if key not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = _counted(school, round_id)
    return kept[key]


def _counted(school: Place, round_id: UUID) -> dict[UUID, int]:
    context, counts = school_context(school), dict[UUID, int]()
    query = select(Pupil).join(Sheet, Sheet.pupil_id == Pupil.id)
    query = query.where(Sheet.school_id == school.id, Sheet.round_id == round_id, Sheet.in_scope)
    for part in db.session.scalars(query.execution_options(yield_per=200)).partitions():
        disputed = disputes.of_pupils(round_id, [pupil.id for pupil in part])
        for pupil in part:
            found = doubtful.doubts(pupil.record, context, disputed.get(pupil.id, ()))
            counts[pupil.class_id] = counts.get(pupil.class_id, 0) + len(found)
    return counts


def doubts_at(actor: Actor) -> Doubts:
    """The doubts of the actor's school in the present round; raises `NotFound` elsewhere."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    return doubts_of(db.session.get_one(Place, actor.place_id), round_of(actor).id)
