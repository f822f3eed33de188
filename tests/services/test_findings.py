"""The person-record check of a class: one finding a pupil, the report, and what opens a class again (J2, J5, R110)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.models import Finding, Pupil, Step, db
from portal.rules.clock import now, today
from portal.rules.findings import CheckState, FindingCode
from portal.rules.roles import Actor, Role
from portal.services import findings, findings_actions, findings_report, findings_unlisted, movements, pupils
from portal.services.findings_unlisted import Child, Wrong
from portal.services.movements import Movement
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make

Later = Callable[[timedelta], None]
C = FindingCode
CHILD = Child(C.NO_RECORD, "邱小试", "1", "20140312", "", "外省来的")


@pytest.fixture
def later() -> Iterator[Later]:
    """Moves the clock on, which otherwise stands still."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def class_id(later: Later, make: Make) -> object:
    make.round()
    return make.class_().id


@pytest.fixture
def three(make: Make, class_id: object) -> list[Pupil]:
    return [make.pupil() for _ in range(3)]


@pytest.fixture
def teacher(make: Make, three: list[Pupil]) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


@pytest.fixture
def registrar(make: Make, three: list[Pupil]) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def state(actor: Actor) -> CheckState:
    db.session.expire_all()
    return findings.class_check(actor, actor.place_id).facts.state


def report(teacher: Actor, later: Later) -> None:
    later(timedelta(minutes=1))
    findings_report.report(teacher, teacher.place_id)
    later(timedelta(minutes=1))


def test_every_pupil_is_said_before_the_class_is_reported(teacher: Actor, three: list[Pupil], later: Later) -> None:
    """R110: 3 pupils and 2 findings are not enough; 3 findings and a child who is not listed are."""
    for pupil in three[:2]:
        findings.mark(teacher, teacher.place_id, pupil.id, C.MATCH)
    with pytest.raises(Refusal, match="还有 1 个"):
        findings_report.report(teacher, teacher.place_id)
    findings.mark(teacher, teacher.place_id, three[2].id, C.MATCH)
    findings_unlisted.add(teacher, teacher.place_id, CHILD)
    assert state(teacher) == CheckState.OPEN
    report(teacher, later)
    assert state(teacher) == CheckState.REPORTED


def test_a_pupil_has_one_finding_whatever_is_tapped(teacher: Actor, three: list[Pupil]) -> None:
    own = three[0].id
    for code in (C.MATCH, C.MATCH, C.LEFT_ON_ROLL):
        findings.mark(teacher, teacher.place_id, own, code, "九月转走")
    (kept,) = db.session.scalars(select(Finding))
    assert (kept.code, kept.note) == (C.LEFT_ON_ROLL, "九月转走")
    findings.mark(teacher, teacher.place_id, own, "")
    assert db.session.scalars(select(Finding)).all() == []
    steps = db.session.scalars(select(Step).where(Step.move == "FIND").order_by(Step.at, Step.id)).all()
    assert {(step.before, step.after) for step in steps} == {
        (None, "MATCH"),
        ("MATCH", C.LEFT_ON_ROLL),
        (C.LEFT_ON_ROLL, None),
    }


def test_all_the_others_are_here_in_one_press(teacher: Actor, three: list[Pupil], make: Make) -> None:
    """Who is not expected is asked about one by one; the press can be taken back and leaves the exceptions."""
    suspended = make.pupil(student_status="02")
    findings.mark(teacher, teacher.place_id, three[0].id, C.FALSE_RECORD)
    moment = findings.mark_rest(teacher, teacher.place_id)
    check = findings.class_check(teacher)
    assert (check.count(C.MATCH), check.facts.counts.missing, check.silent) == (2, 1, 0)
    assert next(row for row in check.rows if row.pupil_id == suspended.id).code is None
    assert moment is not None
    assert findings.undo_rest(teacher, teacher.place_id, moment) == 2
    assert [row.code for row in findings.class_check(teacher).exceptions] == [C.FALSE_RECORD]


def test_what_can_be_found_follows_from_the_record(teacher: Actor, three: list[Pupil], make: Make) -> None:
    """A pupil on roll has no wrong status; a death entered by mistake is told from other absences."""
    with pytest.raises(Refusal):
        findings.mark(teacher, teacher.place_id, three[0].id, C.STATUS_OFF_ROLL)
    dead = make.pupil(student_status="11")
    dead.left_at = now()
    db.session.commit()
    with pytest.raises(Refusal):
        findings.mark(teacher, teacher.place_id, dead.id, C.STATUS_OFF_ROLL)
    findings.mark(teacher, teacher.place_id, dead.id, C.STATUS_DEAD)
    assert findings.class_check(teacher).left[0].code == C.STATUS_DEAD
    with pytest.raises(Refusal):
        findings.mark(teacher, teacher.place_id, three[1].id, C.NO_RECORD)


