"""Entering what families wrote: one item at a time, checked by the rules, saved at once and final (G4, G5, R103)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from portal.models import Change, Place, Pupil, Sheet, Switch, db
from portal.rules import corrections
from portal.rules.checks_round import check_maintenance
from portal.rules.clock import now
from portal.rules.corrections import errors_of, is_told
from portal.rules.items import ITEMS, PARENT_ITEMS
from portal.rules.normalise import normalise
from portal.rules.places import is_below
from portal.rules.problems import Problem
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import (
    application_checks,
    application_drafts,
    application_sheets,
    column_claims,
    entry_lines,
    lists,
    photos,
    place_settings,
    pupils,
)
from portal.services.history import record
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.rounds import require_open
from portal.services.sheets import move
from portal.services.unlocking import require_unlocked

#: what a family reads whose typed correction does not stand on the signed paper
NOT_ON_PAPER = N_("确认表上没有写这一项，所以没有改。要改，请写在纸上签好字再交。")

lines_of = entry_lines.lines_of


class NotValid(Refusal):
    """The typed value breaks a rule; `problems` say which."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(N_("这一项还不对，没有存。"))
        self.problems = problems


def queue(actor: Actor) -> list[tuple[Place, int, int]]:
    """(class, sheets passed by the leader and not yet entered, open changes among them) for classes with work."""
    query = (
        select(Place, func.count(func.distinct(Sheet.id)), func.count(Change.id))
        .join(Sheet, Sheet.class_id == Place.id)
        .outerjoin(Change, (Change.sheet_id == Sheet.id) & (Change.outcome == "open"))
        .where(*to_enter(actor))
        .group_by(Place.id)
        .order_by(Place.path)
    )
    return [(place, sheets, changes) for place, sheets, changes in db.session.execute(query)]


