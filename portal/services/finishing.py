"""Handing on the sheets that are done: to the leader, or back to the family where something could not be read.

One press for all of them. Until then whoever entered a value can take it back, so nothing leaves while somebody else
may still do so.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from portal.models import Change, Photo, Reading, Sheet, db
from portal.rules.clock import now
from portal.rules.roles import Actor
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import SheetState
from portal.services import entry


@dataclass(frozen=True)
class Done:
    """Sheets that can be handed on: how many go to the leader, and how many back to the family."""

    whole: int = 0
    unclear: int = 0

    @property
    def total(self) -> int:
        return self.whole + self.unclear


def done(actor: Actor, class_id: UUID | None = None) -> Done:
    """Sheets of a class, or of the school, whose every item has its verdict.

    Left out: what the machine did not read whole, because nobody has said yet that nothing more is written (the single
    sheet is the place for that), and what somebody else has touched in the last ten minutes.
    """
    unclear = _has(Change.outcome == "unclear")
    query = _ready(actor, class_id).with_only_columns(unclear, func.count()).group_by(unclear)
    counts = {bool(flag): n for flag, n in db.session.execute(query)}
    return Done(counts.get(False, 0), counts.get(True, 0))


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(Change.id).where(Change.sheet_id == Sheet.id, *conditions))


def _ready(actor: Actor, class_id: UUID | None) -> Select[UUID]:
    chosen = [] if class_id is None else [Sheet.class_id == class_id]
    by_others = or_(Change.entered_by_id.is_(None), Change.entered_by_id != actor.user_id)
    return (
        select(Sheet.id)
        .join(Photo, Photo.id == Sheet.photo_id)
        .join(Reading, Reading.photo_id == Photo.id)
        .where(*entry.to_enter(actor), *chosen, Sheet.readable, Reading.verdict == "readable")
        .where(~_has(Change.outcome == "open"), or_(Sheet.written == 0, _has()))
        .where(~_has(Change.entered_at > now() - UNDO_FOR, by_others))
    )


def hand_on(actor: Actor, class_id: UUID | None = None) -> Done:
    """Hand on every sheet that is done, each in a transaction of its own; returns how many. Commits.

    A sheet that changes meanwhile is left where it is. Raises `TooLate` when the window is closed.
    """
    counts = {False: 0, True: 0}
    for sheet_id in list(db.session.scalars(_ready(actor, class_id).order_by(Sheet.path, Sheet.id))):
        sheet = db.session.get(Sheet, sheet_id, with_for_update=True)
        still = db.session.scalar(_ready(actor, class_id).where(Sheet.id == sheet_id))
        if sheet is None or still is None:
            db.session.rollback()
            continue
        entry.require_enterable(sheet)
        entry.close(actor, sheet)
        counts[sheet.state != SheetState.ENTERED] += 1
        db.session.commit()
    return Done(counts[False], counts[True])
