"""Column entry: claims, saving, undo, handing on; two operators at once (G2-G6, R88)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.models import Change, Pupil, Sheet, Step, Switch, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import column_entry, column_undo, entry, finishing
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import arrive, leaf_of


@pytest.fixture
def school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Open for entry and unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    return make


def operator(make: Make) -> Actor:
    return make.actor(Role.OPERATOR, make.school())


def photographed(make: Make, *items: str, seat: int = 1) -> Sheet:
    """A passed sheet whose photo shows writing at these items."""
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_seat_number=str(seat)))
    arrive(sheet, leaf_of(sheet), written=items)
    sheet.state = SheetState.PASSED
    db.session.commit()
    return sheet


def passed(make: Make, seats: int, item: str = "phone") -> list[Change]:
    found = []
    for seat in range(1, seats + 1):
        sheet = make.sheet(SheetState.PASSED, make.pupil(class_seat_number=str(seat)), written=1)
        found.append(new_change(sheet, item))
    db.session.commit()
    return found


def seats(found: column_entry.Column) -> list[str]:
    return [row.seat for row in found.rows]


def record_of(sheet: Sheet) -> dict[str, str]:
    db.session.expire_all()
    return db.session.get_one(Pupil, sheet.pupil_id).record


def test_operator_gets_the_first_rows_by_number_and_the_second_the_next(school: Make) -> None:
    passed(school, 25)
    first, second = operator(school), operator(school)
    assert column_entry.claim(first, "phone") == 20
    assert column_entry.claim(second, "phone") == 5
    assert seats(column_entry.column(first, "phone")) == [str(n) for n in range(1, 21)]
    theirs = column_entry.column(second, "phone")
    assert seats(theirs) == ["21", "22", "23", "24", "25"]
    assert (theirs.open, theirs.free, [n for _who, n in theirs.others]) == (25, 0, [20])
    assert theirs.others[0][0] == first.name


def test_rows_come_again_when_some_are_done(school: Make) -> None:
    rows = passed(school, 22)
    who = operator(school)
    column_entry.claim(who, "phone")
    for change in rows[:3]:
        column_entry.save(who, change.id, 1, "15400001234")
    assert column_entry.claim(who, "phone") == 2
    assert column_entry.column(who, "phone").mine == 19


def test_crashed_browser_frees_its_rows_by_time(school: Make) -> None:
    (change,) = passed(school, 1)
    first, second = operator(school), operator(school)
    column_entry.claim(first, "phone")
    with pytest.raises(TooLate) as told:
        column_entry.save(second, change.id, change.version, "15400001234")
    assert told.value.values["who"] == first.name
    db.session.rollback()
    db.session.execute(update(Change).values(claimed_until=now() - timedelta(seconds=1)))
    db.session.commit()
    assert column_entry.claim(second, "phone") == 1
    assert column_entry.save(second, change.id, change.version, "15400001234").outcome == "accepted"


def test_working_keeps_what_is_before_one(school: Make) -> None:
    rows = passed(school, 2)
    who = operator(school)
    column_entry.claim(who, "phone")
    soon = now() + timedelta(seconds=30)
    db.session.execute(update(Change).values(claimed_until=soon))
    db.session.commit()
    column_entry.save(who, rows[0].id, 1, "15400001234")
    db.session.expire_all()
    assert rows[1].claimed_until is not None
    assert rows[1].claimed_until > soon + timedelta(minutes=5)
    assert rows[0].claimed_by_id is None


def test_old_version_is_not_saved(school: Make) -> None:
    (change,) = passed(school, 1)
    who = operator(school)
    column_entry.save(who, change.id, 1, "15400001234")
    with pytest.raises(TooLate):
        column_entry.save(who, change.id, 1, "15400005678")
    db.session.rollback()
    assert record_of(change.sheet)["phone"] == "15400001234"


def test_own_value_of_a_moment_ago_is_corrected_that_of_others_is_not(school: Make) -> None:
    (change,) = passed(school, 1)
    who = operator(school)
    column_entry.save(who, change.id, 1, "15400001234")
    column_entry.save(who, change.id, change.version, "15400005678")
    assert record_of(change.sheet)["phone"] == "15400005678"
    with pytest.raises(TooLate):
        column_entry.save(operator(school), change.id, change.version, "15400009999")


def test_nothing_typed_saves_nothing_unless_the_family_cleared_the_item(school: Make) -> None:
    sheet = school.sheet(SheetState.PASSED, school.pupil(talent="围棋"), written=1)
    change = new_change(sheet, "talent")
    db.session.commit()
    who = operator(school)
    with pytest.raises(Refusal):
        column_entry.save(who, change.id, 1, "  ")
    db.session.rollback()
    change.values = change.values | {"typed": ""}
    db.session.commit()
    column_entry.save(who, change.id, change.version, "")
    assert record_of(sheet)["talent"] == ""


@pytest.mark.parametrize("item", ["id_number", "class_no", "nothing"])
def test_what_needs_evidence_or_no_family_corrects_has_no_column(school: Make, item: str) -> None:
    with pytest.raises(Refusal):
        column_entry.claim(operator(school), item)


def test_school_next_door_sees_no_row(school: Make) -> None:
    """R130"""
    (change,) = passed(school, 1)
    stranger = school.actor(Role.OPERATOR, school.school("2199000002", "试验市第二小学"))
    assert column_entry.claim(stranger, "phone") == 0
    for act in (lambda: column_entry.save(stranger, change.id, 1, "1"), lambda: column_undo.undo(stranger, change.id)):
        with pytest.raises(NotFound):
            act()


def test_heaps_count_what_waits_and_tell_what_goes_by_application(school: Make) -> None:
    photographed(school, "phone", "id_number")
    photographed(school, "phone")
    found = [(heap.item.code, heap.open, heap.by_application) for heap in column_entry.heaps(operator(school))]
    assert found == [("id_number", 1, True), ("phone", 2, False)]


# ---- undo ----
def test_value_is_taken_back_and_the_row_waits_again(school: Make) -> None:
    (change,) = passed(school, 1)
    before, who = record_of(change.sheet)["phone"], operator(school)
    column_entry.save(who, change.id, 1, "15400001234")
    column_undo.undo(who, change.id)
    assert record_of(change.sheet)["phone"] == before
    assert (change.outcome, change.values["entered"], change.entered_by_id) == ("open", None, None)
    assert column_entry.column(who, "phone").mine == 1


def test_undo_ends_after_ten_minutes_and_belongs_to_who_typed(school: Make) -> None:
    (change,) = passed(school, 1)
    who = operator(school)
    column_entry.save(who, change.id, 1, "15400001234")
    with pytest.raises(TooLate):
        column_undo.undo(operator(school), change.id)
    db.session.rollback()
    change.entered_at = now() - timedelta(minutes=10)
    db.session.commit()
    with pytest.raises(TooLate):
        column_undo.undo(who, change.id)


def test_undo_ends_when_the_sheet_is_handed_on(school: Make) -> None:
    sheet = photographed(school, "phone")
    who, (change,) = operator(school), sheet.changes
    column_entry.save(who, change.id, change.version, "15400001234")
    assert finishing.hand_on(who).whole == 1
    with pytest.raises(TooLate):
        column_undo.undo(who, change.id)


def test_speck_that_was_writing_after_all_comes_back_with_its_picture(school: Make) -> None:
    sheet = photographed(school, "phone")
    who, (change,) = operator(school), sheet.changes
    gone, crop = change.id, change.crop_address
    entry.nothing_written(who, gone, change.version)
    assert (sheet.written, db.session.get(Change, gone)) == (0, None)
    again = column_undo.undo(who, gone)
    assert (again.id, again.crop_address, again.outcome, sheet.written) == (gone, crop, "open", 1)
    with pytest.raises(TooLate):
        column_undo.undo(who, gone)


# ---- handing on ----
def test_done_sheets_go_to_the_leader_and_unclear_ones_back_to_the_family(school: Make) -> None:
    """G2, G6"""
    whole, unclear, open_ = (photographed(school, "phone", "postcode", seat=n) for n in (1, 2, 3))
    who = operator(school)
    for sheet in (whole, unclear, open_):
        phone = next(change for change in sheet.changes if change.item == "phone")
        column_entry.save(who, phone.id, phone.version, "15400001234")
    for sheet in (whole, unclear):
        postcode = next(change for change in sheet.changes if change.item == "postcode")
        if sheet is whole:
            column_entry.save(who, postcode.id, postcode.version, "999000")
        else:
            entry.mark_unclear(who, postcode.id, postcode.version)
    assert (finishing.done(who).whole, finishing.done(who).unclear) == (1, 1)
    assert finishing.hand_on(who) == finishing.Done(1, 1)
    assert (whole.state, open_.state) == (SheetState.ENTERED, SheetState.PASSED)
    assert (unclear.state, unclear.note) == (SheetState.ISSUED, "有的字看不清：邮政编码。请在纸上描清楚，再拍一张。")
    assert finishing.done(who).total == 0


def test_nothing_is_handed_on_that_somebody_else_can_still_take_back(school: Make) -> None:
    sheet = photographed(school, "phone")
    who, (change,) = operator(school), sheet.changes
    column_entry.save(who, change.id, change.version, "15400001234")
    assert finishing.done(operator(school)).total == 0
    change.entered_at = now() - timedelta(minutes=10)
    db.session.commit()
    assert finishing.done(operator(school)).total == 1


def test_sheet_the_machine_did_not_read_whole_is_finished_by_hand_only(school: Make) -> None:
    sheet = school.sheet(SheetState.ISSUED, school.pupil())
    arrive(sheet, leaf_of(sheet), written=("phone",), verdict="retake", reasons=("blur",))
    sheet.state = SheetState.PASSED
    db.session.commit()
    who, (change,) = operator(school), sheet.changes
    column_entry.save(who, change.id, change.version, "15400001234")
    assert finishing.done(who).total == 0
    assert entry.finish(who, sheet.id).state == SheetState.ENTERED


def test_steps_of_claiming_and_undoing_hold_no_value(school: Make) -> None:
    (change,) = passed(school, 1)
    who = operator(school)
    column_entry.claim(who, "phone")
    column_entry.save(who, change.id, 1, "15400001234")
    column_undo.undo(who, change.id)
    steps = list(db.session.scalars(select(Step).where(Step.thing_id == change.id).order_by(Step.at)))
    assert [(step.move, step.details) for step in steps] == [
        ("CHANGE_ACCEPTED", {"item": "phone"}),
        ("CHANGE_UNDONE", {"item": "phone"}),
    ]
