"""Key-data changes from the draft to the record: school, leader, authority (H1-H7, R104, R105, R88)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine

from portal.models import Application, Decision, Evidence, Pupil, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import NotAllowedNow
from portal.services import application_checks, applications, decisions, pending, reviewing
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate, Wait
from tests.make import Make

Later = Callable[[timedelta], None]
CHANGE = ApplicationKind.CHANGE
PASS, GRANT, REFUSE = ApplicationMove.PASS, ApplicationMove.GRANT, ApplicationMove.REFUSE


@pytest.fixture
def later() -> Iterator[Later]:
    """Moves the clock on, which otherwise stands still."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def registrar(later: Later, make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def leader(later: Later, make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


@pytest.fixture
def officer(later: Later, make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


@pytest.fixture
def pupil(make: Make) -> Pupil:
    return make.pupil()


def evidence(found: Application, by: Actor, kind: str = "HUKOU_SCAN") -> Evidence:
    own = {"school_id": found.school_id, "path": found.path, "item": found.items[0], "address": "-" * 40, "size": 1}
    made = Evidence(application_id=found.id, kind=kind, by_id=by.user_id, **own)
    db.session.add(made)
    db.session.commit()
    return made


def sent(registrar: Actor, pupil: Pupil, name: str = "林拭") -> Application:
    found = applications.make(registrar, pupil.id, CHANGE, {"name": name}, "入学时登记成了同音字")
    evidence(found, registrar)
    return applications.send(registrar, found.id, found.version)


def decided(actor: Actor, found: Application, what: ApplicationMove, later: Later, opinion: str = "") -> Application:
    reviewing.decide(actor, {found.id: found.version}, what, opinion)
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 1
    return found


def test_a_name_is_changed_when_leader_and_county_have_agreed(
    registrar: Actor, leader: Actor, officer: Actor, pupil: Pupil, later: Later
) -> None:
    before, number = pupil.record["name"], pupil.record["student_number"]
    found = sent(registrar, pupil)
    assert found.values == {"name": {"old": before, "new": "林拭"}}
    decided(leader, found, PASS, later)
    assert (found.state, pupil.record["name"]) == (ApplicationState.WITH_AUTHORITY, before)
    decided(officer, found, GRANT, later, "与户口簿一致")
    assert (found.state, pupil.record["name"]) == (ApplicationState.GRANTED, "林拭")
    assert pupil.record["student_number"] == number  # H6
    assert found.opinion == {"leader": "", "authority": "与户口簿一致"}


def test_the_number_of_a_pupil_who_gets_a_new_id_number_stays(
    registrar: Actor, leader: Actor, officer: Actor, make: Make, pupil: Pupil, later: Later
) -> None:
    """H6, R20: the national student number is not rewritten by itself."""
    other = make.record(500)
    wanted = {item: other[item] for item in ("id_number", "birth_date", "sex")}
    found = applications.make(registrar, pupil.id, CHANGE, wanted)
    evidence(found, registrar)
    applications.send(registrar, found.id, found.version)
    decided(leader, found, PASS, later)
    number = pupil.record["student_number"]
    decided(officer, found, GRANT, later)
    assert pupil.record["id_number"] == other["id_number"]
    assert pupil.record["student_number"] == number
    assert pupil.version > 1


def test_refused_by_the_county_and_made_again(
    registrar: Actor, leader: Actor, officer: Actor, pupil: Pupil, later: Later
) -> None:
    """H5, R87, R104: a refusal has a reason and a new application is linked to the old one, with its files."""
    found = sent(registrar, pupil)
    decided(leader, found, PASS, later)
    with pytest.raises(Refusal):
        reviewing.decide(officer, {found.id: found.version}, REFUSE, "   ")
    decided(officer, found, REFUSE, later, "户口簿照片看不清")
    assert found.state == ApplicationState.REFUSED_BY_AUTHORITY
    anew = applications.again(registrar, found.id)
    assert (anew.previous_id, anew.values) == (found.id, found.values)
    assert [one.kind for one in application_checks.evidence_of(anew)] == ["HUKOU_SCAN"]
    applications.send(registrar, anew.id, anew.version)
    with pytest.raises(TooLate):
        applications.again(registrar, found.id)


def test_only_one_is_open(registrar: Actor, pupil: Pupil) -> None:
    """H7, R104; withdrawn makes room."""
    found = applications.make(registrar, pupil.id, CHANGE, {"name": "林拭"})
    with pytest.raises(TooLate):
        applications.make(registrar, pupil.id, CHANGE, {"sex": "1"})
    applications.withdraw(registrar, found.id, found.version)
    assert applications.make(registrar, pupil.id, CHANGE, {"name": "林拭"}).state == ApplicationState.DRAFTED


def test_nothing_is_sent_that_cannot_be_granted(registrar: Actor, make: Make, pupil: Pupil) -> None:
    """H2, R89, X8: rules, numbers of other pupils and missing documents are told before anybody looks."""
    found = applications.make(registrar, pupil.id, CHANGE, {"id_number": "990101201403120158"})
    evidence(found, registrar)
    with pytest.raises(application_checks.NotValid) as told:
        applications.send(registrar, found.id, found.version)
    assert "R2" in {one.mark for one in told.value.problems}
    taken = make.pupil().record
    wanted = {item: taken[item] for item in ("id_number", "birth_date", "sex")}
    applications.draft(registrar, found.id, found.version, wanted, "")
    with pytest.raises(Refusal, match="别的学生"):
        applications.send(registrar, found.id, found.version)
    applications.draft(registrar, found.id, found.version, {"name": "林拭"}, "")
    for one in application_checks.evidence_of(found):
        one.removed_at = now()
    db.session.commit()
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, found.id, found.version)