def test_a_report_is_taken_back_until_the_school_acts(
    teacher: Actor, registrar: Actor, three: list[Pupil], later: Later
) -> None:
    findings.mark(teacher, teacher.place_id, three[0].id, C.LEFT_ON_ROLL)
    findings.mark_rest(teacher, teacher.place_id)
    report(teacher, later)
    with pytest.raises(TooLate):
        findings.mark(teacher, teacher.place_id, three[1].id, "")
    findings_report.take_back(teacher, teacher.place_id)
    assert state(teacher) == CheckState.OPEN
    findings.mark(teacher, teacher.place_id, three[1].id, C.MATCH)
    report(teacher, later)
    movements.record_movement(registrar, three[0].id, Movement("21", today()))
    assert state(teacher) == CheckState.CONSISTENT
    with pytest.raises(TooLate):
        findings_report.take_back(teacher, teacher.place_id)


def test_who_joins_opens_the_class_again_and_who_leaves_drops_out(
    teacher: Actor, registrar: Actor, three: list[Pupil], make: Make, later: Later
) -> None:
    findings.mark_rest(teacher, teacher.place_id)
    report(teacher, later)
    assert state(teacher) == CheckState.CONSISTENT
    new = make.pupil()
    check = findings.class_check(teacher)
    assert (check.facts.state, check.facts.is_again, check.facts.counts.missing) == (CheckState.OPEN, True, 1)
    with pytest.raises(TooLate):
        findings.mark(teacher, teacher.place_id, three[0].id, "")
    findings.mark(teacher, teacher.place_id, new.id, C.MATCH)
    assert state(teacher) == CheckState.OPEN  # said, not reported yet
    report(teacher, later)
    assert state(teacher) == CheckState.CONSISTENT
    other = make.pupil()
    movements.record_movement(registrar, other.id, Movement("21", today()))
    assert state(teacher) == CheckState.CONSISTENT


def test_who_changes_class_is_looked_for_in_the_new_one(
    teacher: Actor, registrar: Actor, three: list[Pupil], make: Make
) -> None:
    findings.mark_rest(teacher, teacher.place_id)
    next_door = make.class_(code="2020107", name="六年级（7）班")
    other = make.actor(Role.TEACHER, next_door)
    make.sheet(pupil=three[0])
    movements.record_movement(registrar, three[0].id, Movement("29", today(), next_door.id))
    assert findings.class_check(teacher).facts.counts.pupils == 2
    check = findings.class_check(other)
    assert (check.facts.counts.pupils, check.facts.counts.missing) == (1, 1)
    findings.mark(other, next_door.id, three[0].id, C.MATCH)
    assert findings.class_check(other).facts.counts.missing == 0


def test_children_who_are_not_listed(teacher: Actor, three: list[Pupil], make: Make) -> None:
    """The rules for names, days and numbers hold; nobody is added twice, and nobody who is on the list."""
    own, known = teacher.place_id, three[0].record
    with pytest.raises(Wrong) as told:
        findings_unlisted.add(teacher, own, Child(C.NO_RECORD, "邱1", "1", "20140230", ""))
    assert {one.item for one in told.value.problems} == {"name", "birth_date"}
    with pytest.raises(Wrong):
        findings_unlisted.add(teacher, own, Child(C.NO_RECORD, "邱小试", "1", "20140312", "990101201403120158"))
    listed = Child(C.RECORD_ELSEWHERE, known["name"], known["sex"], known["birth_date"], known["id_number"])
    with pytest.raises(Refusal, match="本班名册"):
        findings_unlisted.add(teacher, own, listed)
    first = findings_unlisted.add(teacher, own, CHILD)
    with pytest.raises(Refusal, match="已经加过"):
        findings_unlisted.add(teacher, own, CHILD)
    findings_unlisted.remove(teacher, own, first)
    assert findings_unlisted.of_class(teacher, own) == []
    assert findings_unlisted.add(teacher, own, CHILD) != first


def test_another_class_is_not_there(teacher: Actor, three: list[Pupil], make: Make) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    with pytest.raises(NotFound):
        findings.mark(teacher, other.id, three[0].id, C.MATCH)
    foreign = make.pupil(other)
    with pytest.raises(NotFound):
        findings.mark(teacher, teacher.place_id, foreign.id, C.MATCH)


def test_a_child_with_a_record_in_the_school_is_told_to_the_registrar(
    teacher: Actor, registrar: Actor, three: list[Pupil], make: Make, later: Later
) -> None:
    """The number is on the roster of another class: no registration but a change of class."""
    other = make.pupil(make.class_(code="2020107", name="六年级（7）班"))
    kept = other.record
    child = Child(C.NO_RECORD, kept["name"], kept["sex"], kept["birth_date"], kept["id_number"])
    findings_unlisted.add(teacher, teacher.place_id, child)
    findings.mark_rest(teacher, teacher.place_id)
    report(teacher, later)
    (shown,) = findings_actions.school_check(registrar).children
    assert (shown.in_class, shown.pupil_id, shown.is_open) == ("六年级（7）班", other.id, True)
    pupils.keep_record(other, kept)
    other.class_id, other.path = teacher.place_id, make.class_().path
    db.session.commit()
    (shown,) = findings_actions.school_check(registrar).children
    assert not shown.is_open
