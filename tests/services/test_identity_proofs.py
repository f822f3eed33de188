"""Pupils without a resident ID number, foreign pupils: lists, proofs, certificates, the number (I1-I6, R86, H9)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pypdfium2
import pytest
import time_machine

from portal.models import Application, Evidence, Pupil, Step, Switch, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import now
from portal.rules.identity_proofs import ProofState
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.services import (
    applications,
    decisions,
    identity_certificates,
    identity_proofs,
    identity_standing,
    reviewing,
)
from portal.services.identity_standing import Standing
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import Make

Later = Callable[[timedelta], None]
NO_NUMBER = {"id_doc_type": "Z", "id_number": "", "student_number": "L990101201403124821"}
KOREAN = {"id_doc_type": "A", "id_number": "E00000001", "nationality": "KOR", "hmt_overseas": "51"}
PASS, REFUSE, GRANT = ApplicationMove.PASS, ApplicationMove.REFUSE, ApplicationMove.GRANT


@pytest.fixture
def later() -> Iterator[Later]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def registrar(later: Later, make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def leader(later: Later, make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


@pytest.fixture
def pupil(make: Make) -> Pupil:
    return make.pupil(None, **NO_NUMBER)


def file(found: Application, by: Actor, kind: str = "NO_ID_CERT") -> None:
    own = {"school_id": found.school_id, "round_id": found.round_id, "path": found.path, "item": "", "size": 1}
    db.session.add(Evidence(application_id=found.id, kind=kind, by_id=by.user_id, address=f"{kind:->40}", **own))
    db.session.commit()


def decided(actor: Actor, found: Application, what: ApplicationMove, later: Later, opinion: str = "") -> None:
    reviewing.decide(actor, {found.id: found.version}, what, opinion)
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 1


def state(actor: Actor, pupil: Pupil) -> ProofState:
    return identity_proofs.view_of(actor, pupil.id).proof.state


def test_the_list_is_by_class_with_what_is_missing(make: Make, registrar: Actor, pupil: Pupil) -> None:
    make.pupil()
    other = make.class_(code="2021107", name="五年级（7）班")
    foreign = make.pupil(other, **KOREAN)
    make.pupil(make.class_(make.school("2199000002", "试验市第二小学")), **KOREAN)
    found = identity_proofs.list_of(registrar)
    shown = {place.name: [(one.pupil_id, one.kinds, one.state) for one in rows] for place, rows in found.by_class}
    assert shown == {
        "六年级（6）班": [(pupil.id, ("NO_ID_CERT", "ONROLL_CERT"), ProofState.MISSING)],
        "五年级（7）班": [(foreign.id, ("FOREIGN_DOC",), ProofState.MISSING)],
    }
    assert (found.total, found.numbers) == (2, {"has": 1, "none": 1})
    [(place, rows)] = identity_proofs.list_of(registrar, number="none").by_class
    assert [one.pupil_id for one in rows] == [pupil.id]
    assert identity_proofs.list_of(registrar, other.id).total == 1
    assert identity_proofs.list_of(registrar, state=ProofState.APPROVED).by_class == []
    with pytest.raises(NotYours):
        identity_proofs.list_of(make.actor(Role.REGISTRAR, make.county()))


def test_uploaded_refused_uploaded_again_approved(registrar: Actor, leader: Actor, pupil: Pupil, later: Later) -> None:
    """I5; R87: the refusal has a reason; the new one takes the files along and names the old one."""
    first = identity_proofs.draft_of(registrar, pupil.id)
    assert state(registrar, pupil) == ProofState.MISSING
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, first.id, first.version)
    file(first, registrar)
    assert state(registrar, pupil) == ProofState.DRAFTED
    applications.send(registrar, first.id, first.version)
    assert state(registrar, pupil) == ProofState.UPLOADED
    with pytest.raises(TooLate):
        identity_proofs.draft_of(registrar, pupil.id)
    with pytest.raises(Refusal):
        reviewing.decide(leader, {first.id: first.version}, REFUSE, " ")
    decided(leader, first, REFUSE, later, "章盖得看不清，请重新扫描")
    proof = identity_proofs.view_of(registrar, pupil.id).proof
    assert (proof.state, proof.refusal) == (ProofState.REFUSED, "章盖得看不清，请重新扫描")
    second = identity_proofs.draft_of(registrar, pupil.id)
    assert (second.previous_id, identity_proofs.draft_of(registrar, pupil.id).id) == (first.id, second.id)
    applications.send(registrar, second.id, second.version)
    decided(leader, second, PASS, later)
    assert second.state == ApplicationState.GRANTED  # I6: no step at the authority
    assert state(registrar, pupil) == ProofState.APPROVED
    with pytest.raises(TooLate, match="通过"):  # nothing is begun anew beside it
        identity_proofs.draft_of(registrar, pupil.id)
    db.session.rollback()


def test_r86_a_certificate_of_the_school_does_not_prove_a_foreigner(make: Make, registrar: Actor) -> None:
    found = identity_proofs.draft_of(registrar, make.pupil(None, **KOREAN).id)
    file(found, registrar, "ONROLL_CERT")
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, found.id, found.version)
    file(found, registrar, "FOREIGN_DOC")
    assert applications.send(registrar, found.id, found.version).state == ApplicationState.WITH_LEADER


def test_x9_the_operator_uploads_and_nobody_reviews_an_own_upload(
    make: Make, registrar: Actor, leader: Actor, pupil: Pupil
) -> None:
    operator = make.actor(Role.OPERATOR, make.school())
    found = identity_proofs.draft_of(operator, pupil.id)
    file(found, leader)
    applications.send(operator, found.id, found.version)
    for actor in (operator, leader):
        with pytest.raises(NotYours):
            reviewing.decide(actor, {found.id: found.version}, PASS)


def test_a_school_certificate_is_made_out_anew_each_round_and_a_passport_is_not(
    make: Make, registrar: Actor, leader: Actor, pupil: Pupil, later: Later
) -> None:
    foreign = make.pupil(None, **KOREAN)
    for one, kind in ((pupil, "NO_ID_CERT"), (foreign, "FOREIGN_DOC")):
        found = identity_proofs.draft_of(registrar, one.id)
        file(found, registrar, kind)
        applications.send(registrar, found.id, found.version)
        decided(leader, found, PASS, later)
    assert {state(registrar, one) for one in (pupil, foreign)} == {ProofState.APPROVED}
    make.round()
    make.window(switch=Switch.ENTRY)
    assert (state(registrar, pupil), state(registrar, foreign)) == (ProofState.MISSING, ProofState.APPROVED)
    pupil.record = pupil.record | KOREAN  # another document is registered now
    db.session.commit()
    assert state(registrar, pupil) == ProofState.MISSING


def test_i1_h9_a_number_that_became_known_is_granted_and_the_pupil_leaves_the_list(
    make: Make, registrar: Actor, leader: Actor, pupil: Pupil, later: Later
) -> None:
    """R20, H6: the student number stays; an open proof of identity is given up by itself."""
    waiting = identity_proofs.draft_of(registrar, pupil.id)
    file(waiting, registrar)
    applications.send(registrar, waiting.id, waiting.version)
    with pytest.raises(Refusal, match="身份证号"):
        identity_proofs.number_known(registrar, pupil.id, "  ")
    other = make.record(800)
    change = identity_proofs.number_known(registrar, pupil.id, other["id_number"])
    assert (change.kind, change.origin) == (ApplicationKind.CHANGE, "no_id")
    assert identity_proofs.view_of(registrar, pupil.id).change == change
    wanted = {"id_doc_type": "1", "id_number": other["id_number"], "birth_date": other["birth_date"]}
    wanted["sex"] = other["sex"]
    applications.draft(registrar, change.id, change.version, wanted, "")
    file(change, registrar, "ID_RECEIPT")
    file(change, registrar, "ID_CARD_SCAN")
    applications.send(registrar, change.id, change.version)
    decided(leader, change, PASS, later)
    decided(make.actor(Role.REGISTRAR, make.county()), change, GRANT, later)
    assert pupil.record["id_number"] == other["id_number"]
    assert pupil.record["student_number"] == NO_NUMBER["student_number"]
    assert waiting.state == ApplicationState.WITHDRAWN
    assert identity_proofs.list_of(registrar).total == 0
    with pytest.raises(TooLate):
        identity_proofs.view_of(registrar, pupil.id)


def test_x24_a_known_number_is_never_blanked(make: Make, registrar: Actor) -> None:
    """Also not one that fails its check: it is corrected."""
    pupil = make.pupil()
    pupil.record = pupil.record | {"id_number": "990101201403120158"}
    db.session.commit()
    wanted = {"id_doc_type": "Z", "id_number": ""}
    found = applications.make(registrar, pupil.id, ApplicationKind.CHANGE, wanted)
    file(found, registrar)
    with pytest.raises(Refusal, match="不能改成空的"):
        applications.send(registrar, found.id, found.version)


def test_certificates_have_one_page_a_pupil(make: Make, registrar: Actor, pupil: Pupil) -> None:
    second = make.pupil(None, **(NO_NUMBER | {"student_number": "L990102201509060007"}))
    content = identity_certificates.print_for(registrar, "NO_ID_CERT", [pupil.id, second.id])
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    assert len(texts) == 2
    for one, text in zip(sorted((pupil, second), key=lambda one: one.record["class_seat_number"]), texts, strict=True):
        assert one.record["name"] in text
        assert one.record["student_number"] in text
        assert "至今没有居民身份证号" in text.replace("\r\n", "")
    steps = db.session.query(Step).filter_by(move="PRINT_CERTIFICATE").all()
    assert {step.thing_id for step in steps} == {pupil.id, second.id}
    assert all(step.details == {"kind": "NO_ID_CERT"} for step in steps)


def test_no_certificate_states_what_is_not_so(make: Make, registrar: Actor, pupil: Pupil) -> None:
    foreign, resident = make.pupil(None, **KOREAN), make.pupil()
    with pytest.raises(Refusal, match="有证件号"):
        identity_certificates.print_for(registrar, "NO_ID_CERT", [pupil.id, foreign.id])
    with pytest.raises(NotFound):
        identity_certificates.print_for(registrar, "ONROLL_CERT", [resident.id])
    with pytest.raises(Refusal, match="勾选"):
        identity_certificates.print_for(registrar, "ONROLL_CERT", [])
    with pytest.raises(NotFound):
        identity_certificates.print_for(registrar, "HUKOU_SCAN", [pupil.id])
    elsewhere = make.pupil(make.class_(make.school("2199000002", "试验市第二小学")), **KOREAN)
    with pytest.raises(NotFound):
        identity_certificates.print_for(registrar, "ONROLL_CERT", [elsewhere.id])


def test_the_standing_counts_without_opening_records(
    make: Make, registrar: Actor, leader: Actor, pupil: Pupil, later: Later
) -> None:
    round_, school = make.round(), make.school()
    make.window(switch=Switch.ENTRY)
    make.pupil()
    assert identity_standing.standing_of(round_, school) == Standing(1, 0, 0, 0)
    found = identity_proofs.draft_of(registrar, pupil.id)
    file(found, registrar)
    applications.send(registrar, found.id, found.version)
    assert identity_standing.standing_of(round_, school) == Standing(1, 0, 1, 0)
    decided(leader, found, REFUSE, later, "看不清")
    assert identity_standing.standing_of(round_, school) == Standing(1, 0, 0, 1)
    anew = identity_proofs.draft_of(registrar, pupil.id)
    assert identity_standing.standing_of(round_, school).refused == 0
    applications.send(registrar, anew.id, anew.version)
    decided(leader, anew, PASS, later)
    assert identity_standing.standing_of(round_, school) == Standing(1, 1, 0, 0)
    assert identity_standing.standing_of(round_, school).is_done
