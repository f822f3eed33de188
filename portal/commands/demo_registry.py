"""Seats and change files in the demo: an operator enters, the leader verifies, the registry has taken one file."""

from __future__ import annotations

from sqlalchemy import select

from portal.commands import demo_exports
from portal.commands.demo_province import PASSWORD
from portal.models import Place, Sheet, db
from portal.rules.clock import today
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import accounts, appointing, change_file_views, change_files, entry, leading
from portal.services.figures import fold_all
from portal.services.refusals import Refusal

ITEM, VALUE = "postcode", "990100"
_NOT_SAME = "户口簿上不是这样写的，请带户口簿到学校来。"
_SEATS = ("何录入", "施录入")


def add(school: Place, registrar: Actor) -> None:
    """The sheets that the leader has passed are entered and verified: half of them are in a file the registry took."""
    for name in _SEATS:
        appointing.invite(registrar, school.id, Role.OPERATOR, name)
    operator, leader = (_signed_in(login) for login in ("operator", "leader"))
    passed = select(Sheet).where(Sheet.school_id == school.id, Sheet.state == SheetState.PASSED).order_by(Sheet.id)
    sheets = list(db.session.scalars(passed))[1:]  # one stays to be entered
    half = (len(sheets) + 1) // 2
    for n, part in enumerate((sheets[:half], sheets[half:])):
        for sheet in part:
            _enter(operator, sheet)
            if sheet.state == SheetState.ENTERED:  # one with something unclear goes back to the family
                leading.carry_out(leader, sheet, SheetMove.VERIFY)
                db.session.commit()
        if n == 0 and change_file_views.counts_of(registrar)[0]:
            file = change_files.make(registrar)
            change_files.taken(registrar, file.id, file.version, f"接收批次 {today():%Y%m%d}-0017")
    demo_exports.add(school, _signed_in("registrar"), leader)
    fold_all()


def _signed_in(login: str) -> Actor:
    actor = accounts.actor_of(accounts.sign_in(login, PASSWORD))
    assert actor is not None
    return actor


def _enter(operator: Actor, sheet: Sheet) -> None:
    """What was written is refused with a reason, for nobody can read strokes made up; one item is entered."""
    for change in list(sheet.changes):
        if change.outcome == "open" and change.item != ITEM:
            entry.refuse_value(operator, change.id, _NOT_SAME)
    mine = next((change for change in sheet.changes if change.item == ITEM), None)
    try:
        entry.enter_value(operator, (mine or entry.add_change(operator, sheet.id, ITEM)).id, VALUE)
    except Refusal:
        db.session.rollback()
    entry.finish(operator, sheet.id)
