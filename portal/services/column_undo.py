"""Taking back what one has just entered: within ten minutes and before the sheet is handed on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Photo, Sheet, Step, db
from portal.rules.clock import now
from portal.rules.roles import Actor
from portal.rules.undoing import can_undo, due_at
from portal.rules.words import N_
from portal.services import column_claims, column_entry, entry, lists, readings
from portal.services.history import record
from portal.services.refusals import NotFound, TooLate

_OVER = N_("撤不回来了：过了 10 分钟，或者后来有了变化。")


def undo(actor: Actor, change_id: UUID) -> Change:
    """Open a row again that the actor has just entered, called unclear or said to be empty: the old value stands in
    the record as before, and the row is before the actor. Commits.

    Raises `TooLate` after ten minutes and once the sheet is handed on, `NotFound` for rows outside the place.
    """
    change = db.session.scalar(select(Change).where(Change.id == change_id, lists.inside(Change.path, actor)))
    if change is None:
        change = _empty_after_all(actor, change_id)
    else:
        change = _open_again(actor, change)
    column_claims.take(actor, [change.id])
    db.session.commit()
    return change


def _open_again(actor: Actor, change: Change) -> Change:
    sheet = lists.find(actor, Sheet, change.sheet_id, lock=True)
    entry.require_enterable(sheet)
    change = lists.find(actor, Change, change.id, lock=True)
    if change.application_id is not None or not column_entry.is_own(actor, change, now()):
        raise TooLate(_OVER)
    entry.take_back(sheet, change)
    change.outcome, change.entered_by_id, change.entered_at, change.reason = "open", None, None, None
    record(actor, change, "CHANGE_UNDONE", change.school_id, item=change.item)
    db.session.flush()
    return change


def _empty_after_all(actor: Actor, change_id: UUID) -> Change:
    """A row that is gone because the actor said that nothing is written there."""
    query = select(Step).where(Step.thing_id == change_id, lists.inside(Step.path, actor))
    query = query.where(Step.move == "CHANGE_NOTHING")
    step = db.session.scalar(query.order_by(Step.at.desc(), Step.id).limit(1))
    if step is None or "sheet" not in step.details:
        raise NotFound
    sheet = lists.find(actor, Sheet, UUID(step.details["sheet"]), lock=True)
    entry.require_enterable(sheet)
    item = step.details["item"]
    there = any(change.item == item for change in sheet.changes)
    if there or step.by_id != actor.user_id or not can_undo(due_at(step.at), now()):
        raise TooLate(_OVER)
    change = _list_again(sheet, item, change_id, step.details["source"])
    record(actor, change, "CHANGE_UNDONE", change.school_id, item=item)
    db.session.flush()
    return change


def _list_again(sheet: Sheet, item: str, change_id: UUID, source: str) -> Change:
    """The row as the photo that is shown has it."""
    photo = db.session.get(Photo, sheet.photo_id) if sheet.photo_id else None
    written = photo.reading.seen["written"] if photo is not None and photo.reading is not None else {}
    box = written.get(item, {"crop": None, "ticked": []})
    change = readings.new_change(sheet, item, source, id=change_id)
    change.crop_address = box["crop"]
    change.values = change.values | {"ticked": readings.value_ticked(item, box["ticked"], sheet.pupil.record)}
    sheet.written += 1
    return change