def to_enter(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a sheet that waits for entry in the actor's place."""
    found = lists.round_of(actor)
    passed = Sheet.state == SheetState.PASSED
    return Sheet.round_id == found.id, Sheet.in_scope.is_(True), passed, lists.inside(Sheet.path, actor)


def next_sheet(actor: Actor, class_id: UUID | None = None) -> Sheet | None:
    """The next sheet to enter, in order of class and number."""
    query = select(Sheet).where(*to_enter(actor))
    if class_id is not None:
        query = query.where(Sheet.class_id == class_id)
    return db.session.scalar(query.order_by(Sheet.path, Sheet.id).limit(1))


def require_enterable(sheet: Sheet) -> None:
    """Raise `TooLate` unless the switch is open, the school unlocked, the sheet passed by the leader (A4, B6, G3), its
    pupil still in the round, and no deletion of the record under way (R113)."""
    require_open(sheet.round_id, sheet.path, Switch.ENTRY)
    require_unlocked(sheet.school_id, sheet.round_id)
    if not sheet.in_scope:
        raise TooLate(N_("这个学生已经不在这一轮核查里，不用录入。"))
    if application_checks.is_being_deleted(sheet.pupil_id):
        raise TooLate(N_("这个学生的误操作删除还没有办完，先办完或者撤掉，才能改别的。"))
    if sheet.state != SheetState.PASSED:
        raise TooLate(N_("这张表现在不能录入：要先由班主任检查、校领导同意，并且还没有录完。"))


def _change(actor: Actor, change_id: UUID, version: int | None) -> tuple[Change, Sheet]:
    """A change with its sheet, both locked and as they were on the screen, that nobody else has before them."""
    known = db.session.get(Change, change_id)
    if known is None or not is_below(known.path, actor.path):
        raise NotFound
    sheet = lists.find(actor, Sheet, known.sheet_id, lock=True)
    require_enterable(sheet)
    change = lists.find(actor, Change, change_id, lock=True)
    column_claims.require_free(actor, change)
    if version is not None and change.version != version:
        raise TooLate(N_("刚才别人先改了。您填的没有存，请看一眼新的再做。"))
    if change.application_id is not None:
        raise TooLate(N_("这一项已经在申请里，请到申请里办。"))
    return change, sheet


def enter_value(actor: Actor, change_id: UUID, raw: str, version: int | None = None) -> Change:
    """Save one value to the pupil's record and accept the change. Commits.

    `version`: that of the change on the screen. Raises `NotValid` with the broken rules, `Refusal` for key data and
    controlled items (they need an application with evidence), `TooLate` outside the window, while locked, in another
    state, while somebody else has the row before them or has changed it.
    """
    change, sheet = _change(actor, change_id, version)
    if check_maintenance([change.item]):
        raise Refusal(N_("这一项是关键信息，不能在这里直接改：要带证件走关键信息变更申请。请点“走申请”记下来。"))
    if place_settings.is_controlled(sheet.path, change.item):
        raise Refusal(N_("教育局把这一项列为受控项目，不能在这里直接改：要带证明走申请。请点“走申请”记下来。"))
    pupil = db.session.scalars(select(Pupil).where(Pupil.id == sheet.pupil_id).with_for_update()).one()
    value = normalise(change.item, raw)
    problems = problems_of(pupil, change.item, value)
    if problems:
        raise NotValid(problems)
    known = pupil.record
    change.values = corrections.entered(change.values, value, known.get(change.item, ""))
    pupils.keep_record(pupil, known | {change.item: value})
    _decide(actor, change, "accepted")
    return change


def problems_of(pupil: Pupil, item: str, value: str) -> list[Problem]:
    """The errors that this value would bring: of the item itself, and new ones across items."""
    return errors_of(pupil.record, item, value, pupils.context_of(pupil))


def _decide(actor: Actor, change: Change, outcome: str, reason: str | None = None) -> None:
    change.outcome, change.entered_by_id, change.entered_at = outcome, actor.user_id, now()
    change.reason, change.claimed_by_id, change.claimed_until = reason, None, None
    record(actor, change, f"CHANGE_{outcome.upper()}", change.school_id, reason=reason, item=change.item)
    column_claims.renew(actor)
    db.session.commit()


def take_back(sheet: Sheet, change: Change) -> None:
    """A value entered before and not wanted after all leaves the record, unless that has changed since (G9)."""
    put = corrections.in_record(change.values)
    if put is None:
        return
    before, kept = corrections.taken_back(change.values)
    pupil = db.session.scalars(select(Pupil).where(Pupil.id == sheet.pupil_id).with_for_update()).one()
    if pupil.record.get(change.item, "") == put:
        pupils.keep_record(pupil, pupil.record | {change.item: before})
    change.values = kept


def refuse_value(actor: Actor, change_id: UUID, reason: str, version: int | None = None) -> Change:
    """Do not take a change over, with a reason that the family reads (R87). Commits."""
    change, sheet = _change(actor, change_id, version)
    if not reason.strip():
        raise Refusal(N_("请写明为什么不改，家长会看到。"))
    take_back(sheet, change)
    _decide(actor, change, "refused", reason.strip())
    return change


def apply_for(actor: Actor, change_id: UUID, version: int | None = None) -> Change:
    """A change of key data, or of a controlled item, goes its own way, with evidence, through leader and authority: it
    and all others of the sheet that must become one draft (H1, G8). While another application about the pupil is on its
    way they wait for it. Commits."""
    change, sheet = _change(actor, change_id, version)
    if not check_maintenance([change.item]) and not place_settings.is_controlled(sheet.path, change.item):
        raise Refusal(N_("这一项不是关键信息，直接录入就行。"))
    application_sheets.mark(actor, change)
    if application_drafts.can_put_in(sheet.pupil_id):
        application_drafts.put_in(actor, sheet)
    column_claims.renew(actor)
    db.session.commit()
    return change


def mark_unclear(actor: Actor, change_id: UUID, version: int | None = None) -> Change:
    """Nobody can read what is written: no value is guessed. When the rest of the sheet is done it goes back to the
    family, which reads which items to write again (G2). Commits."""
    change, sheet = _change(actor, change_id, version)
    if change.outcome != "open":
        raise TooLate(N_("这一项已经处理过了。"))
    take_back(sheet, change)
    _decide(actor, change, "unclear")
    return change


def nothing_written(actor: Actor, change_id: UUID, version: int | None = None) -> Change:
    """A speck was taken for writing: the change goes, the photo stays as proof. What the family typed on the screen
    and did not write is refused with words that it reads. Commits."""
    change, sheet = _change(actor, change_id, version)
    if change.outcome != "open":
        raise TooLate(N_("这一项已经处理过了。"))
    take_back(sheet, change)
    if is_told(change.values):
        _decide(actor, change, "refused", NOT_ON_PAPER)
        return change
    told: dict[str, Any] = {"item": change.item, "sheet": sheet.id.hex, "source": change.source}
    record(actor, change, "CHANGE_NOTHING", change.school_id, **told)
    db.session.delete(change)
    sheet.written = max(0, sheet.written - 1)
    db.session.commit()
    return change


def add_change(actor: Actor, sheet_id: UUID, item: str) -> Change:
    """Add an item that a person sees on the paper and the machine did not. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    require_enterable(sheet)
    if item not in PARENT_ITEMS:
        raise NotFound
    if any(change.item == item for change in sheet.changes):
        raise Refusal(N_("这一项已经在列表里了。"))
    change = new_change(sheet, item, source="hand")
    sheet.written += 1
    record(actor, sheet, "ADD_CHANGE", sheet.school_id, item=item)
    db.session.commit()
    return change


def finish(actor: Actor, sheet_id: UUID) -> Sheet:
    """All items of a sheet are done: see `close`. Commits."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    require_enterable(sheet)
    waiting = [change for change in sheet.changes if change.outcome == "open"]
    if waiting:
        raise Refusal(N_("还有 %(n)s 项没有录，录完再点完成。"), n=len(waiting))
    close(actor, sheet)
    db.session.commit()
    return sheet


def close(actor: Actor, sheet: Sheet) -> None:
    """A sheet whose items all have a verdict goes to the leader (G6), or back to the family where something could not
    be read (G2). The caller has locked it, has asked whether it can be closed, and commits."""
    found = {change.item for change in sheet.changes if change.outcome == "unclear"}
    if not found:
        move(actor, sheet, SheetMove.ENTER, changes=len(sheet.changes))
        return
    names = "、".join(item.name_zh for code, item in ITEMS.items() if code in found)
    move(actor, sheet, SheetMove.SEND_BACK, f"有的字看不清：{names}。请在纸上描清楚，再拍一张。")


def crop_of(actor: Actor, change_id: UUID) -> bytes:
    """The handwriting of one item as JPEG; raises `NotFound` when there is none."""
    change = lists.find(actor, Change, change_id)
    if change.crop_address is None:
        raise NotFound
    return photos.content_of(change.crop_address, change.school_id, change.round_id)


def sheet_to_enter(actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet for the entry screen; also after it has been entered, to look at."""
    return lists.find(actor, Sheet, sheet_id)


def sheet_of_change(actor: Actor, change_id: UUID) -> UUID:
    """The sheet a change belongs to."""
    return lists.find(actor, Change, change_id).sheet_id
