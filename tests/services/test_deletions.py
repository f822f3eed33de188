"""Mistaken-entry deletion from the draft to the closed record (M1, R111-R113, X2, X4, R25)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine

from portal.models import Application, Evidence, LedgerEntry, Photo, Pupil, Sheet, Step, Switch, db
from portal.rules import deletions as rules
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import now, today
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import SheetState
from portal.services import (
    applications,
    decisions,
    deletions,
    identity_proofs,
    ledger,
    movements,
    pupils,
    reviewing,
    roster_pages,
)
from portal.services.figures import counts_below, fold_all
from portal.services.movements import Movement
from portal.services.refusals import NotYours, Refusal, TooLate
from tests.make import Make

Later = Callable[[timedelta], None]
L_NUMBER = "L990101201403124821"
PASS, REFUSE, GRANT = ApplicationMove.PASS, ApplicationMove.REFUSE, ApplicationMove.GRANT


@pytest.fixture
def later() -> Iterator[Later]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def registrar(later: Later, make: Make) -> Actor:
    make.round()
    make.window(switch=Switch.ENTRY)
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def leader(registrar: Actor, make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


@pytest.fixture
def officer(registrar: Actor, make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


@pytest.fixture
def pupil(make: Make) -> Pupil:
    return make.pupil(student_number=L_NUMBER)


def sent(registrar: Actor, pupil: Pupil) -> Application:
    found = deletions.draft(registrar, pupil.id, "录入时建重了，学校没有这个人")
    own = {"school_id": found.school_id, "round_id": found.round_id, "path": found.path, "item": "", "size": 1}
    db.session.add(Evidence(application_id=found.id, kind="OTHER", by_id=registrar.user_id, address="-" * 40, **own))
    db.session.commit()
    return applications.send(registrar, found.id, found.version)


def decided(actor: Actor, found: Application, what: ApplicationMove, later: Later, opinion: str = "") -> None:
    reviewing.decide(actor, {found.id: found.version}, what, opinion)
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 1


def refused(registrar: Actor, leader: Actor, pupil: Pupil, later: Later) -> Application:
    found = sent(registrar, pupil)
    decided(leader, found, REFUSE, later, "真有这个学生，在三楼上课")
    return found


def test_r111_x2_an_approved_record_goes_after_leader_and_authority(
    make: Make, registrar: Actor, leader: Actor, officer: Actor, pupil: Pupil, later: Later
) -> None:
    """Not after the leader alone; it is taken out of scope and figures, and never erased."""
    sheet = make.sheet(SheetState.ISSUED, pupil=pupil)
    make.sheet(SheetState.ISSUED)
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    db.session.add(Photo(sheet_id=sheet.id, address="a" * 64, size=1, receipt="0K3M9QX2", source="family", **own))
    db.session.commit()
    fold_all()
    assert counts_below(sheet.round_id, make.school().path)[Measure.EXPECTED] == 2
    found = sent(registrar, pupil)
    decided(leader, found, PASS, later)
    assert (found.state, pupil.left_at) == (ApplicationState.WITH_AUTHORITY, None)
    decided(officer, found, GRANT, later, "情况属实")
    assert (found.state, pupil.status) == (ApplicationState.GRANTED, rules.STATUS)
    assert pupil.left_at is not None
    assert (sheet.in_scope, sheet.exclusion) == (False, rules.REASON)
    fold_all()
    assert counts_below(sheet.round_id, make.school().path)[Measure.EXPECTED] == 1
    [entry] = db.session.query(LedgerEntry)
    assert (entry.change, entry.reason, entry.pupil_id) == (-1, rules.REASON, pupil.id)
    assert db.session.query(Photo).count() == 1
    [step] = db.session.query(Step).filter_by(move="DELETE_RECORD")
    assert (step.before, step.after, step.thing_id) == ("01", rules.STATUS, pupil.id)
    book = ledger.ledger_of(registrar, registrar.place_id)
    assert (book.left, book.expected, book.excluded) == (1, 1, {rules.REASON: 1})


def test_r111_a_row_that_nobody_approved_goes_after_the_leader(
    make: Make, registrar: Actor, leader: Actor, later: Later
) -> None:
    """The registrar alone is not enough, and no document is asked for."""
    class_ = make.class_()
    draft = Pupil(school_id=class_.parent_id, class_id=class_.id, path=class_.path, is_draft=True)
    draft.record = make.record(70, student_number="", id_number="990101201403120158")
    draft.number_index = draft.person_index = draft.name_index = b"nobody"
    db.session.add(draft)
    db.session.commit()
    found = deletions.draft(registrar, draft.id, "录入时建错了")
    assert found.at_school
    with pytest.raises(NotYours):
        reviewing.decide(registrar, {found.id: found.version}, PASS)
    applications.send(registrar, found.id, found.version)
    decided(leader, found, PASS, later)
    assert (found.state, draft.status) == (ApplicationState.GRANTED, rules.STATUS)
    assert draft.left_at is not None
    assert draft.record["id_number"] == "990101201403120158"  # X24: nothing is blanked
    assert roster_pages.count_drafts(registrar) == 0
    roster_pages.drop_drafts(registrar)
    assert db.session.get(Pupil, draft.id) is not None, "what was taken out is never erased"


@pytest.mark.parametrize("number", [None, "J990101201403120018"])
def test_r112_x4_formal_numbers_are_never_mistaken_entries(make: Make, registrar: Actor, number: str | None) -> None:
    pupil = make.pupil(None, **({"student_number": number} if number else {}))
    with pytest.raises(Refusal, match="正式学籍号"):
        deletions.draft(registrar, pupil.id, "建错了")


def test_r112_a_record_that_got_a_formal_number_meanwhile_stays(
    make: Make, registrar: Actor, leader: Actor, officer: Actor, pupil: Pupil, later: Later
) -> None:
    found = sent(registrar, pupil)
    decided(leader, found, PASS, later)
    pupils.keep_record(pupil, pupil.record | {"student_number": make.record(90)["student_number"]})
    db.session.commit()
    decided(officer, found, GRANT, later)
    assert (found.state, pupil.left_at) == (ApplicationState.WITH_AUTHORITY, None)


def test_r113_a_refused_deletion_blocks_until_its_entry_is_removed(
    make: Make, registrar: Actor, leader: Actor, pupil: Pupil, later: Later
) -> None:
    """No transfer, no class change, no key-data change, no proof, no second deletion; then all of it again."""
    make.sheet(pupil=pupil)
    next_door = make.class_(code="2020107", name="六年级（7）班")
    found = refused(registrar, leader, pupil, later)
    transfer = Movement("21", today())
    for act in (
        lambda: movements.record_movement(registrar, pupil.id, transfer),
        lambda: movements.record_movement(registrar, pupil.id, Movement("29", today(), next_door.id)),
        lambda: applications.make(registrar, pupil.id, ApplicationKind.CHANGE, {"name": "林拭"}),
        lambda: applications.make(registrar, pupil.id, ApplicationKind.IDENTITY, {}),
        lambda: deletions.draft(registrar, pupil.id, "再试一次"),
    ):
        with pytest.raises(TooLate, match="不通过的条目"):
            act()
        db.session.rollback()
    applications.clear(registrar, found.id, found.version)
    assert found.state == ApplicationState.CLEARED
    assert movements.record_movement(registrar, pupil.id, transfer) == -1


def test_h7_no_transfer_while_an_application_is_open(make: Make, registrar: Actor, pupil: Pupil) -> None:
    """A change of class carries a key-data change along; a deletion stops that too."""
    sheet = make.sheet(pupil=pupil)
    next_door = make.class_(code="2020107", name="六年级（7）班")
    found = applications.make(registrar, pupil.id, ApplicationKind.CHANGE, {"name": "林拭"})
    with pytest.raises(TooLate, match="在办"):
        movements.record_movement(registrar, pupil.id, Movement("21", today()))
    db.session.rollback()
    assert movements.pupil(registrar, pupil.id).blocking == found
    movements.record_movement(registrar, pupil.id, Movement("29", today(), next_door.id))
    assert (sheet.path, found.path) == (next_door.path, next_door.path)
    with pytest.raises(TooLate, match="在办"):
        movements.take_back(registrar, pupil.id)
    db.session.rollback()
    applications.withdraw(registrar, found.id, found.version)
    deletions.draft(registrar, pupil.id, "建错了")
    with pytest.raises(TooLate, match="在办"):
        movements.record_movement(registrar, pupil.id, Movement("29", today(), make.class_().id))


def test_only_the_registrar_applies_and_says_why(make: Make, registrar: Actor, pupil: Pupil) -> None:
    """A verification account has no part in it (X9, 2.2), not even in sending what the registrar has drafted."""
    operator = make.actor(Role.OPERATOR, make.school())
    with pytest.raises(NotYours):
        deletions.draft(operator, pupil.id, "建错了")
    with pytest.raises(Refusal, match="误操作"):
        deletions.draft(registrar, pupil.id, "   ")
    found = deletions.draft(registrar, pupil.id, "建错了")
    with pytest.raises(NotYours):
        applications.withdraw(operator, found.id, found.version)
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, found.id, found.version)
    applications.draft(registrar, found.id, found.version, {}, "")
    with pytest.raises(Refusal, match="误操作"):
        applications.send(registrar, found.id, found.version)


def test_a_closed_record_takes_no_more_business(
    make: Make, registrar: Actor, leader: Actor, officer: Actor, later: Later
) -> None:
    """Its open proof of identity is given up; nobody records a return, nobody applies."""
    pupil = make.pupil(student_number=L_NUMBER, id_doc_type="Z", id_number="")
    make.sheet(pupil=pupil)
    proof = identity_proofs.draft_of(registrar, pupil.id)
    found = sent(registrar, pupil)
    decided(leader, found, PASS, later)
    decided(officer, found, GRANT, later)
    assert proof.state == ApplicationState.WITHDRAWN
    assert movements.pupil(registrar, pupil.id).kinds == ()
    for kind in ("22", "12"):
        with pytest.raises(TooLate):
            movements.record_movement(registrar, pupil.id, Movement(kind, today()))
        db.session.rollback()
    with pytest.raises(TooLate):
        applications.make(registrar, pupil.id, ApplicationKind.CHANGE, {"name": "林拭"})


def test_r25_holders_of_temporary_numbers_are_not_held_back(make: Make, registrar: Actor, pupil: Pupil) -> None:
    """Suspension, transfer and key-data change are accepted."""
    make.sheet(pupil=pupil)
    found = applications.make(registrar, pupil.id, ApplicationKind.CHANGE, {"name": "林拭"})
    applications.withdraw(registrar, found.id, found.version)
    assert movements.record_movement(registrar, pupil.id, Movement("11", today())) == -1
    assert movements.record_movement(registrar, pupil.id, Movement("21", today())) == 0


def test_the_lists_of_the_school(make: Make, registrar: Actor, leader: Actor, pupil: Pupil, later: Later) -> None:
    formal = make.pupil()
    chosen = {one.pupil_id: one.why_not for one in deletions.of_class(registrar, pupil.class_id)}
    assert chosen[pupil.id] is None
    assert "G" in (chosen[formal.id] or "")
    assert [one.pupil_id for one in deletions.named(registrar, pupil.record["name"])] == [pupil.id]
    found = refused(registrar, leader, pupil, later)
    [row], ended = deletions.list_of(registrar)
    assert (row.application_id, row.is_refused, row.refusal, ended) == (found.id, True, "真有这个学生，在三楼上课", [])
    assert deletions.chosen(registrar, pupil.id).blocking == found
    applications.clear(registrar, found.id, found.version)
    open_, [row] = deletions.list_of(registrar)
    assert (open_, row.state) == ([], ApplicationState.CLEARED)
    assert db.session.query(Sheet).count() == 0
