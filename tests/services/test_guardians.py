"""What a claimed account reaches, how it ends, and what the class teacher and the registrar do for families."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest

from portal.models import Consent, Guardianship, Place, RegistrationCode, Sheet, SignIn, Step, User, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, family_help, guardians, printed_codes
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import PASSWORD, Make


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, registered=True)


@pytest.fixture
def teacher(make: Make, sheet: Sheet) -> Actor:
    return make.actor(Role.TEACHER, sheet.class_)


def family_of(user: User) -> Actor:
    found = accounts.actor_of(accounts.sign_in(user.phone, PASSWORD))
    assert found is not None
    return found


def one_of(user: User) -> Guardianship:
    return db.session.query(Guardianship).filter_by(user_id=user.id).one()


def test_only_the_own_active_child_is_reached(make: Make, sheet: Sheet) -> None:
    mine, classmate = make.guardian(sheet.pupil), make.guardian(make.pupil(sheet.class_))
    family = family_of(mine)
    assert guardians.sheet_of(family, one_of(mine).id).id == sheet.id
    for wrong in (one_of(classmate).id, uuid4(), sheet.id):
        with pytest.raises(NotFound):
            guardians.own(family, wrong)
    for state in ("waiting", "refused", "ended"):
        one_of(mine).state = state
        db.session.commit()
        with pytest.raises(NotFound):
            guardians.own(family, one_of(mine).id)


def test_leaving_ends_the_account_with_its_last_child_and_loses_nothing(make: Make, sheet: Sheet) -> None:
    user = make.guardian(sheet.pupil)
    login, token = user.login, accounts.sign_in(user.phone, PASSWORD)
    family = accounts.actor_of(token)
    assert family is not None
    assert not guardians.leave(family, one_of(user).id)
    db.session.expire_all()
    assert (one_of(user).state, sheet.registered, sheet.state) == ("ended", False, SheetState.ISSUED)
    assert db.session.query(Consent).one().withdrawn_at is not None
    assert user.phone is None
    assert user.login != login
    assert accounts.actor_of(token) is None
    assert make.guardian(make.pupil(), phone="15400000001").login == accounts.family_login("15400000001")


def test_leaving_one_of_two_children_keeps_the_account(make: Make, sheet: Sheet) -> None:
    user = make.guardian(sheet.pupil)
    sister = make.pupil()
    db.session.add(
        Guardianship(user_id=user.id, pupil_id=sister.id, school_id=sister.school_id, path=sister.path, relation="52")
    )
    db.session.commit()
    first = db.session.query(Guardianship).filter_by(user_id=user.id, pupil_id=sheet.pupil_id).one()
    assert guardians.leave(family_of(user), first.id)
    assert [child.state for child in guardians.children(family_of(user))] == ["active"]


def test_with_a_guardian_left_the_child_stays_registered(make: Make, sheet: Sheet) -> None:
    first, second = make.guardian(sheet.pupil), make.guardian(sheet.pupil)
    guardians.leave(family_of(first), one_of(first).id)
    assert sheet.registered
    guardians.leave(family_of(second), one_of(second).id)
    assert not sheet.registered


def test_the_teacher_agrees_to_a_second_guardian(make: Make, sheet: Sheet, teacher: Actor) -> None:
    make.guardian(sheet.pupil)
    second = make.guardian(sheet.pupil, phone="15412345678", state="waiting")
    waiting = family_help.waiting(teacher, "zh")
    assert [(one.name, one.phone, one.others) for one in waiting] == [
        (sheet.pupil.record["name"], "154****5678", ("母亲",))
    ]
    assert family_help.count_waiting(teacher) == 1
    family_help.decide(teacher, one_of(second).id, True, "")
    assert guardians.own(family_of(second), one_of(second).id)
    step = db.session.query(Step).filter_by(move="AGREE_GUARDIAN").one()
    assert step.by_id == teacher.user_id
    with pytest.raises(TooLate):
        family_help.decide(teacher, one_of(second).id, False, "不认识")


def test_a_refusal_needs_its_reason_and_the_family_reads_it(make: Make, sheet: Sheet, teacher: Actor) -> None:
    second = make.guardian(sheet.pupil, state="waiting")
    with pytest.raises(Refusal):
        family_help.decide(teacher, one_of(second).id, False, " ")
    family_help.decide(teacher, one_of(second).id, False, "请带户口簿到学校来")
    child = guardians.children(family_of(second))[0]
    assert (child.state, child.reason) == ("refused", "请带户口簿到学校来")
    assert db.session.query(Consent).filter_by(user_id=second.id).one().withdrawn_at is not None
    assert family_help.waiting(teacher, "zh") == []


def test_a_forgotten_password_is_replaced_by_one_for_one_time(make: Make, sheet: Sheet, teacher: Actor) -> None:
    user = make.guardian(sheet.pupil)
    token = accounts.sign_in(user.phone, PASSWORD)
    sheet_id, phone, password = family_help.reset_password(teacher, one_of(user).id)
    assert (sheet_id, phone) == (sheet.id, f"154****{user.phone[-4:]}")
    assert accounts.actor_of(token) is None
    with pytest.raises(Refusal):
        accounts.sign_in(user.phone, PASSWORD)
    fresh = accounts.actor_of(accounts.sign_in(user.phone, password))
    assert fresh is not None
    assert fresh.must_change
    out = io.BytesIO()
    family_help.print_slip(teacher, one_of(user).id, out)
    assert out.getvalue().startswith(b"%PDF")
    accounts.change_password(fresh, password, "blue elephants 7")
    with pytest.raises(TooLate):
        family_help.print_slip(teacher, one_of(user).id, io.BytesIO())
    step = db.session.query(Step).filter_by(move="RESET_FAMILY_PASSWORD").one()
    assert password not in str(step.details)


def test_a_wrong_claim_is_undone_and_its_code_replaced(make: Make, sheet: Sheet, teacher: Actor) -> None:
    old = printed_codes.make_code(sheet)
    user = make.guardian(sheet.pupil)
    family = family_of(user)
    with pytest.raises(Refusal):
        family_help.end(teacher, one_of(user).id, "")
    ended = family_help.end(teacher, one_of(user).id, "不是监护人")
    assert ended.sheet_id == sheet.id
    assert not db.session.get_one(RegistrationCode, old.id).live
    assert db.session.query(RegistrationCode).filter_by(live=True).one().code == ended.code
    assert not sheet.registered
    with pytest.raises(NotFound):
        guardians.own(family, one_of(user).id)
    assert db.session.query(SignIn).filter_by(user_id=user.id).count() == 1


@pytest.mark.parametrize("act", ["decide", "reset_password", "print_slip", "end"])
def test_another_class_and_another_school_find_nobody(make: Make, sheet: Sheet, act: str) -> None:
    one = one_of(make.guardian(sheet.pupil, state="waiting"))
    rest = {"decide": (True, ""), "print_slip": (io.BytesIO(),), "end": ("x",)}.get(act, ())
    for role, place in _strangers(make):
        stranger = make.actor(role, place)
        assert family_help.waiting(stranger, "zh") == []
        with pytest.raises(NotFound):
            getattr(family_help, act)(stranger, one.id, *rest)
    registrar = make.actor(Role.REGISTRAR, make.school())
    assert len(family_help.waiting(registrar, "en")) == 1


def _strangers(make: Make) -> list[tuple[Role, Place]]:
    other = make.school("2199000002", "试验市第二小学")
    return [(Role.TEACHER, make.class_(code="2021107", name="五年级（7）班")), (Role.REGISTRAR, other)]


def test_a_pupil_who_changes_class_takes_the_guardians_along(make: Make, sheet: Sheet, teacher: Actor) -> None:
    make.guardian(sheet.pupil, state="waiting")
    other = make.class_(code="2021107", name="五年级（7）班")
    sheet.pupil.class_id, sheet.pupil.path = other.id, other.path
    db.session.commit()
    assert family_help.waiting(teacher, "zh") == []
    assert len(family_help.waiting(make.actor(Role.TEACHER, other), "zh")) == 1


def test_whoever_waits_again_and_is_refused_is_registered_no_more(make: Make, sheet: Sheet, teacher: Actor) -> None:
    user = make.guardian(sheet.pupil)
    one_of(user).state = "waiting"
    db.session.commit()
    family_help.decide(teacher, one_of(user).id, False, "不认识。")
    assert (one_of(user).state, sheet.registered) == ("refused", False)
