"""What follows from findings at the school, and how far an authority sees it is (J3, J4, L10-L16, R122)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from sqlalchemy import select

from portal.models import Export, Pupil, Ticket, Unlisted, db
from portal.rules.clock import now, today
from portal.rules.findings import Act, CheckState, FindingCode, Registration
from portal.rules.roles import Actor, Role
from portal.services import (
    exports,
    findings,
    findings_actions,
    findings_figures,
    findings_files,
    findings_report,
    findings_unlisted,
    movements,
    pupils,
)
from portal.services.findings_unlisted import Child
from portal.services.movements import Movement
from portal.services.refusals import NotFound, TooLate
from tests import exported
from tests.make import Make

Later = Callable[[timedelta], None]
C, R = FindingCode, Registration
CHILD = Child(C.NO_RECORD, "邱小试", "1", "20140312", "", "外省来的")


@pytest.fixture
def later() -> Iterator[Later]:
    """Moves the clock on, which otherwise stands still."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def registrar(later: Later, make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def teacher(registrar: Actor, make: Make) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


def say(teacher: Actor, pupil: Pupil, code: str, note: str = "") -> None:
    findings.mark(teacher, teacher.place_id, pupil.id, code, note)


def report(teacher: Actor, later: Later) -> None:
    findings.mark_rest(teacher, teacher.place_id)
    later(timedelta(minutes=1))
    findings_report.report(teacher, teacher.place_id)
    later(timedelta(minutes=1))


def state(teacher: Actor) -> CheckState:
    db.session.expire_all()
    return findings.class_check(teacher).facts.state


