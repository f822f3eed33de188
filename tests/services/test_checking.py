"""The teacher's decisions: only on what was shown, only with a reason."""

from __future__ import annotations

import pytest
import time_machine

from portal.models import Sheet, db
from portal.rules.clock import now
from portal.rules.figures import Measure, measures_of
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import NotAllowedNow, SheetState
from portal.services import checking, leading, unchanged
from portal.services.checking import Eyes
from portal.services.history import steps_of
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import arrive, leaf_of

#: the answer on a sheet that has been drawn
SEEN = Eyes(changed=False)


@pytest.fixture
def teacher(make: Make) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


def received(make: Make, **facts: object) -> Sheet:
    sheet = make.sheet(SheetState.ISSUED)
    arrive(sheet, leaf_of(sheet), **facts)
    return sheet


def test_a_readable_signed_sheet_is_accepted_in_one_press(make: Make, teacher: Actor) -> None:
    sheet = received(make, written=("phone",))
    checking.check(teacher, sheet.id, sheet.version)
    assert sheet.state == SheetState.CHECKED
    assert Measure.CHECKED in measures_of(sheet)
    step, who = steps_of(sheet.id)[-1]
    assert (step.move, who) == ("CHECK", "周试验")


def test_a_sheet_that_changed_meanwhile_is_looked_at_again(make: Make, teacher: Actor) -> None:
    sheet = received(make)
    shown = sheet.version
    arrive(sheet, leaf_of(sheet), written=("phone",))
    for act in (
        lambda: checking.check(teacher, sheet.id, shown),
        lambda: checking.send_back(teacher, sheet.id, shown, "字看不清"),
    ):
        with pytest.raises(TooLate):
            act()
        db.session.rollback()
    assert sheet.state == SheetState.RECEIVED


def test_two_presses_check_once(make: Make, teacher: Actor) -> None:
    sheet = received(make)
    shown = sheet.version
    checking.check(teacher, sheet.id, shown, SEEN)
    with pytest.raises(TooLate):
        checking.check(teacher, sheet.id, shown, SEEN)
    with pytest.raises(NotAllowedNow):
        checking.check(teacher, sheet.id, sheet.version, SEEN)


def test_no_sheet_without_a_signature_that_somebody_saw(make: Make, teacher: Actor) -> None:
    sheet = received(make, signed=False)
    with pytest.raises(Refusal, match="签名"):
        checking.check(teacher, sheet.id, sheet.version)
    assert Measure.SIGNED not in measures_of(sheet)
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True))
    assert sheet.state == SheetState.CHECKED
    assert Measure.SIGNED in measures_of(sheet)


@pytest.mark.parametrize(("changed", "written"), [(True, 1), (False, 0)])
def test_what_the_machine_could_not_read_the_teacher_says(
    make: Make, teacher: Actor, changed: bool, written: int
) -> None:
    sheet = received(make, verdict="retake", reasons=("blur",))
    with pytest.raises(Refusal, match="没有读全"):
        checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True))
    db.session.rollback()
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=changed))
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, written)


def test_a_paper_without_photo_is_checked_from_the_paper(make: Make, teacher: Actor) -> None:
    sheet = make.sheet(SheetState.RECEIVED, received=False, readable=False, signed=False, returned=True)
    with pytest.raises(Refusal):
        checking.check(teacher, sheet.id, sheet.version)
    db.session.rollback()
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=True))
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, 1)


def test_sending_back_needs_a_reason_and_keeps_it_sealed(make: Make, teacher: Actor) -> None:
    sheet = received(make)
    for empty in ("", "  \n"):
        with pytest.raises(Refusal, match="原因"):
            checking.send_back(teacher, sheet.id, sheet.version, empty)
        db.session.rollback()
    with pytest.raises(Refusal, match="200"):
        checking.send_back(teacher, sheet.id, sheet.version, "长" * 201)
    checking.send_back(teacher, sheet.id, sheet.version, "字看不清")
    assert (sheet.state, sheet.sent_back, sheet.note) == (SheetState.ISSUED, True, "字看不清")
    assert "字看不清".encode() not in sheet.note_sealed


