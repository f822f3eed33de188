"""The school leader: passing sheets before entry and signing off what was entered (G3, G6, G9, X10).

What a decision does stands here; `decisions` lets ten minutes pass first, so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.models import Change, Sheet, Step, db
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import lists
from portal.services.refusals import NotFound, Refusal
from portal.services.sheets import move

#: what a leader may decide, and what the sheet waits for
OWN_WORK = {
    SheetMove.PASS: N_("里面有您自己检查过的表，要由另一位领导看。"),
    SheetMove.VERIFY: N_("里面有您自己录入的表，要由另一位领导核实。"),
}


def chosen(actor: Actor, ids: Iterable[UUID]) -> list[Sheet]:
    """Sheets inside the actor's place, locked in one order; raises `Refusal` for none and `NotFound` for strangers."""
    wanted = set(ids)
    if not wanted:
        raise Refusal(N_("请先勾选要处理的表。"))
    query = select(Sheet).options(selectinload(Sheet.changes))
    query = query.where(Sheet.id.in_(wanted), lists.inside(Sheet.path, actor)).with_for_update()
    sheets = list(db.session.scalars(query.order_by(Sheet.id)))
    if len(sheets) != len(wanted):
        raise NotFound
    return sheets


def own_work(user_id: UUID | None, sheets: Sequence[Sheet], what: SheetMove) -> set[UUID]:
    """The sheets that this person has checked (before a pass) or typed (before a sign-off) with own hands (R88)."""
    ids = [sheet.id for sheet in sheets]
    if user_id is None or what not in OWN_WORK:
        return set()
    if what == SheetMove.VERIFY:
        typed = select(Change.sheet_id).where(Change.sheet_id.in_(ids), Change.entered_by_id == user_id)
        return set(db.session.scalars(typed))
    checked = select(Step.thing_id).where(Step.thing_id.in_(ids), Step.move == SheetMove.CHECK, Step.by_id == user_id)
    return set(db.session.scalars(checked))


def require_other_eyes(actor: Actor, sheets: Sequence[Sheet], what: SheetMove) -> None:
    """Raise `Refusal` when one of the sheets is the actor's own work (R88)."""
    if own_work(actor.user_id, sheets, what):
        raise Refusal(OWN_WORK[what])


def carry_out(
    actor: Actor, sheet: Sheet, what: SheetMove, reason: str | None = None, items: Collection[str] = ()
) -> None:
    """Let a decision take effect; a passed sheet with nothing written is entered at once. Of a sheet that goes back to
    be corrected only the named `items` are open again, each with the reason (G9). The caller commits."""
    require_other_eyes(actor, [sheet], what)
    outcomes = {change.id: change.outcome for change in sheet.changes}
    move(actor, sheet, what, reason)
    if what == SheetMove.RETURN_TO_CHECKED:
        for change in sheet.changes:
            if items and change.item not in items:
                change.outcome = outcomes[change.id]
            elif change.outcome == "open":
                change.reason = reason
    if what == SheetMove.PASS and not sheet.changes and not sheet.written:
        move(None, sheet, SheetMove.ENTER, changes=0)


def pass_sheets(actor: Actor, ids: Iterable[UUID]) -> int:
    """Let checked sheets go to entry at once, all or none; returns how many. Commits."""
    sheets = chosen(actor, ids)
    for sheet in sheets:
        carry_out(actor, sheet, SheetMove.PASS)
    db.session.commit()
    return len(sheets)


def agreement_of(sheet: Sheet) -> SheetMove:
    """Before entry a sheet is passed, after entry it is signed off."""
    return SheetMove.VERIFY if sheet.state == SheetState.ENTERED else SheetMove.PASS


def refusal_of(sheet: Sheet) -> SheetMove:
    """Before entry a refused sheet goes back to the family, after entry back to be corrected (G9)."""
    return SheetMove.RETURN_TO_CHECKED if sheet.state == SheetState.ENTERED else SheetMove.SEND_BACK


def sheet_in_queue(actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet of the school, in whatever state."""
    return lists.find(actor, Sheet, sheet_id)
