"""Entering what families wrote and the leader around it (G3-G9, R88, R95, R101, R103, X10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.models import Application, Change, Pupil, Sheet, Step, Switch, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import NotAllowedNow, SheetMove, SheetState
from portal.services import entry, leading, unlocking
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make


@pytest.fixture
def open_school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """The entry window is open and the school unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    return make


def passed(make: Make, *items: str) -> tuple[Sheet, list[Change]]:
    sheet = make.sheet(SheetState.PASSED, written=len(items))
    changes = [new_change(sheet, item) for item in items]
    db.session.commit()
    return sheet, changes


def operator(make: Make) -> Actor:
    return make.actor(Role.OPERATOR, make.school())


def record_of(sheet: Sheet) -> dict[str, str]:
    db.session.expire_all()
    return db.session.get_one(Pupil, sheet.pupil_id).record


def test_entered_value_is_on_record_at_once(open_school: Make) -> None:
    """G4: saving is final, no authority step."""
    sheet, (phone,) = passed(open_school, "phone")
    entry.enter_value(operator(open_school), phone.id, " 15400001234 ")
    assert record_of(sheet)["phone"] == "15400001234"
    assert phone.outcome == "accepted"
    assert phone.values == {"printed": phone.values["printed"], "ticked": None, "entered": "15400001234"}


def test_value_against_the_rules_is_not_saved(open_school: Make) -> None:
    sheet, (postcode,) = passed(open_school, "postcode")
    before = record_of(sheet)
    with pytest.raises(entry.NotValid) as refused:
        entry.enter_value(operator(open_school), postcode.id, "12345")
    assert [p.item for p in refused.value.problems] == ["postcode"]
    assert record_of(sheet) == before
    assert postcode.outcome == "open"


def test_value_that_contradicts_another_item_is_not_saved(open_school: Make) -> None:
    """R44: the boarding subsidy is for boarders; a day pupil cannot get it by entry."""
    _sheet, (subsidy,) = passed(open_school, "boarding_subsidy")
    with pytest.raises(entry.NotValid):
        entry.enter_value(operator(open_school), subsidy.id, "1")


@pytest.mark.parametrize("item", ["name", "sex", "birth_date", "id_doc_type", "id_number"])
def test_key_data_cannot_be_entered(open_school: Make, item: str) -> None:
    """R103: the five items change only by application."""
    sheet, (change,) = passed(open_school, item)
    before = record_of(sheet)
    with pytest.raises(Refusal):
        entry.enter_value(operator(open_school), change.id, before[item])
    assert record_of(sheet) == before
    assert entry.apply_for(operator(open_school), change.id).outcome == "applied_for"


def test_item_is_not_added_that_a_parent_may_not_correct(open_school: Make) -> None:
    sheet, _ = passed(open_school)
    for item in ("class_no", "student_number", "student_status", "nothing"):
        with pytest.raises(NotFound):
            entry.add_change(operator(open_school), sheet.id, item)
    assert entry.add_change(operator(open_school), sheet.id, "phone").source == "hand"


@pytest.mark.parametrize("state", [s for s in SheetState if s != SheetState.PASSED])
def test_only_what_the_leader_has_passed_can_be_entered(open_school: Make, state: SheetState) -> None:
    """G3"""
    sheet = open_school.sheet(state)
    change = new_change(sheet, "phone")
    db.session.commit()
    with pytest.raises(TooLate):
        entry.enter_value(operator(open_school), change.id, "15400001234")


