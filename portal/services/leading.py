"""The school leader: passing sheets before entry and signing off what was entered (G3, G6, G9, X10)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal.models import Sheet, db
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import lists
from portal.services.refusals import NotFound, Refusal
from portal.services.sheets import move


def to_pass(actor: Actor) -> list[Sheet]:
    """Sheets the class teachers have checked, those with changes first."""
    return _waiting(actor, SheetState.CHECKED)


def to_verify(actor: Actor) -> list[Sheet]:
    """Sheets that have been entered, those with changes first."""
    return _waiting(actor, SheetState.ENTERED)


def _waiting(actor: Actor, state: SheetState) -> list[Sheet]:
    found = lists.round_of(actor)
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.state == state, lists.inside(Sheet.path, actor))
    return list(db.session.scalars(query.order_by(Sheet.written.desc(), Sheet.path, Sheet.id)))


def _chosen(actor: Actor, ids: Iterable[UUID]) -> list[Sheet]:
    wanted = set(ids)
    if not wanted:
        raise Refusal(N_("请先勾选要处理的表。"))
    query = select(Sheet).where(Sheet.id.in_(wanted), lists.inside(Sheet.path, actor)).with_for_update()
    sheets = list(db.session.scalars(query.order_by(Sheet.id)))
    if len(sheets) != len(wanted):
        raise NotFound
    return sheets


def pass_sheets(actor: Actor, ids: Iterable[UUID]) -> int:
    """Let checked sheets go to entry, all or none; one with nothing written is entered at once. Commits."""
    sheets = _chosen(actor, ids)
    for sheet in sheets:
        move(actor, sheet, SheetMove.PASS)
        if not sheet.changes and not sheet.written:
            move(None, sheet, SheetMove.ENTER, changes=0)
    db.session.commit()
    return len(sheets)


def verify_sheets(actor: Actor, ids: Iterable[UUID]) -> int:
    """Sign off what was entered, all or none; nobody signs off what they typed (R88). Commits."""
    sheets = _chosen(actor, ids)
    for sheet in sheets:
        if actor.user_id is not None and any(change.entered_by_id == actor.user_id for change in sheet.changes):
            raise Refusal(N_("里面有您自己录入的表，要由另一位领导核实。"))
        move(actor, sheet, SheetMove.VERIFY)
    db.session.commit()
    return len(sheets)


def send_back(actor: Actor, sheet_id: UUID, reason: str) -> Sheet:
    """Before entry: back to the family. After entry: back to be corrected (G9). Its changes are open again. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    if sheet.state == SheetState.ENTERED:
        move(actor, sheet, SheetMove.RETURN_TO_CHECKED, reason)
    else:
        move(actor, sheet, SheetMove.SEND_BACK, reason)
    db.session.commit()
    return sheet


def sheet_in_queue(actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet of the school, in whatever state."""
    return lists.find(actor, Sheet, sheet_id)


def names_of(sheets: Iterable[Sheet]) -> dict[UUID, tuple[str, str]]:
    """Sheet id -> (masked name, class)."""
    return {sheet.id: (mask_name(sheet.pupil.record["name"]), sheet.class_.name) for sheet in sheets}