def test_nothing_is_shown_before_the_class_is_reported(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    pupil = make.pupil()
    say(teacher, pupil, C.LEFT_ON_ROLL, "九月转走")
    assert findings_actions.school_check(registrar).todos == ()
    finding = next(iter(findings.class_check(teacher).exceptions))
    assert finding.pupil_id == pupil.id
    report(teacher, later)
    (todo,) = findings_actions.school_check(registrar).todos
    assert (todo.act, todo.note, todo.kinds[0], todo.is_done) == (Act.RECORD_LEAVING, "九月转走", "21", False)
    with pytest.raises(NotFound):
        findings_actions.set_done(
            make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")), todo.finding_id, True
        )


def test_an_action_is_done_by_the_record_itself_and_open_again_when_that_is_undone(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    gone, back, false = make.pupil(), make.pupil(student_status="02"), make.pupil()
    for pupil, code in ((gone, C.LEFT_ON_ROLL), (back, C.STATUS_OFF_ROLL), (false, C.FALSE_RECORD)):
        say(teacher, pupil, code)
    report(teacher, later)
    assert state(teacher) == CheckState.REPORTED
    movements.record_movement(registrar, gone.id, Movement("21", today()))
    assert state(teacher) == CheckState.ACTIONS_RUNNING
    movements.record_movement(registrar, back.id, Movement("12", today()))
    movements.record_movement(registrar, false.id, Movement("P07", today()))
    assert state(teacher) == CheckState.CONSISTENT
    assert all(todo.is_done and not todo.says_done for todo in findings_actions.school_check(registrar).todos)
    movements.take_back(registrar, gone.id)
    assert state(teacher) == CheckState.ACTIONS_RUNNING


def test_the_registrar_says_that_it_is_done_and_takes_it_back(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    say(teacher, make.pupil(), C.FALSE_RECORD)
    report(teacher, later)
    (todo,) = findings_actions.school_check(registrar).todos
    findings_actions.set_done(registrar, todo.finding_id, True)
    assert state(teacher) == CheckState.CONSISTENT
    findings_actions.set_done(registrar, todo.finding_id, False)
    assert state(teacher) == CheckState.REPORTED


def test_a_wrong_death_is_written_to_the_level_above(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    """M7: the school cannot undo it; the county is asked once, and the class waits until the record is right."""
    make.pupil()
    dead = make.pupil(student_status="11")
    say(teacher, dead, C.STATUS_DEAD)
    report(teacher, later)
    (todo,) = findings_actions.school_check(registrar).todos
    for _ in range(2):
        findings_actions.report_up(registrar, todo.finding_id)
    (asked,) = db.session.scalars(select(Ticket))
    assert asked.place_id == make.county().id
    assert dead.record["name"] in asked.entries[0].text
    assert state(teacher) == CheckState.ACTIONS_RUNNING
    pupils.keep_record(dead, dead.record | {"student_status": "01"})
    db.session.commit()
    assert state(teacher) == CheckState.CONSISTENT


def test_a_false_record_with_a_formal_number_is_no_mistaken_entry(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    """R112, X4, M4: temporary numbers are deleted, of formal ones the authority is told."""
    temporary, formal = make.pupil(student_number="L9901012014031234567"), make.pupil()
    for pupil in (temporary, formal):
        say(teacher, pupil, C.FALSE_RECORD)
    report(teacher, later)
    acts = {todo.pupil_id: todo for todo in findings_actions.school_check(registrar).todos}
    assert (acts[temporary.id].act, acts[formal.id].act) == (Act.DELETE, Act.TREAT)
    findings_actions.report_up(registrar, acts[formal.id].finding_id)
    with pytest.raises(NotFound):
        findings_actions.report_up(registrar, acts[temporary.id].finding_id)
    assert "问题学籍" in db.session.scalars(select(Ticket)).one().entries[0].text


def test_a_child_without_record_goes_the_way_of_the_registration_list(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    """R122: unprocessed -> passed -> entered by the county, not by the school; no number: the certificate first."""
    make.pupil()
    findings_unlisted.add(teacher, teacher.place_id, CHILD)
    report(teacher, later)
    name, content = exported.taken(make, registrar, exported.registration())
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert name.startswith(f"{make.school().code}-DC")
    assert rows[0][4:] == ("姓名", "性别", "出生日期", "身份证件类型", "身份证件号")
    assert rows[1][:1] + rows[1][3:8] == (make.school().code, make.class_().code, "邱小试", "男", "20140312", "其他")
    child = db.session.scalars(select(Unlisted)).one()
    assert (child.result, len(rows)) == (R.UNPROCESSED, 3)
    with pytest.raises(TooLate, match="无证件号证明"):
        findings_actions.set_result(registrar, child.id, R.PASSED)
    findings_actions.note_certificate(registrar, child.id)
    findings_actions.set_result(registrar, child.id, R.PASSED)
    county = make.actor(Role.REGISTRAR, make.county())
    with pytest.raises(TooLate):
        findings_actions.set_result(registrar, child.id, R.ENTERED)
    with pytest.raises(NotFound):
        findings_actions.set_result(make.actor(Role.REGISTRAR, make.prefecture()), child.id, R.ENTERED)
    assert [school for school, _one in findings_actions.to_enter(county)] == [make.school().name]
    assert state(teacher) == CheckState.ACTIONS_RUNNING
    findings_actions.set_result(county, child.id, R.ENTERED)
    assert state(teacher) == CheckState.CONSISTENT


def test_who_failed_is_not_entered_and_ends_with_a_transfer(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    make.pupil()
    kept = make.record(600)
    number = {"number": kept["id_number"], "sex": kept["sex"], "birth_date": kept["birth_date"]}
    findings_unlisted.add(teacher, teacher.place_id, Child(C.NO_RECORD, kept["name"], **number))
    report(teacher, later)
    child = db.session.scalars(select(Unlisted)).one()
    exported.taken(make, registrar, exported.registration())
    findings_actions.set_result(registrar, child.id, R.FAILED)
    with pytest.raises(TooLate):
        findings_actions.set_result(make.actor(Role.REGISTRAR, make.county()), child.id, R.ENTERED)
    with pytest.raises(TooLate):
        exports.ask(registrar, exported.registration())
    pupils.new_pupil(make.class_(), kept)  # transferred in and imported
    db.session.commit()
    (shown,) = findings_actions.school_check(registrar).children
    assert not shown.is_open
    assert findings.class_check(teacher).facts.left_to_do == 0


def test_nobody_with_a_record_in_the_province_is_registered_again(
    teacher: Actor, registrar: Actor, make: Make, later: Later
) -> None:
    """L16: no pupil twice."""
    make.pupil()
    far = make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))).record
    number = {"number": far["id_number"], "sex": far["sex"], "birth_date": far["birth_date"]}
    findings_unlisted.add(teacher, teacher.place_id, Child(C.NO_RECORD, far["name"], **number))
    report(teacher, later)
    assert [child.in_province for child in findings_actions.school_check(registrar).children] == [True]
    with pytest.raises(TooLate):
        exports.ask(registrar, exported.registration())


def test_the_list_to_tick_has_every_pupil_and_room_for_more(teacher: Actor, registrar: Actor, make: Make) -> None:
    """J1: with a column for the finding."""
    names = {make.pupil().record["name"] for _ in range(3)}
    make.pupil(make.class_(code="2020107", name="六年级（7）班"))
    _name, content = findings_files.roster(registrar)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["2020106", "2020107"]
    rows = list(book["2020106"].values)
    assert rows[2][4:6] == ("在班里", "不在班里")
    assert {row[1] for row in rows[3:6]} == names
    assert len(rows) == 3 + 3 + 5 + 1
    assert "人籍核对" in str(rows[-1][0])
    assert db.session.scalars(select(Export)).one().rows == 4
    with pytest.raises(NotFound):
        findings_files.roster(make.actor(Role.REGISTRAR, make.county()))


def test_figures_leave_no_school_and_no_pupil_out(teacher: Actor, registrar: Actor, make: Make, later: Later) -> None:
    """J4: schools without classes and classes nobody has begun are counted; each level adds up the one below."""
    for _ in range(3):
        make.pupil()
    make.pupil(make.class_(code="2020107", name="六年级（7）班"))
    make.school("2199000002", "试验市第二小学")
    far = make.school("2199000003", "试验二区小学", make.county("990102", "试验二区教育局"))
    make.pupil(make.class_(far))
    report(teacher, later)
    county = findings_figures.table_of(make.actor(Role.REGISTRAR, make.county()))
    assert [(row.name, row.classes, row.missing, row.bare) for row in county.rows] == [
        ("试验市第一小学", 2, 1, 0),
        ("试验市第二小学", 0, 0, 1),
    ]
    assert county.rows[0].states == {CheckState.OPEN: 1, CheckState.CONSISTENT: 1}
    province = make.actor(Role.REGISTRAR, make.province())
    table = findings_figures.table_of(province)
    assert (table.whole.schools, table.whole.classes, table.whole.missing, table.whole.bare) == (3, 3, 2, 1)
    assert sum(row.classes for row in table.rows) == 3
    below = findings_figures.table_of(province, make.prefecture().id)
    assert [(row.schools, row.missing) for row in below.rows] == [(2, 1), (1, 1)]
    assert below.above == make.province().id
    with pytest.raises(NotFound):
        findings_figures.table_of(make.actor(Role.REGISTRAR, make.county()), far.parent_id)
