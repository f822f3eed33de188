"""More of the gallery's world: the person-record check, open in one class, reported with everything in others."""

from __future__ import annotations

from portal.models import Place, Pupil, Unlisted, db
from portal.rules.clock import now
from portal.rules.findings import FindingCode, Registration
from portal.rules.roles import Actor, Role
from portal.services import accounts, findings, findings_report, findings_unlisted
from portal.services.findings_unlisted import Child
from tests.house.gallery_world import LONG_NAMES, World

C = FindingCode
LONG_NOTE = "九月开学以后跟着父母回了老家，听同学说在那边的中心小学上学，电话打不通，家长也没有来办过手续。"


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    make = world.make
    class_, long = make.class_(), db.session.get_one(Place, world.things["long class"])
    suspended = make.pupil(class_, name="何小试", student_status="02", class_seat_number="91")
    world.things |= {"suspended pupil": suspended.id, "marked pupil": _pupils(class_)[0].id}
    teacher = _actor(world, "teacher")
    findings.mark(teacher, class_.id, _pupils(class_)[0].id, C.MATCH)
    findings.mark(teacher, class_.id, _pupils(class_)[1].id, C.LEFT_ON_ROLL, "九月转走")
    done = make.class_(code="2020108", name="六年级（8）班")
    for n in range(4):
        make.pupil(done, name="韩小试" if n else "施小试")
    _reported(world, done, make.actor(Role.TEACHER, done), "")
    _reported(world, long, _actor(world, "teacher-long"), "long ")


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _pupils(class_: Place) -> list[Pupil]:
    rows = db.session.query(Pupil).filter_by(class_id=class_.id, left_at=None, status="01", is_draft=False)
    return sorted(rows, key=lambda pupil: pupil.id.hex)


def _reported(world: World, class_: Place, teacher: Actor, prefix: str) -> None:
    """One of each finding, and four children who were not listed; the registry has answered about some of them."""
    name, note = (LONG_NAMES[0], LONG_NOTE) if prefix else ("谢小试", "")
    off = world.make.pupil(class_, name=name, student_status="02")
    dead = world.make.pupil(class_, name=name, student_status="11")
    dead.left_at = now()
    db.session.commit()
    rows = _pupils(class_)
    for pupil, code in (
        (off, C.STATUS_OFF_ROLL), (dead, C.STATUS_DEAD), (rows[0], C.LEFT_ON_ROLL), (rows[1], C.FALSE_RECORD),
    ):  # fmt: skip
        findings.mark(teacher, class_.id, pupil.id, code, note)
    findings.mark_rest(teacher, class_.id)
    for n, result in enumerate((None, Registration.UNPROCESSED, Registration.PASSED, Registration.FAILED)):
        code, number = C.RECORD_ELSEWHERE if n == 3 else C.NO_RECORD, ""
        if n == 2:
            number = world.make.record(700 + len(prefix))["id_number"]
        born, sex = (number[6:14], "1" if int(number[16]) % 2 else "2") if number else (f"2014031{n}", "1")
        child = Child(code, name.split(" ")[0], sex, born, number, note[:40])
        one = db.session.get_one(Unlisted, findings_unlisted.add(teacher, class_.id, child))
        one.result = result if code == C.NO_RECORD else None
        db.session.commit()
    findings_report.report(teacher, class_.id)
    world.things |= {f"{prefix}reported class": class_.id, f"{prefix}left pupil": rows[0].id}
