"""Claiming a child: the question, the account, the consent; the second guardian; two at once; guesses get nowhere."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.models import Consent, Guardianship, Place, RegistrationCode, Sheet, SignIn, Step, Try, User, db
from portal.rules import consent
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import accounts, claims, guardians, place_settings, printed_codes
from portal.services.claims import Claim, NotRight
from portal.services.refusals import NotFound, Refusal, TooLate, Wait
from portal.services.tries import COOLING, COOLS_AFTER, ENDS_AFTER
from tests.make import Make

PHONE, OTHER, THIRD = "15400000001", "15400000002", "15400000003"
PASSWORD = "蓝色的大象在唱歌"


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def code(sheet: Sheet) -> RegistrationCode:
    made = printed_codes.make_code(sheet)
    db.session.commit()
    return made


def last_four(sheet: Sheet) -> str:
    return sheet.pupil.record["id_number"][-4:]


def given(sheet: Sheet, phone: str = PHONE, **other: str) -> Claim:
    base = {"answer": last_four(sheet), "relation": "52", "version": consent.VERSION, "language": "zh"}
    return Claim(**(base | {"phone": phone, "password": PASSWORD} | other))


def actor_of(token: str | None):
    found = accounts.actor_of(token or "")
    assert found is not None
    return found


def test_the_first_claim_opens_the_child_at_once(sheet: Sheet, code: RegistrationCode) -> None:
    made = claims.claim(code.selector, given(sheet), None)
    family = actor_of(made.token)
    assert family.role == Role.PARENT
    assert made.state == "active"
    assert guardians.sheet_of(family, made.child_id).id == sheet.id
    assert sheet.registered
    assert code.claimed_at is not None
    assert code.code is None
    assert code.live
    agreed = db.session.query(Consent).one()
    assert (agreed.text_version, agreed.language, agreed.user_id) == (consent.VERSION, "zh", family.user_id)
    step = db.session.query(Step).filter_by(move="CLAIM_CHILD").one()
    assert (step.by_id, step.role, step.after) == (family.user_id, "PARENT", "active")


def test_the_telephone_number_stands_nowhere_in_the_clear(sheet: Sheet, code: RegistrationCode) -> None:
    claims.claim(code.selector, given(sheet), None)
    user = db.session.query(User).filter(User.phone_sealed.is_not(None)).one()
    assert user.phone == PHONE
    assert PHONE not in user.login
    assert PHONE.encode() not in user.phone_sealed
    assert all(PHONE not in str(step.details) for step in db.session.query(Step))


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]}　{0[1]} {0[2]}{0[3]}"])
def test_the_answer_is_taken_however_it_is_typed(sheet: Sheet, code: RegistrationCode, typed: str) -> None:
    wide = {ord("0") + n: 0xFF10 + n for n in range(10)}
    answer = typed.format(last_four(sheet)).lower().translate(wide)
    assert claims.claim(code.selector, given(sheet, answer=answer), None).state == "active"


def test_a_pupil_without_id_number_is_asked_for_the_student_number(make: Make) -> None:
    pupil = make.pupil(id_number="", id_doc_type="Z")
    sheet = make.sheet(SheetState.ISSUED, pupil)
    code = printed_codes.make_code(sheet)
    db.session.commit()
    answer = pupil.record["student_number"][-4:]
    assert claims.claim(code.selector, given(sheet, answer=answer), None).state == "active"


def wrong(sheet: Sheet) -> str:
    return "0000" if last_four(sheet) != "0000" else "1111"


def test_a_wrong_answer_leaves_nothing_and_is_counted(sheet: Sheet, code: RegistrationCode) -> None:
    with pytest.raises(NotRight) as refused:
        claims.claim(code.selector, given(sheet, answer=wrong(sheet)), None)
    assert refused.value.field == "answer"
    assert db.session.query(Guardianship).count() == 0
    assert db.session.query(User).filter(User.phone_sealed.is_not(None)).count() == 0
    assert db.session.query(Try).filter_by(kind="claim", failed=True).count() == 1


def test_wrong_answers_cool_and_then_end_this_code_only(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    other = make.sheet(SheetState.ISSUED)
    other_code = printed_codes.make_code(other)
    db.session.commit()
    guess = given(sheet, answer=wrong(sheet))
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(COOLS_AFTER):
            with pytest.raises(NotRight):
                claims.claim(code.selector, guess, None)
        with pytest.raises(Wait) as cooling:
            claims.claim(code.selector, given(sheet), None)
        assert cooling.value.values["minutes"] == 15
        assert claims.claim(other_code.selector, given(other), None).state == "active"
        for _ in range(ENDS_AFTER - COOLS_AFTER):
            clock.shift(COOLING + timedelta(seconds=1))
            with pytest.raises(NotRight):
                claims.claim(code.selector, guess, None)
        clock.shift(timedelta(days=2))
        with pytest.raises(Wait):
            claims.claim(code.selector, given(sheet), None)
        teacher = make.actor(Role.TEACHER, sheet.class_)
        printed_codes.reset_code(teacher, sheet)
        fresh = db.session.query(RegistrationCode).filter_by(sheet_id=sheet.id, live=True).one()
        assert claims.claim(fresh.selector, given(sheet), None).state == "active"


def test_a_second_guardian_waits_and_sees_nothing(sheet: Sheet, code: RegistrationCode) -> None:
    claims.claim(code.selector, given(sheet), None)
    second = claims.claim(code.selector, given(sheet, OTHER, relation="51"), None)
    assert second.state == "waiting"
    with pytest.raises(NotFound):
        guardians.sheet_of(actor_of(second.token), second.child_id)


def test_a_third_guardian_is_refused_and_gets_no_account(sheet: Sheet, code: RegistrationCode) -> None:
    for phone in (PHONE, OTHER):
        claims.claim(code.selector, given(sheet, phone), None)
    with pytest.raises(TooLate):
        claims.claim(code.selector, given(sheet, THIRD), None)
    assert db.session.query(User).filter_by(login=accounts.family_login(THIRD)).count() == 0


def test_claiming_twice_changes_nothing(sheet: Sheet, code: RegistrationCode) -> None:
    first = claims.claim(code.selector, given(sheet), None)
    again = claims.claim(code.selector, given(sheet), None)
    assert (again.child_id, again.state) == (first.child_id, "active")
    assert claims.claim(code.selector, given(sheet), actor_of(again.token)).child_id == first.child_id
    assert db.session.query(Consent).count() == 1


def test_one_account_may_have_several_children(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    sister = make.sheet(SheetState.ISSUED)
    sisters = printed_codes.make_code(sister)
    db.session.commit()
    family = actor_of(claims.claim(code.selector, given(sheet), None).token)
    made = claims.claim(sisters.selector, replace(given(sister), phone="", password=""), family)
    assert (made.state, made.token) == ("active", None)
    assert [child.state for child in guardians.children(family)] == ["active", "active"]


def test_a_known_telephone_number_needs_its_password(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    claims.claim(code.selector, given(sheet), None)
    sister = make.sheet(SheetState.ISSUED)
    sisters = printed_codes.make_code(sister)
    db.session.commit()
    with pytest.raises(NotRight) as refused:
        claims.claim(sisters.selector, given(sister, password="something else 9"), None)
    assert refused.value.field == "password"
    made = claims.claim(sisters.selector, given(sister), None)
    assert len(guardians.children(actor_of(made.token))) == 2


def test_one_code_does_not_tell_which_numbers_have_accounts(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    """A weak password keeps a free number free, so each question would be another: they are counted for the code."""
    make.guardian(make.pupil(), phone=OTHER)
    with time_machine.travel(now(), tick=False):
        for n in range(COOLS_AFTER):
            phone = OTHER if n % 4 == 0 else f"154000001{n:02}"
            with pytest.raises(NotRight):
                claims.claim(code.selector, given(sheet, phone=phone, password="1"), None)
        for phone in (OTHER, THIRD):
            with pytest.raises(Wait):
                claims.claim(code.selector, given(sheet, phone=phone, password="1"), None)
    with time_machine.travel(now() + COOLING, tick=False):
        assert claims.claim(code.selector, given(sheet), None).state == "active"


def test_a_password_given_at_school_claims_nobody(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    """sec-A46: whoever gave it could come in with it, so it is replaced before it opens another child."""
    user = make.guardian(make.pupil(), phone=OTHER)
    accounts.give_first_password(user)
    db.session.commit()
    password = user.first_password
    with pytest.raises(NotRight, match="临时密码") as refused:
        claims.claim(code.selector, given(sheet, phone=OTHER, password=password), None)
    assert refused.value.field == "password"
    assert db.session.query(Guardianship).filter_by(pupil_id=sheet.pupil_id).count() == 0
    assert db.session.query(SignIn).filter_by(user_id=user.id, ended_at=None).count() == 0


def test_a_wrong_answer_says_the_same_with_and_without_an_account(sheet: Sheet, code: RegistrationCode) -> None:
    claims.claim(code.selector, given(sheet), None)
    said = set()
    for phone in (PHONE, THIRD):
        with pytest.raises(NotRight) as refused:
            claims.claim(code.selector, given(sheet, phone, answer=wrong(sheet), password="x"), None)
        said.add((refused.value.field, refused.value.text))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"relation": "00"}, "relation"), ({"phone": "010-1"}, "phone"), ({"password": "1234"}, "password")],
)
def test_what_is_not_right_is_told_at_its_field(
    sheet: Sheet, code: RegistrationCode, change: dict[str, str], field: str
) -> None:
    with pytest.raises(NotRight) as refused:
        claims.claim(code.selector, replace(given(sheet), **change), None)
    assert refused.value.field == field
    db.session.rollback()
    assert db.session.query(Guardianship).count() == 0
    assert not db.session.get_one(Sheet, sheet.id).registered


def test_another_consent_text_is_not_taken(sheet: Sheet, code: RegistrationCode) -> None:
    with pytest.raises(TooLate):
        claims.claim(code.selector, given(sheet, version="0"), None)


def test_a_closed_sheet_and_a_dead_code_open_nothing(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    printed = make.sheet(SheetState.PRINTED)
    early = printed_codes.make_code(printed)
    db.session.commit()
    with pytest.raises(TooLate):
        claims.claim(early.selector, given(printed), None)
    selector = code.selector
    printed_codes.reset_code(make.actor(Role.TEACHER, sheet.class_), sheet)
    with pytest.raises(NotFound):
        claims.claim(selector, given(sheet), None)


def test_an_authority_can_switch_accounts_off(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    from portal.rules.place_settings import Switch

    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {Switch.SECOND_GUARDIAN: False})
    assert claims.claim(code.selector, given(sheet), None).state == "active"
    with pytest.raises(Refusal):
        claims.claim(code.selector, given(sheet, OTHER), None)
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {Switch.FAMILY_ACCOUNTS: False})
    with pytest.raises(Refusal):
        claims.claim(code.selector, given(sheet), None)


def test_two_claims_at_once_give_one_active_and_one_waiting(app: Flask, sheet: Sheet, code: RegistrationCode) -> None:
    wanted = [(phone, given(sheet, phone)) for phone in (PHONE, OTHER)]
    selector, states, ready = code.selector, [], threading.Barrier(2)
    db.session.remove()

    def enter(one: Claim) -> None:
        with app.app_context():
            ready.wait()
            states.append(claims.claim(selector, one, None).state)
            db.session.remove()

    threads = [threading.Thread(target=enter, args=[one]) for _, one in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["active", "waiting"]


def test_the_same_number_at_once_makes_one_account(app: Flask, sheet: Sheet, code: RegistrationCode) -> None:
    one, selector, made, ready = given(sheet), code.selector, [], threading.Barrier(2)
    db.session.remove()

    def enter() -> None:
        with app.app_context():
            ready.wait()
            made.append(claims.claim(selector, one, None))
            db.session.remove()

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({claimed.child_id for claimed in made}) == 1
    assert [claimed.state for claimed in made] == ["active", "active"]


def test_every_relation_is_offered_once_the_common_ones_first() -> None:
    offered = claims.relations("zh")
    assert [label for _, label in offered[:3]] == ["母亲", "父亲", "祖母"]
    assert len(offered) == len(dict(offered)) == 31


def test_the_school_of_the_first_child_keeps_the_account(make: Make, sheet: Sheet, code: RegistrationCode) -> None:
    claims.claim(code.selector, given(sheet), None)
    user = db.session.query(User).filter_by(login=accounts.family_login(PHONE)).one()
    assert db.session.get_one(Place, user.home_id).id == sheet.school_id