def test_outside_the_window_nothing_is_saved(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """R95, R101: one second after the end the save is refused, whatever the export switch says."""
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    make.window(switch=Switch.EXPORT)
    make.window(switch=Switch.ENTRY, closes=now() - timedelta(seconds=1))
    sheet, (phone,) = passed(make, "phone")
    before = record_of(sheet)
    with pytest.raises(TooLate):
        entry.enter_value(operator(make), phone.id, "15400001234")
    assert record_of(sheet) == before


def test_locked_school_saves_nothing(make: Make) -> None:
    """B6"""
    make.window(switch=Switch.ENTRY)
    _sheet, (phone,) = passed(make, "phone")
    with pytest.raises(Refusal):
        entry.enter_value(operator(make), phone.id, "15400001234")
    assert unlocking.require_unlocked


def test_refusing_a_change_needs_a_reason(open_school: Make) -> None:
    """R87"""
    _sheet, (phone,) = passed(open_school, "phone")
    with pytest.raises(Refusal):
        entry.refuse_value(operator(open_school), phone.id, "  ")
    assert entry.refuse_value(operator(open_school), phone.id, "号码少一位，请再写一次").outcome == "refused"


def test_sheet_is_finished_only_when_every_item_has_its_verdict(open_school: Make) -> None:
    sheet, (phone, postcode) = passed(open_school, "phone", "postcode")
    who = operator(open_school)
    entry.enter_value(who, phone.id, "15400001234")
    with pytest.raises(Refusal):
        entry.finish(who, sheet.id)
    entry.nothing_written(who, postcode.id)
    assert entry.finish(who, sheet.id).state == SheetState.ENTERED


def test_steps_tell_of_the_item_but_never_of_its_value(open_school: Make) -> None:
    _sheet, (phone,) = passed(open_school, "phone")
    entry.enter_value(operator(open_school), phone.id, "15400001234")
    step = db.session.scalar(select(Step).where(Step.thing_id == phone.id))
    assert step is not None
    assert step.details == {"item": "phone"}


def test_school_next_door_cannot_enter(open_school: Make) -> None:
    """R130"""
    _sheet, (phone,) = passed(open_school, "phone")
    stranger = open_school.actor(Role.OPERATOR, open_school.school("2199000002", "试验市第二小学"))
    with pytest.raises(NotFound):
        entry.enter_value(stranger, phone.id, "15400001234")


def leader(make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


def refuse(actor: Actor, sheet: Sheet, reason: str) -> None:
    leading.carry_out(actor, sheet, leading.refusal_of(sheet), reason)
    db.session.commit()


def test_unchanged_sheet_needs_no_typing(make: Make) -> None:
    """Nothing written and signed: passed by the leader, entered by itself, waiting for the sign-off."""
    sheet = make.sheet(SheetState.CHECKED)
    leading.pass_sheets(leader(make), [sheet.id])
    assert sheet.state == SheetState.ENTERED


def test_sheet_with_changes_goes_to_entry(make: Make) -> None:
    sheet = make.sheet(SheetState.CHECKED, written=1)
    new_change(sheet, "phone")
    db.session.commit()
    leading.pass_sheets(leader(make), [sheet.id])
    assert sheet.state == SheetState.PASSED
    assert entry.next_sheet(operator(make)) is sheet


def test_several_are_passed_all_or_none(make: Make) -> None:
    ready, not_ready = make.sheet(SheetState.CHECKED), make.sheet(SheetState.ISSUED)
    with pytest.raises(NotAllowedNow):
        leading.pass_sheets(leader(make), [ready.id, not_ready.id])
    db.session.rollback()
    assert ready.state == SheetState.CHECKED


def test_nobody_signs_off_what_they_typed(open_school: Make) -> None:
    """R88"""
    sheet, (phone,) = passed(open_school, "phone")
    user = open_school.user(Role.OPERATOR, open_school.school())
    typist = _acting(user, Role.OPERATOR, open_school)
    entry.enter_value(typist, phone.id, "15400001234")
    entry.finish(typist, sheet.id)
    with pytest.raises(Refusal):
        leading.carry_out(_acting(user, Role.LEADER, open_school), sheet, SheetMove.VERIFY)
    leading.carry_out(leader(open_school), sheet, SheetMove.VERIFY)
    assert sheet.state == SheetState.VERIFIED


def _acting(user: Any, role: Role, make: Make) -> Actor:
    school = make.school()
    return Actor(user.id, None, role, school.level, school.id, school.path, "", school.name)


def test_leader_sends_entry_back_with_a_reason_and_the_items_open_again(open_school: Make) -> None:
    """G9"""
    sheet, (phone,) = passed(open_school, "phone")
    entry.enter_value(operator(open_school), phone.id, "15400001234")
    entry.finish(operator(open_school), sheet.id)
    refuse(leader(open_school), sheet, "和纸上不一样")
    assert (sheet.state, phone.outcome) == (SheetState.CHECKED, "open")


@pytest.mark.parametrize("act", ["refuse", "nothing"])
def test_value_that_is_not_wanted_after_all_leaves_the_record(open_school: Make, act: str) -> None:
    """G9: typed, sent back by the leader, then refused or found to be a speck: the old value stands again."""
    sheet, (phone,) = passed(open_school, "phone")
    before = record_of(sheet)
    entry.enter_value(operator(open_school), phone.id, "15400001234")
    entry.finish(operator(open_school), sheet.id)
    refuse(leader(open_school), sheet, "这不是号码")
    leading.pass_sheets(leader(open_school), [sheet.id])
    if act == "refuse":
        entry.refuse_value(operator(open_school), phone.id, "看不清")
        assert phone.values["entered"] is None
    else:
        entry.nothing_written(operator(open_school), phone.id)
    assert record_of(sheet) == before


def test_what_was_entered_is_asked_again_when_the_family_must_send_a_new_paper(open_school: Make) -> None:
    """G2: the new paper may say something else about an item that was already typed."""
    sheet, (phone,) = passed(open_school, "phone")
    entry.enter_value(operator(open_school), phone.id, "15400001234")
    refuse(leader(open_school), sheet, "请补签名")
    assert (sheet.state, phone.outcome) == (SheetState.ISSUED, "open")


def test_leader_sends_a_sheet_back_to_the_family(make: Make) -> None:
    sheet = make.sheet(SheetState.CHECKED)
    refuse(leader(make), sheet, "请补签名")
    assert (sheet.state, sheet.sent_back, sheet.note) == (SheetState.ISSUED, True, "请补签名")


def test_nothing_is_entered_for_a_record_that_is_to_be_taken_out(open_school: Make) -> None:
    """R113: a deletion that is open, or was refused and stands, keeps every other business off."""
    sheet, (change,) = passed(open_school, "phone")
    own = {"school_id": sheet.school_id, "pupil_id": sheet.pupil_id, "path": sheet.path}
    deletion = Application(kind="deletion", state="REFUSED_BY_AUTHORITY", **own)
    db.session.add(deletion)
    db.session.commit()
    who = operator(open_school)
    with pytest.raises(TooLate, match="误操作删除"):
        entry.enter_value(who, change.id, "15400001234")
    deletion.state = "CLEARED"
    db.session.commit()
    assert entry.enter_value(who, change.id, "15400001234").outcome == "accepted"


def test_nothing_is_entered_for_who_has_left_the_round(open_school: Make) -> None:
    sheet, (change,) = passed(open_school, "phone")
    sheet.in_scope, sheet.exclusion = False, "left"
    db.session.commit()
    with pytest.raises(TooLate, match="不在这一轮"):
        entry.enter_value(operator(open_school), change.id, "15400001234")
