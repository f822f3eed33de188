"""The teacher's decisions: only on what was shown, only with a reason, and plain sheets only behind a sample."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import time_machine

from portal.models import Sheet, Step, db
from portal.rules.clock import now
from portal.rules.figures import Measure, measures_of
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import NotAllowedNow, SheetState
from portal.services import checking, classes, leading
from portal.services.checking import Eyes
from portal.services.history import steps_of
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import arrive, leaf_of


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
    checking.check(teacher, sheet.id, shown)
    with pytest.raises(TooLate):
        checking.check(teacher, sheet.id, shown)
    with pytest.raises(NotAllowedNow):
        checking.check(teacher, sheet.id, sheet.version)


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
        lambda: checking.open_sample(stranger, sheet.class_id),
        lambda: checking.check_all_unchanged(stranger, sheet.class_id),
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
    assert checking.plain_sheets(teacher, sheet.class_id) == []


def test_a_photo_of_something_else_is_set_aside(make: Make, teacher: Actor) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    photo = arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",), flat=True)
    checking.recognise(teacher, photo.id, False)
    assert (sheet.state, photo.outcome) == (SheetState.ISSUED, "unusable")


def test_plain_sheets_are_confirmed_together_behind_a_sample(make: Make, teacher: Actor) -> None:
    plain = [received(make) for _ in range(5)]
    rest = [received(make, written=("phone",)), received(make, signed=False)]
    with pytest.raises(TooLate, match="抽样"):
        checking.check_all_unchanged(teacher, teacher.place_id)
    sample = checking.open_sample(teacher, teacher.place_id, random.Random(1))
    assert set(sample.sheets) == {sheet.id for sheet in plain}
    assert len(sample.drawn) == checking.SAMPLE_LEAST
    assert checking.sample_of(teacher, teacher.place_id) == sample
    assert checking.check_all_unchanged(teacher, teacher.place_id) == 5
    assert {sheet.state for sheet in plain} == {SheetState.CHECKED}
    assert {sheet.state for sheet in rest} == {SheetState.RECEIVED}
    with pytest.raises(TooLate):
        checking.check_all_unchanged(teacher, teacher.place_id)


def test_one_error_in_the_sample_confirms_nothing(make: Make, teacher: Actor) -> None:
    plain = [received(make) for _ in range(4)]
    sample = checking.open_sample(teacher, teacher.place_id, random.Random(1))
    assert checking.check_all_unchanged(teacher, teacher.place_id, [sample.drawn[0]]) == 0
    assert {sheet.state for sheet in plain} == {SheetState.RECEIVED}
    again = checking.open_sample(teacher, teacher.place_id, random.Random(1))
    assert set(again.sheets) == {sheet.id for sheet in plain} - {sample.drawn[0]}
    facts = db.session.query(Step).filter_by(move="CHECK_UNCHANGED").one().details
    assert facts == {"checked": 0, "drawn": 3, "errors": 1}


def test_what_came_after_the_sample_is_not_confirmed_with_it(make: Make, teacher: Actor) -> None:
    before, spoilt = received(make), received(make)
    checking.open_sample(teacher, teacher.place_id)
    after = received(make)
    checking.send_back(teacher, spoilt.id, spoilt.version, "字看不清")
    assert checking.check_all_unchanged(teacher, teacher.place_id) == 1
    assert [s.state for s in (before, spoilt, after)] == [SheetState.CHECKED, SheetState.ISSUED, SheetState.RECEIVED]


def test_a_sample_is_opened_by_the_one_who_confirms_and_not_long_ago(make: Make, teacher: Actor) -> None:
    received(make)
    checking.open_sample(teacher, teacher.place_id)
    colleague = make.actor(Role.TEACHER, make.class_())
    assert checking.sample_of(colleague, teacher.place_id) is None
    with time_machine.travel(now() + checking.SAMPLE_LASTS + timedelta(seconds=1), tick=False):
        assert checking.sample_of(teacher, teacher.place_id) is None


def test_there_is_nothing_to_sample_in_a_class_without_plain_sheets(make: Make, teacher: Actor) -> None:
    received(make, written=("phone",))
    with pytest.raises(TooLate):
        checking.open_sample(teacher, teacher.place_id)


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
        checking.check(teacher, sheet.id, sheet.version)
    leading.pass_sheets(make.actor(Role.LEADER, make.school()), [passed.id])
    with pytest.raises(TooLate):
        checking.undo_check(teacher, passed.id)
    db.session.rollback()
    with time_machine.travel(now() + UNDO_FOR, tick=False), pytest.raises(TooLate):
        checking.undo_check(teacher, old.id)
    db.session.rollback()
    assert (old.state, passed.state) == (SheetState.CHECKED, SheetState.ENTERED)


def test_what_a_family_typed_is_never_confirmed_unseen(make: Make, teacher: Actor) -> None:
    """Typed on the screen, not written on the paper: the sheet is looked at by itself, also after the sample."""
    plain, typed, later = received(make), received(make), received(make)
    new_change(typed, "phone", source="typed")
    db.session.commit()
    assert set(checking.open_sample(teacher, teacher.place_id).sheets) == {plain.id, later.id}
    assert classes.class_list(teacher).plain == 2
    new_change(later, "phone", source="typed")
    db.session.commit()
    assert checking.check_all_unchanged(teacher, teacher.place_id) == 1
    assert [sheet.state for sheet in (plain, later)] == [SheetState.CHECKED, SheetState.RECEIVED]
