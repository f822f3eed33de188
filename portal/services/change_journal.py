"""What of the pupils' own journals the registry gets: changes without a sheet that the leader signed off (G6, X10, 12).

Steps are never changed; which file took one along stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import aliased

from portal.models import ChangeFile, FiledStep, Pupil, Step, db
from portal.rules.roles import Actor
from portal.services import lists
from portal.services.maintenance import MAINTAIN
from portal.services.maintenance_journal import SEND_BACK, SIGN_OFF
from portal.services.roster_school import pieces


def _entries(actor: Actor) -> Select[Step]:
    """Journal entries of the school with their pupils; one who has left has a record that another school changes."""
    query = select(Step).join(Pupil, Pupil.id == Step.thing_id)
    query = query.where(Step.move == MAINTAIN, lists.inside(Step.path, actor))
    return query.where(Pupil.school_id == actor.place_id, Pupil.left_at.is_(None))


def signed_off(actor: Actor) -> Select[Step]:
    """Entries the leader signed off, with the `ChangeFile` that has them, if any."""
    answer = aliased(Step)
    query = _entries(actor).where(exists().where(answer.thing_id == Step.id, answer.move == SIGN_OFF))
    query = query.outerjoin(FiledStep, FiledStep.step_id == Step.id)
    return query.outerjoin(ChangeFile, ChangeFile.id == FiledStep.file_id)


def values_of(step: Step) -> dict[str, list[str]]:
    """What an entry changed: item -> [old, new]."""
    told: dict[str, list[str]] = json.loads(step.reason or "{}")
    return told


def told_pupils(actor: Actor) -> set[UUID]:
    """Pupils of whose journal a file that stands holds something."""
    query = signed_off(actor).where(ChangeFile.id.is_not(None), ChangeFile.dropped_at.is_(None))
    return set(db.session.scalars(query.with_only_columns(Step.thing_id).distinct()))


def waiting_items(actor: Actor) -> int:
    """How many changed items of journals the leader has not answered."""
    answer = aliased(Step)
    answered = exists().where(answer.thing_id == Step.id, answer.move.in_((SIGN_OFF, SEND_BACK)))
    told = db.session.scalars(_entries(actor).where(~answered).with_only_columns(Step.details))
    return sum(len(details["items"]) for details in told)


def bind(file: ChangeFile, step_ids: Collection[UUID]) -> None:
    """Put entries into a file, out of a dropped one if they were in one. The school is locked by who makes the file."""
    for ids in pieces(step_ids):
        mine = FiledStep.step_id.in_(ids)
        there = set(db.session.scalars(select(FiledStep.step_id).where(mine)))
        db.session.execute(update(FiledStep).where(mine).values(file_id=file.id))
        db.session.add_all([FiledStep(step_id=one, file_id=file.id) for one in ids if one not in there])