def test_an_item_that_is_not_key_data_is_entered_directly(registrar: Actor, pupil: Pupil) -> None:
    with pytest.raises(Refusal):
        applications.make(registrar, pupil.id, CHANGE, {"phone": "15400000001"})


def test_nobody_decides_on_own_work_or_elsewhere(
    registrar: Actor, leader: Actor, officer: Actor, make: Make, pupil: Pupil, later: Later
) -> None:
    """R88, R105: not who added a file, not the neighbouring county, not the province, not the wrong side."""
    found = sent(registrar, pupil)
    versions = {found.id: found.version}
    for actor in (registrar, officer):
        with pytest.raises(NotYours):
            reviewing.decide(actor, versions, PASS)
    mine = evidence(found, leader)
    with pytest.raises(NotYours):
        reviewing.decide(leader, versions, PASS)
    mine.removed_at = now()
    decided(leader, found, PASS, later)
    for actor in (make.actor(Role.REGISTRAR, make.province()), leader):
        with pytest.raises(NotYours):
            reviewing.decide(actor, {found.id: found.version}, GRANT)
    neighbour = make.actor(Role.REGISTRAR, make.county("990102", "试验二区教育局"))
    with pytest.raises(NotFound):
        reviewing.decide(neighbour, {found.id: found.version}, GRANT)


def test_an_authority_decides_one_by_one_and_the_leader_several(
    registrar: Actor, leader: Actor, officer: Actor, make: Make, later: Later
) -> None:
    """H4, R105; what changed meanwhile is left out and named."""
    several = [sent(registrar, make.pupil()) for _ in range(3)]
    versions = {one.id: one.version for one in several}
    applications.take_back(registrar, several[0].id, several[0].version)
    outcome = reviewing.decide(leader, versions, PASS)
    assert (outcome.decided, outcome.left_out) == (2, ((several[0].id, reviewing.CHANGED),))
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 2
    with pytest.raises(Refusal, match="一件一件"):
        reviewing.decide(officer, {one.id: one.version for one in several[1:]}, GRANT)


def test_a_decision_can_be_undone_and_lapses_when_the_record_changed(
    registrar: Actor, leader: Actor, officer: Actor, pupil: Pupil, later: Later
) -> None:
    found = sent(registrar, pupil)
    reviewing.decide(leader, {found.id: found.version}, PASS)
    with pytest.raises(TooLate):
        applications.take_back(registrar, found.id, found.version)
    assert reviewing.undo(leader, [found.id]) == 1
    decided(leader, found, PASS, later)
    from portal.services import pupils

    pupils.keep_record(pupil, pupil.record | {"name": "林样"})
    db.session.commit()
    decided(officer, found, GRANT, later)
    last = db.session.query(Decision).filter_by(move="GRANT").one()
    assert "重新申请" in (last.lapsed or "")
    assert (found.state, found.opinion, pupil.record["name"]) == (
        ApplicationState.WITH_AUTHORITY,
        {"leader": ""},
        "林样",
    )


def test_a_draft_is_never_granted(registrar: Actor, leader: Actor, pupil: Pupil) -> None:
    """R104: drafted -> granted does not exist."""
    found = applications.make(registrar, pupil.id, CHANGE, {"name": "林拭"})
    with pytest.raises((NotAllowedNow, NotYours)):
        reviewing.decide(leader, {found.id: found.version}, PASS)
    assert not pending.on([found.id])


def test_numbers_of_others_are_not_found_out_by_trying(
    registrar: Actor, pupil: Pupil, make: Make, monkeypatch: pytest.MonkeyPatch, later: Later
) -> None:
    """sec-A2: each answer that a number is taken is written down, and there are few a day; so are sendings of one
    application, each of which would say that a number is free."""
    monkeypatch.setattr(application_checks, "MOST_TRIES", 2)
    other = make.pupil().record
    wanted = {item: other[item] for item in ("id_number", "birth_date", "sex")}
    found = applications.make(registrar, pupil.id, CHANGE, wanted)
    evidence(found, registrar)
    for _ in range(2):
        with pytest.raises(Refusal, match="别的学生"):
            applications.send(registrar, found.id, found.version)
        db.session.rollback()
    with pytest.raises(Wait):
        applications.send(registrar, found.id, found.version)
    db.session.rollback()
    later(timedelta(days=1))
    free = applications.make(registrar, make.pupil().id, CHANGE, dict(wanted, id_number=make.record(500)["id_number"]))
    free.values = {"id_number": {"old": "", "new": make.record(500)["id_number"]}}
    free.items = ["id_number"]
    db.session.commit()
    monkeypatch.setattr(application_checks, "problems_of", lambda _found: [])
    evidence(free, registrar)
    for _ in range(2):
        applications.send(registrar, free.id, free.version)
        applications.take_back(registrar, free.id, free.version)
    with pytest.raises(Wait):
        applications.send(registrar, free.id, free.version)
