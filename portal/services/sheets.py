"""Sheets: who is expected, and the only way a sheet moves from one state to the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Guardianship, LedgerEntry, Place, Pupil, Round, Sheet, db
from portal.rules import deletions
from portal.rules.roles import Actor, Level
from portal.rules.scope import why_excluded
from portal.rules.words import N_
from portal.rules.workflow import NEEDS_REASON, SheetMove, SheetState, after
from portal.services.history import record
from portal.services.refusals import Refusal

#: why a pupil is out of scope (F1, F3, F4), in the words of the list of exclusions
EXCLUSIONS = {
    "not_on_roll": N_("学籍状态不是在校"),
    "business_open": N_("有学籍业务正在办"),
    "after_cut_off": N_("截止日之后才转入"),
    "left": N_("已经离校"),
    deletions.REASON: N_("误操作建的学籍，已删除"),
    "not_new": N_("本轮只核查新生"),
}
AFTER_CUT_OFF = "after_cut_off"
_BY_RULE = {"R106.status": "not_on_roll", "R106.business": "business_open", "R107": AFTER_CUT_OFF}
#: why an open case is open; causes instead of rankings
CAUSES = {
    "away": N_("去外地了"),
    "no_reply": N_("电话打不通"),
    "no_phone": N_("没有手机，等纸表"),
    "transferring": N_("正在转学"),
    "refuses": N_("不愿意"),
    "lost": N_("表丢了，要补印"),
    "unreadable": N_("照片看不清"),
}


def exclusion_of(found: Round, pupil: Pupil, finished: date | None = None) -> str | None:
    """Why this pupil is not in this round, or None when in scope (R106, R107, A6).

    `finished` is the day on which the last status change was finished, where it is known.
    """
    if pupil.left_at is not None:
        return deletions.REASON if pupil.status == deletions.STATUS else "left"
    for problem in why_excluded(pupil.status, pupil.business_open, found.cut_off, finished):
        return _BY_RULE[problem.code]
    if found.kind == "new" and not _entered_this_year(found, pupil):
        return "not_new"
    return None


def _entered_this_year(found: Round, pupil: Pupil) -> bool:
    school_year = found.year if found.begins.month >= 9 else found.year - 1
    return pupil.record.get("entry_year_month", "").startswith(str(school_year))


def expect(found: Round, school_id: UUID, joined: bool = False, by: Actor | None = None) -> int:
    """Make the missing sheets of a school for a round and return how many are in scope (F5).

    `joined` is true once the round runs: each pupil then goes into the ledger behind the denominator.
    The caller commits.
    """
    have = set(
        db.session.scalars(select(Sheet.pupil_id).where(Sheet.round_id == found.id, Sheet.school_id == school_id))
    )
    query = select(Pupil).where(Pupil.school_id == school_id, Pupil.is_draft.is_(False), Pupil.left_at.is_(None))
    in_scope, claimed = 0, _claimed(school_id)
    for pupil in db.session.scalars(query):
        if pupil.id in have:
            continue
        why = exclusion_of(found, pupil)
        in_scope += why is None
        db.session.add(_sheet_for(found, pupil, why, pupil.id in claimed))
        if joined and why is None:
            reason = N_("名册导入")
            entry = LedgerEntry(round_id=found.id, pupil_id=pupil.id, path=pupil.path, change=1, reason=reason)
            entry.by_id = by.user_id if by else None
            db.session.add(entry)
    return in_scope


def expect_again(found: Round, pupil: Pupil) -> Sheet | None:
    """The sheet of a pupil who had left before the school's list was made and has come back since; None while there is
    no list yet. It is out of scope until the caller settles that; the caller commits."""
    listed = select(Sheet.id).where(Sheet.round_id == found.id, Sheet.school_id == pupil.school_id)
    if pupil.left_at is not None or db.session.scalar(listed.limit(1)) is None:
        return None
    made = _sheet_for(found, pupil, "left", pupil.id in _claimed(pupil.school_id))
    db.session.add(made)
    return made


def _claimed(school_id: UUID) -> set[UUID]:
    """Pupils for whom an account speaks already, from an earlier round."""
    live = (Guardianship.state == "active", Pupil.school_id == school_id)
    return set(db.session.scalars(select(Guardianship.pupil_id).join(Guardianship.pupil).where(*live)))


def _sheet_for(found: Round, pupil: Pupil, exclusion: str | None, registered: bool) -> Sheet:
    return Sheet(
        round_id=found.id,
        pupil_id=pupil.id,
        school_id=pupil.school_id,
        class_id=pupil.class_id,
        path=pupil.path,
        registered=registered,
        in_scope=exclusion is None,
        exclusion=exclusion,
    )


def move(actor: Actor | None, sheet: Sheet, what: SheetMove, reason: str | None = None, **details: Any) -> None:
    """Apply one move and write its step; the facts that follow from it are set here and nowhere else.

    Raises `NotAllowedNow` for a pair that is not in the table and `Refusal` when a reason is missing (R87).
    The caller commits.
    """
    reason = (reason or "").strip()
    if what in NEEDS_REASON and not reason:
        raise Refusal(N_("请写明退回的原因，家长和学校都会看到。"))
    before, sheet.state = SheetState(sheet.state), after(SheetState(sheet.state), what)
    if what == SheetMove.ISSUE:
        sheet.issued = True
    if what == SheetMove.SEND_BACK:
        sheet.sent_back, sheet.note = True, reason
        # what was sent back speaks for the sheet no longer: any new photo or the paper itself is better
        sheet.readable = sheet.signed = sheet.returned = False
    if what in (SheetMove.SEND_BACK, SheetMove.RETURN_TO_CHECKED):
        for change in sheet.changes:  # what was decided on the old paper says nothing about the new one (G9)
            if change.application_id is not None:  # the authority decides it, or has
                continue
            by_school = change.source == "desk"  # stood on no paper
            change.outcome = change.outcome if by_school and what == SheetMove.SEND_BACK else "open"
    if what in (SheetMove.RECEIVE, SheetMove.CHECK):
        sheet.sent_back = False
    record(actor, sheet, what.value, sheet.school_id, states=(before, sheet.state), reason=reason or None, **details)


def move_all(actor: Actor, sheets: Iterable[Sheet], what: SheetMove) -> int:
    """Move every sheet or none; returns how many. The caller commits."""
    n = 0
    for sheet in sheets:
        move(actor, sheet, what)
        n += 1
    return n


def tick_returned(actor: Actor, sheet: Sheet, returned: bool = True) -> None:
    """The paper is back, without or beside a photo: an official count (X30, N2). Commits."""
    note_returned(actor, sheet, returned)
    db.session.commit()


def note_returned(actor: Actor, sheet: Sheet, returned: bool) -> bool:
    """Note whether the paper is back; False when that was known. The caller commits."""
    if sheet.returned == returned:
        return False
    if not sheet.issued:
        raise Refusal(N_("这张表还没有下发，不能登记交回。请先在“打印确认表”里点下发。"))
    sheet.returned = returned
    if returned and sheet.state == SheetState.ISSUED:
        move(actor, sheet, SheetMove.RECEIVE, by="paper")
    elif not returned and sheet.state == SheetState.RECEIVED and not sheet.received:
        move(actor, sheet, SheetMove.TAKE_BACK)
    else:
        record(actor, sheet, "TICK_RETURNED" if returned else "UNTICK_RETURNED", sheet.school_id)
    return True


def set_cause(actor: Actor, sheet: Sheet, cause: str | None) -> None:
    """Say why an open case is open, or clear it. Commits."""
    note_cause(actor, sheet, cause)
    db.session.commit()


def note_cause(actor: Actor, sheet: Sheet, cause: str | None) -> bool:
    """Note why an open case is open; False when that was known. The caller commits."""
    if cause is not None and cause not in CAUSES:
        raise Refusal(N_("没有这个原因，请从列表里选。"))
    if sheet.cause == cause:
        return False
    sheet.cause = cause
    record(actor, sheet, "SET_CAUSE", sheet.school_id, cause=cause)
    return True


def schools_below(path: str) -> list[Place]:
    """All schools at or below a path, by path."""
    query = select(Place).where(Place.level == Level.SCHOOL, Place.path.startswith(path, autoescape=True))
    return sorted(db.session.scalars(query), key=lambda p: p.path)
