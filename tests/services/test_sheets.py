"""Who is expected, and every move a sheet can make (F1-F5, R106, R107, G2, G9, X30)."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from portal.models import LedgerEntry, Sheet, Step, db
from portal.rules.roles import Role
from portal.rules.workflow import MOVES, NEEDS_REASON, NotAllowedNow, SheetMove, SheetState
from portal.services import sheets
from portal.services.refusals import Refusal
from tests.make import Make


@pytest.mark.parametrize(("state", "what"), list(product(SheetState, SheetMove)), ids=lambda v: v.value)
def test_only_listed_moves_pass_and_each_writes_its_step(make: Make, state: SheetState, what: SheetMove) -> None:
    sheet = make.sheet(state)
    if (state, what) not in MOVES:
        with pytest.raises(NotAllowedNow):
            sheets.move(None, sheet, what, "原因")
        assert sheet.state == state
        return
    sheets.move(None, sheet, what, "原因")
    db.session.commit()
    step = db.session.scalar(select(Step).where(Step.thing_id == sheet.id))
    assert step is not None
    assert (step.move, step.before, step.after) == (what.value, state.value, MOVES[(state, what)].value)


@pytest.mark.parametrize("what", sorted(NEEDS_REASON))
@pytest.mark.parametrize("reason", [None, "", "   "])
def test_sending_back_needs_a_reason(make: Make, what: SheetMove, reason: str | None) -> None:
    """R87: every refusal carries a non-blank explanation."""
    sheet = make.sheet(SheetState.ENTERED if what == SheetMove.RETURN_TO_CHECKED else SheetState.RECEIVED)
    with pytest.raises(Refusal):
        sheets.move(None, sheet, what, reason)


def test_reason_is_sealed(make: Make) -> None:
    sheet = make.sheet(SheetState.RECEIVED)
    sheets.move(None, sheet, SheetMove.SEND_BACK, "请补签名")
    db.session.commit()
    step = db.session.scalar(select(Step).where(Step.thing_id == sheet.id))
    assert step is not None
    assert step.reason == "请补签名"
    assert "请补签名".encode() not in (step.reason_sealed or b"")


@pytest.mark.parametrize(
    ("status", "business_open", "why"),
    [("01", False, None), ("02", False, "not_on_roll"), ("01", True, "business_open")],
)
def test_scope(make: Make, status: str, business_open: bool, why: str | None) -> None:
    """R106: on roll and no business in progress."""
    pupil = make.pupil(student_status=status)
    pupil.business_open = business_open
    db.session.commit()
    assert sheets.exclusion_of(make.round(), pupil) == why


def test_excluded_pupils_are_shown_with_their_reason(make: Make) -> None:
    """F5"""
    make.pupil()
    make.pupil(student_status="02")
    assert sheets.expect(make.round(), make.school().id) == 1
    db.session.commit()
    assert sorted(s.exclusion or "" for s in db.session.scalars(select(Sheet))) == ["", "not_on_roll"]


def test_expecting_twice_makes_nothing_new(make: Make) -> None:
    make.pupil()
    assert [sheets.expect(make.round(), make.school().id) for _ in range(2)] == [1, 0]


def test_joiner_stands_in_the_ledger(make: Make) -> None:
    pupil = make.pupil()
    sheets.expect(make.round(), make.school().id, joined=True)
    db.session.commit()
    entry = db.session.scalar(select(LedgerEntry))
    assert entry is not None
    assert (entry.pupil_id, entry.change) == (pupil.id, 1)


def test_paper_without_photo_is_ticked_in_and_received(make: Make) -> None:
    """X30: a returned paper without a photo is ticked in by the teacher."""
    sheet = make.sheet(SheetState.ISSUED)
    sheets.tick_returned(make.actor(Role.TEACHER, make.class_()), sheet)
    assert (sheet.state, sheet.returned, sheet.received) == (SheetState.RECEIVED, True, False)


def test_paper_ticked_in_by_mistake_is_expected_again(make: Make) -> None:
    """Without paper and photo the child stands among those to be chased, not among those to be looked at."""
    sheet, actor = make.sheet(SheetState.ISSUED), make.actor(Role.TEACHER, make.class_())
    sheets.tick_returned(actor, sheet)
    sheets.tick_returned(actor, sheet, returned=False)
    assert (sheet.state, sheet.returned) == (SheetState.ISSUED, False)


def test_paper_that_was_never_handed_out_cannot_come_back(make: Make) -> None:
    sheet = make.sheet(SheetState.PRINTED)
    with pytest.raises(Refusal):
        sheets.tick_returned(make.actor(Role.TEACHER, make.class_()), sheet)


def test_only_listed_causes_are_taken(make: Make) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    actor = make.actor(Role.TEACHER, make.class_())
    sheets.set_cause(actor, sheet, "away")
    assert sheet.cause == "away"
    with pytest.raises(Refusal):
        sheets.set_cause(actor, sheet, "lazy")


def test_a_claimed_pupil_is_registered_in_the_next_round_too(make: Make) -> None:
    pupil = make.pupil()
    make.guardian(pupil)
    make.pupil(pupil.class_)
    found = make.round()
    sheets.expect(found, pupil.school_id)
    db.session.commit()
    assert {sheet.pupil_id for sheet in db.session.query(Sheet) if sheet.registered} == {pupil.id}
