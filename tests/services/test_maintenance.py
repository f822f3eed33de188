"""Changing what needs no authority: states, journal, conditional requirements, key data (G4-G9, R95, R103, X10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models import Application, Change, Pupil, Sheet, Step, Switch, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now, today
from portal.rules.items import KEY_DATA
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import column_claims, decisions, leading, maintenance, maintenance_states
from portal.services import maintenance_journal as journals
from portal.services.journal import journal
from portal.services.readings import new_change
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import Make

PHONE = {"phone": "15400001234"}


@pytest.fixture
def open_school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """The entry window is open and the school unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(maintenance_states, "require_unlocked", lambda *_: None)
    return make


def operator(make: Make) -> Actor:
    return make.actor(Role.OPERATOR, make.school())


def leader(make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


def save(actor: Actor, pupil: Pupil, values: Mapping[str, str | None]) -> maintenance.Outcome:
    return maintenance.save(actor, pupil.id, pupil.version, values)


def kept(pupil: Pupil) -> dict[str, str]:
    db.session.expire_all()
    return db.session.get_one(Pupil, pupil.id).record


def test_key_data_are_never_saved_here(open_school: Make) -> None:
    """R103: on the interface level too, alone and hidden among others."""
    pupil, who = open_school.sheet(SheetState.PASSED).pupil, operator(open_school)
    before = kept(pupil)
    for item in KEY_DATA:
        for values in ({item: "1"}, {item: "1", **PHONE}):
            with pytest.raises(Refusal):
                save(who, pupil, values)
    assert kept(pupil) == before
    assert len(KEY_DATA) == 5


def test_items_of_others_do_not_exist_here(open_school: Make) -> None:
    pupil, who = open_school.sheet(SheetState.PASSED).pupil, operator(open_school)
    for item in ("class_no", "student_number", "student_status", "grade", "no_item"):
        with pytest.raises(NotFound):
            save(who, pupil, {item: "1"})


def test_items_under_control_are_never_saved_here(open_school: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """G8"""
    monkeypatch.setattr(maintenance.place_settings, "controlled_items", lambda _path: ("phone",))
    with pytest.raises(Refusal):
        save(operator(open_school), open_school.sheet(SheetState.PASSED).pupil, dict(PHONE))


@pytest.mark.parametrize("state", sorted(SheetState))
def test_what_may_be_changed_when(open_school: Make, state: SheetState) -> None:
    """X10: before the leader has seen the paper nothing, then on the sheet, after the sign-off in the own journal."""
    sheet = open_school.sheet(state)
    who, pupil = operator(open_school), sheet.pupil
    before = kept(pupil)
    if state in maintenance_states.NOT_YET:
        with pytest.raises(TooLate):
            save(who, pupil, dict(PHONE))
        assert kept(pupil) == before
        return
    assert save(who, pupil, dict(PHONE)).saved == ["phone"]
    assert kept(pupil)["phone"] == "15400001234"
    on_sheet = [change.item for change in db.session.get_one(Sheet, sheet.id).changes]
    alone = [one.lines[0].item.code for one in journals.waiting(leader(open_school))]
    assert (on_sheet, alone) == ((["phone"], []) if state in maintenance_states.ON_SHEET else ([], ["phone"]))


def test_every_state_of_a_sheet_says_what_may_be_done() -> None:
    done = {SheetState.VERIFIED, SheetState.ARCHIVED}
    assert set(maintenance_states.NOT_YET) | maintenance_states.ON_SHEET | done == set(SheetState)


def test_outside_the_window_nothing_is_saved(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """R95: the entry switch and no other; also for who has no sheet."""
    monkeypatch.setattr(maintenance_states, "require_unlocked", lambda *_: None)
    make.window(switch=Switch.EXPORT)
    make.window(switch=Switch.ENTRY, closes=now() - timedelta(seconds=1))
    for pupil in (make.sheet(SheetState.PASSED).pupil, make.pupil()):
        with pytest.raises(TooLate):
            save(make.actor(Role.REGISTRAR, make.school()), pupil, dict(PHONE))


def test_locked_school_saves_nothing(make: Make) -> None:
    """B6"""
    make.window(switch=Switch.ENTRY)
    with pytest.raises(TooLate):
        save(operator(make), make.sheet(SheetState.PASSED).pupil, dict(PHONE))


def test_outside_rounds_it_is_routine(make: Make) -> None:
    make.round(ends=today() - timedelta(days=1))
    pupil = make.sheet(SheetState.ISSUED).pupil
    registrar = make.actor(Role.REGISTRAR, make.school())
    assert save(registrar, pupil, dict(PHONE)).saved == ["phone"]
    assert len(journals.waiting(leader(make))) == 1


def test_who_has_left_and_who_is_to_be_deleted_is_only_looked_at(open_school: Make) -> None:
    """R113: a refused deletion holds everything else up until its entry is removed."""
    pupil, who = open_school.pupil(), operator(open_school)
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path}
    found = Application(kind=ApplicationKind.DELETION, **own)
    db.session.add(found)
    for state, closed in ((ApplicationState.REFUSED_BY_LEADER, True), (ApplicationState.CLEARED, False)):
        found.state = state
        db.session.commit()
        assert (maintenance.opened(who, pupil.id).standing.closed is not None) is closed
    pupil.left_at = now()
    db.session.commit()
    with pytest.raises(TooLate):
        save(who, pupil, dict(PHONE))


def test_saved_values_stand_on_the_sheet_with_who_and_when(open_school: Make) -> None:
    sheet = open_school.sheet(SheetState.PASSED)
    who, was = operator(open_school), sheet.pupil.record
    save(who, sheet.pupil, {"phone": " 154 0000 1234 ", "email": was.get("email", "")})
    (change,) = db.session.scalars(select(Change))
    assert (change.item, change.source, change.outcome) == ("phone", "desk", "accepted")
    assert change.values == {"printed": was["phone"], "ticked": None, "entered": "15400001234"}
    assert (change.entered_by_id, sheet.written) == (who.user_id, 0)
    step = db.session.scalars(select(Step).where(Step.thing_id == change.id)).one()
    assert step.details == {"item": "phone"}, "never its value"


def test_what_the_family_wrote_keeps_its_row(open_school: Make) -> None:
    sheet = open_school.sheet(SheetState.PASSED, written=1)
    new_change(sheet, "phone")
    db.session.commit()
    save(operator(open_school), sheet.pupil, dict(PHONE))
    (change,) = db.session.scalars(select(Change))
    assert (change.source, change.outcome, change.values["entered"]) == ("ink", "accepted", "15400001234")


def test_put_back_as_it_was_printed_nothing_is_left(open_school: Make) -> None:
    sheet = open_school.sheet(SheetState.PASSED)
    who, was = operator(open_school), sheet.pupil.record["phone"]
    save(who, sheet.pupil, dict(PHONE))
    save(who, sheet.pupil, {"phone": was})
    assert db.session.scalar(select(Change)) is None
    assert kept(sheet.pupil)["phone"] == was


def test_nobody_overwrites_what_a_colleague_has_before_them(open_school: Make) -> None:
    sheet = open_school.sheet(SheetState.PASSED, written=1)
    change = new_change(sheet, "phone")
    db.session.commit()
    column_claims.take(operator(open_school), [change.id])
    db.session.commit()
    outcome = save(operator(open_school), sheet.pupil, PHONE | {"email": "a@example.org"})
    assert list(outcome.said) == ["phone"]
    assert kept(sheet.pupil).get("email") != "a@example.org", "all or none"


def test_who_comes_second_looks_again(open_school: Make) -> None:
    pupil = open_school.sheet(SheetState.PASSED).pupil
    version, who = pupil.version, operator(open_school)
    maintenance.save(who, pupil.id, version, dict(PHONE))
    with pytest.raises(TooLate):
        maintenance.save(operator(open_school), pupil.id, version, {"phone": "15400009999"})
    assert kept(pupil)["phone"] == "15400001234"


def test_what_one_change_makes_necessary_is_told_and_filled_in_with_it(open_school: Make) -> None:
    """R48: health and kind of disability stand in two groups of the paper; neither can be saved without the other."""
    pupil = open_school.sheet(SheetState.PASSED).pupil
    who = operator(open_school)
    told = maintenance.try_out(who, pupil.id, {"health_status": "50"})
    assert [(one.problem.code, one.because) for one in told.wrong["disability_type"]] == [
        ("R48.type", ("health_status",))
    ]
    assert not save(who, pupil, {"health_status": "50"}).is_whole
    assert kept(pupil)["health_status"] != "50"
    assert save(who, pupil, {"health_status": "50", "disability_type": "1"}).is_whole
    assert kept(pupil)["disability_type"] == "1"


def test_a_wrong_value_saves_nothing_and_says_so_at_its_item(open_school: Make) -> None:
    pupil = open_school.sheet(SheetState.PASSED).pupil
    before = kept(pupil)
    outcome = save(operator(open_school), pupil, {"postcode": "12345", "birthplace_code": None, **PHONE})
    assert (sorted(outcome.wrong), list(outcome.said)) == (["postcode"], ["birthplace_code"])
    assert not outcome.wrong["postcode"][0].because
    assert kept(pupil) == before


def test_after_entry_the_leader_reads_the_journal_again(open_school: Make) -> None:
    """X10: what was added meanwhile is not signed off unseen; a decision that waits comes first."""
    sheet = open_school.sheet(SheetState.ENTERED)
    who, version = leader(open_school), sheet.version
    save(operator(open_school), sheet.pupil, dict(PHONE))
    (seen,) = journal(who, sheet.class_id).changed
    assert [(entry.item.code, entry.by_school) for entry in seen.entries] == [("phone", True)]
    with pytest.raises(TooLate):
        decisions.decide(who, {sheet.id: version}, SheetMove.VERIFY)
    decisions.decide(who, {sheet.id: seen.version}, SheetMove.VERIFY)
    with pytest.raises(TooLate):
        save(operator(open_school), sheet.pupil, {"phone": "15400009999"})


def test_nobody_signs_off_what_they_changed(open_school: Make) -> None:
    """R88"""
    sheet, who = open_school.sheet(SheetState.ENTERED), operator(open_school)
    save(who, sheet.pupil, dict(PHONE))
    assert leading.own_work(who.user_id, [sheet], SheetMove.VERIFY) == {sheet.id}


def test_the_own_journal_is_signed_off_or_sent_back_with_a_reason(open_school: Make) -> None:
    """G6, G9, R87, R88"""
    pupil, who, chief = open_school.pupil(), operator(open_school), leader(open_school)
    was = pupil.record["phone"]
    save(who, pupil, dict(PHONE))
    (entry,) = journals.waiting(chief)
    assert [(line.was, line.became) for line in entry.lines] == [(was, "15400001234")]
    assert journals.waiting(who)[0].own
    with pytest.raises(NotYours):
        journals.sign_off(who, [entry.step_id])
    with pytest.raises(Refusal):
        journals.send_back(chief, entry.step_id, " ")
    journals.send_back(chief, entry.step_id, "和家长说的不一样")
    with pytest.raises(TooLate):
        journals.sign_off(chief, [entry.step_id])
    assert journals.waiting(chief) == []
    assert [one.reason for one in journals.refused(who)] == ["和家长说的不一样"]
    save(who, pupil, {"phone": "15400009999"})
    assert journals.refused(who) == []
    assert journals.sign_off(chief, [journals.waiting(chief)[0].step_id]) == 1
    assert [one.state for one in journals.of_pupil(maintenance.opened(who, pupil.id))] == ["seen", "refused"]


def test_what_the_school_changed_stays_when_the_family_must_send_a_new_paper(open_school: Make) -> None:
    """G2: it stood on no paper; it goes back to be corrected only when the leader says so."""
    sheet = open_school.sheet(SheetState.PASSED)
    save(operator(open_school), sheet.pupil, dict(PHONE))
    leading.carry_out(leader(open_school), sheet, SheetMove.SEND_BACK, "请补签名")
    assert [change.outcome for change in sheet.changes] == ["accepted"]
    sheet.state = SheetState.ENTERED
    leading.carry_out(leader(open_school), sheet, SheetMove.RETURN_TO_CHECKED, "号码不对")
    assert [(change.outcome, change.reason) for change in sheet.changes] == [("open", "号码不对")]


def test_school_next_door_sees_nothing(open_school: Make) -> None:
    """R130"""
    pupil = open_school.pupil()
    stranger = open_school.actor(Role.OPERATOR, open_school.school("2199000002", "试验市第二小学"))
    save(operator(open_school), pupil, dict(PHONE))
    (entry,) = journals.waiting(leader(open_school))
    assert maintenance.named(stranger, pupil.record["name"]) == []
    assert journals.waiting(stranger) == []
    for act in (
        lambda: maintenance.opened(stranger, pupil.id),
        lambda: maintenance.pupils_of(stranger, pupil.class_id),
        lambda: save(stranger, pupil, dict(PHONE)),
        lambda: journals.sign_off(stranger, [entry.step_id]),
    ):
        with pytest.raises(NotFound):
            act()
    assert [one.pupil_id for one in maintenance.named(operator(open_school), pupil.record["name"])] == [pupil.id]
