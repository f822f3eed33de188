"""A leader's decisions on sheets, each of which takes effect after ten minutes (G3, G6); see `pending`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from portal.models import Decision, Sheet, db
from portal.rules.access import Action
from portal.rules.clock import now
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import NEEDS_REASON, SheetMove, SheetState, after
from portal.services import leading, lists, pending, reviewing
from portal.services.refusals import TooLate
from portal.services.transactions import reading

log = logging.getLogger(__name__)


def decide(
    actor: Actor, versions: Mapping[UUID, int], what: SheetMove, reason: str = "", items: Sequence[str] = ()
) -> int:
    """Note one decision on each sheet, all or none, to take effect in ten minutes; returns how many. Commits.

    `versions`: sheet -> the version that was on the screen; `items` are wrong where not all of a sheet is. Raises
    `TooLate` when a sheet has changed since or is decided already, `NotAllowedNow` for a move that does not exist,
    `Refusal` for own work (R88) or no reason (R87).
    """
    sheets, reason = leading.chosen(actor, versions), reason.strip()
    pending.require_reason(what in NEEDS_REASON, reason)
    changed = sum(sheet.version != versions[sheet.id] for sheet in sheets)
    if changed or pending.on([sheet.id for sheet in sheets]):
        raise TooLate(N_("里面有表刚才有了变化，或者已经有人决定了。请看一眼新的再做。"))
    leading.require_other_eyes(actor, sheets, what)
    moment = now()
    for sheet in sheets:
        after(SheetState(sheet.state), what)
        pending.note(actor, sheet, what.value, reason, moment, items)
    db.session.commit()
    return len(sheets)


def refuse(actor: Actor, sheet_id: UUID, version: int, reason: str, items: Collection[str] = ()) -> int:
    """Decide against one sheet: before entry back to the family, after entry back to be corrected, then only the named
    `items` when there are any (G9). Commits."""
    sheet = leading.sheet_in_queue(actor, sheet_id)
    wrong = [change.item for change in sheet.changes if change.item in items]
    return decide(actor, {sheet_id: version}, leading.refusal_of(sheet), reason, wrong)


def undo(actor: Actor, sheet_ids: Collection[UUID]) -> int:
    """Take back own decisions on sheets, all or none, until they are due; returns how many. Commits.

    Raises `NotFound` outside the place, `NotYours` for what somebody else decided, `TooLate` once it holds.
    """
    count = pending.undo(actor, leading.chosen(actor, sheet_ids))
    db.session.commit()
    return count


def carry_out_due() -> int:
    """Let every decision whose time has come take effect, each in a transaction of its own; returns how many were
    settled. Called by the worker; any number of workers may call it at once. Commits."""
    with reading():
        due = select(Decision.id, Decision.thing, Decision.thing_id).where(Decision.due_at <= now(), *pending.PENDING)
        found = db.session.execute(due.order_by(Decision.due_at, Decision.id).limit(500)).all()
    return sum(_settle(_TAKES_EFFECT[row.thing], row.id, row.thing_id) for row in found)


def _settle(takes_effect: Callable[[UUID, UUID], bool], decision_id: UUID, thing_id: UUID) -> bool:
    """One decision; False when another worker has it or it could not be carried out (it is tried again)."""
    try:
        return takes_effect(decision_id, thing_id)
    except Exception as error:  # one that cannot be carried out keeps no other waiting
        db.session.rollback()
        log.error("a decision waits: %s", type(error).__name__)
        return False


def _sheet_takes_effect(decision_id: UUID, sheet_id: UUID) -> bool:
    # the sheet first, then its decision: the order in which everybody locks them
    sheet = db.session.scalars(select(Sheet).where(Sheet.id == sheet_id).with_for_update()).one()

    def carry_out(actor: Actor, decision: Decision) -> None:
        leading.carry_out(actor, sheet, SheetMove(decision.move), decision.reason, pending.items_of(sheet))

    return pending.settle(sheet, decision_id, _action, carry_out)


def _action(decision: Decision) -> Action:
    return Action.VERIFY_SHEETS if decision.move == SheetMove.VERIFY else Action.PASS_SHEETS


_TAKES_EFFECT = {"sheet": _sheet_takes_effect, "application": reviewing.take_effect}


def lapsed(actor: Actor) -> list[Decision]:
    """Decisions of the actor's place that were not carried out and whose sheet waits for a decision again, one a
    sheet: nobody has decided anew."""
    query = (
        select(Decision)
        .join(Sheet, Sheet.id == Decision.thing_id)
        .where(lists.inside(Decision.path, actor), Sheet.state.in_((SheetState.CHECKED, SheetState.ENTERED)))
        .order_by(Decision.at.desc(), Decision.id)
    )
    newest: dict[UUID, Decision] = {}
    for decision in db.session.scalars(query):
        newest.setdefault(decision.thing_id, decision)
    return [decision for decision in newest.values() if decision.lapsed]
