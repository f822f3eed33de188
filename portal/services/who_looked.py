"""What a family may ask: who was shown my child's record in full, and when (children's rules art. 15, PIPL 45)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Application, Photo, Place, Sheet, Step, db
from portal.rules.roles import Actor, Role
from portal.rules.step_words import label_of
from portal.services import guardians
from portal.services.viewing import EVIDENCE, PHOTO, RECORD

_MOVES = (RECORD, PHOTO, EVIDENCE, "SEE_APPLICATION_IN_FULL")
MOST = 100


@dataclass(frozen=True)
class Look:
    """One look: when, in which role, of which school or authority, at what. Never a name."""

    at: datetime
    role: str
    place: str
    what: str


def looks(actor: Actor, child_id: UUID) -> list[Look]:
    """The newest looks at an own child's record, papers and applications. Raises `NotFound`."""
    pupil_id = guardians.own(actor, child_id).pupil_id
    sheets = select(Sheet.id).where(Sheet.pupil_id == pupil_id)
    photos = select(Photo.id).where(Photo.sheet_id.in_(sheets))
    asked = select(Application.id).where(Application.pupil_id == pupil_id)
    things = {pupil_id, *(one for query in (sheets, photos, asked) for one in db.session.scalars(query))}
    query = select(Step).where(Step.thing_id.in_(things), Step.move.in_(_MOVES), Step.role.is_not(None))
    found = list(db.session.scalars(query.order_by(Step.at.desc()).limit(MOST)))
    names = dict(
        db.session.execute(select(Place.id, Place.name).where(Place.id.in_({s.place_id for s in found}))).all()
    )
    return [Look(s.at, Role(s.role).label, names.get(s.place_id, ""), label_of(s.move)) for s in found if s.role]
