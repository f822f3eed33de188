"""The choices of domain 6 that concern entry, its windows and seats, and what may be entered, each under its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from portal.models import Decision, Pupil, Sheet, Switch, Window, db
from portal.rules.access import Action, may
from portal.rules.applications import ApplicationKind
from portal.rules.checks import Choices, OnFile, check_item, check_record
from portal.rules.clock import now
from portal.rules.corrections import errors_of
from portal.rules.problems import Problem
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import (
    accounts,
    applications,
    appointing,
    classes,
    decisions,
    entry,
    maintenance,
    printing,
    pupils,
    returned,
    seat_list,
)
from portal.services.history import steps_of
from portal.services.print_content import Selection
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import PASSWORD, Make
from tests.press import unlock

PHONE = "15400000099"


def closed(make: Make, switch: Switch) -> None:
    """The switch of the round is closed."""
    window = db.session.query(Window).filter_by(switch=switch).one_or_none() or make.window(switch=switch)
    window.closes_at = now() - timedelta(hours=1)
    db.session.commit()


def opened(make: Make, switch: Switch) -> None:
    if db.session.query(Window).filter_by(switch=switch).one_or_none() is None:
        make.window(switch=switch)


def may_enter(make: Make, role: Role = Role.OPERATOR) -> Actor:
    """Somebody of a school that is unlocked, in an open entry window."""
    opened(make, Switch.ENTRY)
    actor = make.actor(role, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def phone_on(sheet: Sheet) -> UUID:
    change = new_change(sheet, "phone")
    db.session.commit()
    return change.id


def problems(pupil: Pupil, item: str, value: str) -> list[str]:
    """The rules that the value of an item would break, as entry asks them."""
    found: list[Problem] = errors_of(pupil.record, item, value, pupils.context_of(pupil))
    return [one.code for one in found]


def test_x03_printing_and_entry_have_a_switch_each(app: Flask, make: Make) -> None:
    """X3: "two"; R95: with export closed one saves and applies, with entry closed one prints, never the other way."""
    who = may_enter(make, Role.REGISTRAR)
    closed(make, Switch.EXPORT)
    first, second = make.sheet(SheetState.PASSED), make.sheet(SheetState.PASSED)
    entry.enter_value(who, phone_on(first), PHONE)
    applications.make(who, first.pupil_id, ApplicationKind.CHANGE, {"name": "林拭"})
    with pytest.raises(TooLate):
        printing.start_run(who, Selection())
    db.session.rollback()
    closed(make, Switch.ENTRY)
    db.session.query(Window).filter_by(switch=Switch.EXPORT).update({"closes_at": now() + timedelta(hours=1)})
    db.session.commit()
    printing.start_run(who, Selection())
    change_id = phone_on(second)
    with pytest.raises(TooLate):
        entry.enter_value(who, change_id, PHONE)
    db.session.rollback()
    with pytest.raises(TooLate):
        applications.make(who, second.pupil_id, ApplicationKind.CHANGE, {"name": "林拭"})


def test_x10_the_leader_looks_before_and_after_and_the_authority_only_sees(make: Make) -> None:
    """X10: "before: sheet pass; after: journal sign-off; authority sees, does not approve"."""
    who, leader = may_enter(make), make.actor(Role.LEADER, make.school())
    sheet = make.sheet(SheetState.CHECKED, written=1)
    change_id = phone_on(sheet)
    with pytest.raises(TooLate):
        entry.enter_value(who, change_id, PHONE)
    db.session.rollback()
    _takes_effect(leader, sheet, SheetMove.PASS)
    entry.enter_value(who, change_id, PHONE)
    assert sheet.pupil.record["phone"] == PHONE  # saved and final, no authority step (G4)
    entry.finish(who, sheet.id)
    _takes_effect(leader, sheet, SheetMove.VERIFY)
    assert sheet.state == SheetState.VERIFIED
    for place in (make.county(), make.prefecture(), make.province()):
        for role in (Role.REGISTRAR, Role.LEADER, Role.OPERATOR):
            officer = make.actor(role, place)
            assert not any(may(officer, action) for action in (Action.PASS_SHEETS, Action.VERIFY_SHEETS))
        assert may(make.actor(Role.REGISTRAR, place), Action.SEE_FIGURES)


def _takes_effect(leader: Actor, sheet: Sheet, what: SheetMove) -> None:
    decisions.decide(leader, {sheet.id: sheet.version}, what)
    db.session.query(Decision).update({"due_at": now()})
    db.session.commit()
    assert decisions.carry_out_due() == 1


def test_x28_nothing_is_printed_or_entered_before_the_code_has_been_typed(app: Flask, make: Make) -> None:
    """X28: "code required"; B6."""
    opened(make, Switch.ENTRY)
    opened(make, Switch.EXPORT)
    who = make.actor(Role.REGISTRAR, make.school())
    sheet = make.sheet(SheetState.PASSED)
    change_id = phone_on(sheet)
    pupil = db.session.get_one(Pupil, sheet.pupil_id)
    acts = (
        lambda: printing.start_run(who, Selection()),
        lambda: entry.enter_value(who, change_id, PHONE),
        lambda: _saved(who, pupil),
    )
    for act in acts:
        with pytest.raises(TooLate, match="解锁"):
            act()
        db.session.rollback()
    unlock(make, who.place_id, who.user_id)
    printing.start_run(who, Selection())
    entry.enter_value(who, change_id, PHONE)
    _saved(who, pupil)


def _saved(who: Actor, pupil: Pupil) -> None:
    assert maintenance.save(who, pupil.id, pupil.version, {"postcode": "100001"}).saved == ["postcode"]


def test_x29_a_seat_is_a_person_with_a_name(make: Make) -> None:
    """X29: "named seats inside the account (P10)": what is done says who did it, one name never stands twice, and all
    seats of a place count together."""
    opened(make, Switch.ENTRY)
    registrar = make.actor(Role.REGISTRAR, make.school())
    made = [appointing.invite(registrar, make.school().id, Role.OPERATOR, name) for name in ("李录入", "何录入")]
    assert len({one.login for one in made}) == 2
    with pytest.raises(Refusal, match="姓名"):
        appointing.invite(registrar, make.school().id, Role.OPERATOR, "李录入")
    db.session.rollback()
    seats = [make.user(Role.OPERATOR, make.school(), name=name) for name in ("周录入", "吴录入")]
    unlock(make, make.school().id, registrar.user_id)
    for user in seats:
        who = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
        assert who is not None
        change_id = phone_on(make.sheet(SheetState.PASSED))
        entry.enter_value(who, change_id, PHONE)
        assert [name for _step, name in steps_of(change_id)] == [user.name]
    assert seat_list.seats_of(registrar).inside == 2


def test_x30_teachers_collect_their_class_and_the_registrar_the_school(make: Make) -> None:
    """X30: "teacher collects and checks per class, registrar receives per school"."""
    mine, other = make.class_(), make.class_(code="2021107", name="五年级（7）班")
    teacher, registrar = make.actor(Role.TEACHER, mine), make.actor(Role.REGISTRAR, make.school())
    sheets = {class_.id: make.sheet(SheetState.ISSUED, make.pupil(class_)) for class_ in (mine, other)}
    classes.tick(teacher, sheets[mine.id].id, True)
    with pytest.raises(NotFound):
        classes.tick(teacher, sheets[other.id].id, True)
    db.session.rollback()
    with pytest.raises(NotFound):
        returned.tick(teacher, other.id, [sheets[other.id].id], [sheets[other.id].id])
    db.session.rollback()
    returned.tick(registrar, other.id, [sheets[other.id].id], [sheets[other.id].id])
    assert {sheet.state for sheet in sheets.values()} == {SheetState.RECEIVED}
    assert [may(teacher, Action.CHECK_SHEET), may(registrar, Action.CHECK_SHEET)] == [True, False]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REGISTRAR])
def test_x34_operators_type_and_the_registrar_may(make: Make, role: Role) -> None:
    """X34: "operators; the registrar may do the same": from the sheet, beside it, and in applications."""
    who = may_enter(make, role)
    sheet = make.sheet(SheetState.PASSED)
    entry.enter_value(who, phone_on(sheet), PHONE)
    _saved(who, db.session.get_one(Pupil, sheet.pupil_id))
    assert applications.make(who, sheet.pupil_id, ApplicationKind.CHANGE, {"name": "林拭"}).made_by_id == who.user_id
    assert may(who, Action.ENTER_CHANGES)
    others = (Role.TEACHER, Role.LEADER, Role.SYSADMIN, Role.SUPPORT, Role.AUDITOR, Role.SECURITY)
    assert not any(may(make.actor(other, make.school()), Action.ENTER_CHANGES) for other in others)


def test_x18_the_second_member_is_there_or_there_is_a_reason(make: Make) -> None:
    """X18: "two, second waivable with reason"."""
    pupil = make.pupil()
    second = {item: "" for item in pupil.record if item.startswith("guardian2_")}
    pupils.keep_record(pupil, pupil.record | second)
    context = pupils.context_of(pupil)
    found = {problem.code for problem in check_record(pupil.record, context)}
    assert "R65.second" in found
    pupils.keep_record(pupil, pupil.record | {"guardian2_relation_note": "单亲"})
    assert "R65.second" not in {problem.code for problem in check_record(pupil.record, context)}


def test_x19_without_any_number_of_the_pupil_one_guardian_has_one(make: Make) -> None:
    """X19: "at least one guardian's number": taking the last one out is refused, either of two is not."""
    pupil = make.pupil(id_doc_type="Z", id_number="", guardian1_id_doc_type="1", guardian2_id_doc_type="1")
    kept = pupil.record
    assert all(kept[item] for item in ("guardian1_id_number", "guardian2_id_number"))
    assert "R11.guardian" not in problems(pupil, "guardian1_id_number", "")
    pupils.keep_record(pupil, kept | {"guardian1_id_number": ""})
    assert "R11.guardian" in problems(pupil, "guardian2_id_number", "")


def test_x20_an_only_child_is_declared(make: Make) -> None:
    """X20: "declared value; certificate flag optional": no certificate is asked for."""
    pupil = make.pupil(only_child="0")
    assert problems(pupil, "only_child", "1") == []
    only_child = Choices(only_child_certificate=True)
    context = replace(pupils.context_of(pupil), choices=only_child, on_file=OnFile(certificates=frozenset()))
    assert [one.code for one in errors_of(pupil.record, "only_child", "1", context)] == ["R57"]


def test_x21_aid_and_subsidy_say_what_is_so(make: Make) -> None:
    """X21: "real state, senior stage "no" for the subsidy"."""
    pupil = make.pupil(needs_aid="0", boarding_subsidy="0", attendance_way="2")
    assert problems(pupil, "needs_aid", "1") == []
    assert problems(pupil, "boarding_subsidy", "1") == []
    pupils.keep_record(pupil, pupil.record | {"school_stage": "3"})
    assert "R44.senior" in problems(pupil, "boarding_subsidy", "1")


def test_x23_places_are_precise_to_the_county(make: Make) -> None:
    """X23: "county; prefecture level warns"; a province alone is refused."""
    pupil = make.pupil()
    assert problems(pupil, "birthplace_code", "420103000000") == []
    assert problems(pupil, "birthplace_code", "420100000000") == []
    context = pupils.context_of(pupil)
    warned = [one.code for one in check_item("birthplace_code", "420100000000", context) if not one.is_error]
    assert warned == ["R33.prefecture"]
    assert problems(pupil, "birthplace_code", "420000000000") == ["R33.province"]