def test_what_was_sent_back_does_not_stand_in_for_the_next_photo(make: Make, teacher: Actor) -> None:
    sheet = received(make)
    first = sheet.photo_id
    checking.send_back(teacher, sheet.id, sheet.version, "字看不清")
    arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("blur",))
    assert sheet.photo_id != first
    assert not sheet.readable


def test_a_checked_sheet_can_still_go_back_but_an_entered_one_not(make: Make, teacher: Actor) -> None:
    for state in (SheetState.CHECKED, SheetState.PASSED):
        sheet = make.sheet(state)
        checking.send_back(teacher, sheet.id, sheet.version, "问清楚再录")
        assert sheet.state == SheetState.ISSUED
    entered = make.sheet(SheetState.ENTERED)
    with pytest.raises(NotAllowedNow):
        checking.send_back(teacher, entered.id, entered.version, "问清楚再录")


def test_another_class_does_not_exist(make: Make, teacher: Actor) -> None:
    stranger = make.actor(Role.TEACHER, make.class_(code="2020107", name="六年级（7）班"))
    sheet = received(make)
    for act in (
        lambda: checking.check(stranger, sheet.id, sheet.version),
        lambda: checking.send_back(stranger, sheet.id, sheet.version, "字看不清"),
        lambda: unchanged.page_of(stranger, sheet.class_id),
        lambda: unchanged.confirm(stranger, sheet.class_id, {sheet.id: sheet.version}, {sheet.id: False}),
        lambda: checking.recognise(stranger, sheet.photo_id, True),
        lambda: checking.class_of(stranger, sheet.school_id),
        lambda: checking.class_of(make.actor(Role.REGISTRAR, make.school()), sheet.school_id),
    ):
        with pytest.raises(NotFound):
            act()
    assert sheet.state == SheetState.RECEIVED


def test_a_photo_nobody_could_name_is_recognised_once(make: Make, teacher: Actor) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    photo = arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",), flat=True)
    assert not sheet.received
    checking.recognise(teacher, photo.id, True)
    assert (sheet.state, sheet.received, sheet.photo_id) == (SheetState.RECEIVED, True, photo.id)
    with pytest.raises(TooLate):
        checking.recognise(teacher, photo.id, False)
    db.session.rollback()
    with pytest.raises(Refusal, match="签名"):  # nobody has read it: the teacher must say
        checking.check(teacher, sheet.id, sheet.version)
    assert not unchanged.page_of(teacher, sheet.class_id).plain


def test_a_photo_of_something_else_is_set_aside(make: Make, teacher: Actor) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    photo = arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",), flat=True)
    checking.recognise(teacher, photo.id, False)
    assert (sheet.state, photo.outcome) == (SheetState.ISSUED, "unusable")


def test_a_slip_of_the_finger_is_taken_back_whole(make: Make, teacher: Actor) -> None:
    sheet = received(make, signed=False)
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=True))
    assert (sheet.signed, sheet.written) == (True, 1)
    stranger = make.actor(Role.TEACHER, make.class_())
    with pytest.raises(TooLate):
        checking.undo_check(stranger, sheet.id)
    db.session.rollback()
    checking.undo_check(teacher, sheet.id)
    assert (sheet.state, sheet.signed, sheet.written) == (SheetState.RECEIVED, False, 0)
    with pytest.raises(TooLate):
        checking.undo_check(teacher, sheet.id)


def test_only_the_last_ten_minutes_are_taken_back_and_only_while_nobody_went_on(make: Make, teacher: Actor) -> None:
    old, passed = received(make), received(make)
    for sheet in (old, passed):
        checking.check(teacher, sheet.id, sheet.version, SEEN)
    leading.pass_sheets(make.actor(Role.LEADER, make.school()), [passed.id])
    with pytest.raises(TooLate):
        checking.undo_check(teacher, passed.id)
    db.session.rollback()
    with time_machine.travel(now() + UNDO_FOR, tick=False), pytest.raises(TooLate):
        checking.undo_check(teacher, old.id)
    db.session.rollback()
    assert (old.state, passed.state) == (SheetState.CHECKED, SheetState.ENTERED)
