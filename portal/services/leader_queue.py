"""What waits for the leader: sheets to pass, classes to sign off with their journal, decisions that can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from portal.models import Decision, Place, Sheet, User, db
from portal.rules.clock import local, now, today
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.undoing import can_undo, minutes_left
from portal.rules.workflow import SheetMove, SheetState
from portal.services import decisions, lists, pending

#: so many sheets are listed at once; the others follow when these are decided
LISTED = 200


@dataclass(frozen=True)
class Row:
    """One sheet of the queue; `days`: how long it has waited. `lapsed`: why the last decision did not hold."""

    sheet_id: UUID
    version: int
    name: str
    class_name: str
    written: int
    days: int
    lapsed: str = ""


@dataclass(frozen=True)
class Decided:
    """One decision that waits to take effect. `minutes`: until then; `mine`: the actor made it."""

    sheet_id: UUID
    name: str
    class_name: str
    what: SheetMove
    reason: str
    who: str
    at: datetime
    minutes: int
    mine: bool
    can_undo: bool


@dataclass(frozen=True)
class ClassToSign:
    """A class with sheets that have been entered: how many, and how many items were written on them."""

    class_id: UUID
    name: str
    sheets: int
    written: int


@dataclass(frozen=True)
class Counts:
    """How many sheets wait for a pass, for a sign-off, and how many decisions can still be undone or wait."""

    passing: int
    verifying: int
    decided: int


def _waiting(actor: Actor, state: SheetState) -> tuple[ColumnElement[bool], ...]:
    """The conditions for sheets in a state on which no decision waits."""
    found = lists.round_of(actor)
    pending = select(Decision.id).where(
        Decision.thing_id == Sheet.id, Decision.done_at.is_(None), Decision.undone_at.is_(None)
    )
    inside = lists.inside(Sheet.path, actor)
    return Sheet.round_id == found.id, Sheet.in_scope.is_(True), Sheet.state == state, inside, ~pending.exists()


def counts(actor: Actor) -> Counts:
    """The numbers on the tiles of the queue."""

    def waiting(state: SheetState) -> int:
        return db.session.scalar(select(func.count()).select_from(Sheet).where(*_waiting(actor, state))) or 0

    decided = len(pending.of_place(actor, "sheet"))
    return Counts(passing=waiting(SheetState.CHECKED), verifying=waiting(SheetState.ENTERED), decided=decided)


def to_pass(actor: Actor) -> list[Row]:
    """Sheets the class teachers have checked, those with changes first; at most `LISTED`."""
    query = select(Sheet).options(joinedload(Sheet.pupil), joinedload(Sheet.class_))
    query = query.where(*_waiting(actor, SheetState.CHECKED))
    found = db.session.scalars(query.order_by(Sheet.written.desc(), Sheet.path, Sheet.id).limit(LISTED))
    why = {decision.thing_id: decision.lapsed or "" for decision in decisions.lapsed(actor)}
    return [_row(sheet, why.get(sheet.id, "")) for sheet in found]


def _row(sheet: Sheet, lapsed: str) -> Row:
    days = (today() - local(sheet.updated_at).date()).days
    name = mask_name(sheet.pupil.record["name"])
    return Row(sheet.id, sheet.version, name, sheet.class_.name, sheet.written, max(0, days), lapsed)


def to_sign(actor: Actor) -> list[ClassToSign]:
    """Classes whose sheets have been entered, in order (G6)."""
    query = select(Place, func.count(Sheet.id), func.coalesce(func.sum(Sheet.written), 0))
    query = query.join(Sheet, Sheet.class_id == Place.id).where(*_waiting(actor, SheetState.ENTERED))
    rows = db.session.execute(query.group_by(Place.id).order_by(Place.path))
    return [ClassToSign(place.id, place.name, sheets, written) for place, sheets, written in rows]


def signable(actor: Actor, class_id: UUID) -> list[Sheet]:
    """The entered sheets of a class on which no decision waits, in the order of the class."""
    query = select(Sheet).options(joinedload(Sheet.pupil), joinedload(Sheet.changes))
    query = query.where(*_waiting(actor, SheetState.ENTERED), Sheet.class_id == class_id)
    return sorted(db.session.scalars(query).unique(), key=lambda sheet: lists.seat_order(sheet.pupil.record))


def decided(actor: Actor) -> list[Decided]:
    """Decisions that wait, the newest first, with the names of who made them."""
    return _decided(actor, pending.of_place(actor, "sheet"))


def last_decided(actor: Actor) -> list[Decided]:
    """What this person decided last and together, while it can be undone."""
    own = [found for found in pending.of_place(actor, "sheet") if found.by_id == actor.user_id]
    together = [found for found in own if found.at == own[0].at]
    return [one for one in _decided(actor, together) if one.can_undo]


def _decided(actor: Actor, found: list[Decision]) -> list[Decided]:
    query = select(Sheet).options(joinedload(Sheet.pupil), joinedload(Sheet.class_))
    sheets = {s.id: s for s in db.session.scalars(query.where(Sheet.id.in_([d.thing_id for d in found])))}
    who = _names({decision.by_id for decision in found})
    return [_decided_row(actor, decision, sheets[decision.thing_id], who) for decision in found]


def _decided_row(actor: Actor, decision: Decision, sheet: Sheet, who: dict[UUID, str]) -> Decided:
    moment, mine = now(), decision.by_id == actor.user_id
    return Decided(
        sheet_id=sheet.id,
        name=mask_name(sheet.pupil.record["name"]),
        class_name=sheet.class_.name,
        what=SheetMove(decision.move),
        reason=decision.reason or "",
        who=who.get(decision.by_id, ""),
        at=decision.at,
        minutes=minutes_left(decision.due_at, moment),
        mine=mine,
        can_undo=mine and can_undo(decision.due_at, moment),
    )


def _names(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    return {user.id: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(set(user_ids))))}


def lapsed(actor: Actor) -> list[Row]:
    """Sheets that are back in the queue because the decision on them was not carried out, with the reason."""
    found = {decision.thing_id: decision.lapsed or "" for decision in decisions.lapsed(actor)}
    query = select(Sheet).options(joinedload(Sheet.pupil), joinedload(Sheet.class_)).where(Sheet.id.in_(found))
    return [_row(sheet, found[sheet.id]) for sheet in db.session.scalars(query.order_by(Sheet.path, Sheet.id))]
