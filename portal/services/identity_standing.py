"""How far a school is with the proofs of pupils who have no ID number: counts that need no record opened (I4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from portal.models import Application, Place, Pupil, Round, db
from portal.rules.applications import REFUSED, ApplicationKind, ApplicationState


@dataclass(frozen=True)
class Standing:
    """Pupils without any number and those of them whose proof is approved in this round; proofs of anybody that wait
    for the leader, or were refused and not made anew."""

    without: int
    approved: int
    waiting: int
    refused: int

    @property
    def is_done(self) -> bool:
        """Nobody in the school has anything to do."""
        return self.approved >= self.without and not self.waiting and not self.refused


def standing_of(found: Round, school: Place) -> Standing:
    """The counts of a school in a round."""
    there = (Pupil.school_id == school.id, Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    without = select(func.count(Pupil.id)).where(*there, Pupil.id_index.is_(None))
    own = (Application.kind == ApplicationKind.IDENTITY, Application.round_id == found.id)

    def pupils(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count(func.distinct(Application.pupil_id))).join(Application.pupil)
        return db.session.scalar(query.where(*there, *own, *conditions)) or 0

    later = aliased(Application)
    anew = select(later.id).where(later.previous_id == Application.id).exists()
    return Standing(
        without=db.session.scalar(without) or 0,
        approved=pupils(Application.state == ApplicationState.GRANTED, Pupil.id_index.is_(None)),
        waiting=pupils(Application.state == ApplicationState.WITH_LEADER),
        refused=pupils(Application.state.in_(REFUSED), ~anew),
    )
