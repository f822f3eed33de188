"""The choices of domain 6 that concern applications, evidence, identity and deletion, each under its number."""

from __future__ import annotations

from uuid import UUID

import pytest

from portal.models import Application, Decision, Evidence, Pupil, db
from portal.rules.access import Action, may
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.evidence import DEFAULT_KINDS, as_pairs
from portal.rules.place_settings import EVIDENCE_KINDS, EVIDENCE_REQUIRED
from portal.rules.roles import Actor, Level, Role
from portal.services import application_checks, applications, place_settings, pupils, reviewing
from portal.services.refusals import NotYours, Refusal
from tests.make import Make

CHANGE, DELETION = ApplicationKind.CHANGE, ApplicationKind.DELETION
PASS, GRANT = ApplicationMove.PASS, ApplicationMove.GRANT
GRANTED, WITH_AUTHORITY = ApplicationState.GRANTED, ApplicationState.WITH_AUTHORITY
#: of the actions of everybody who is signed in
OWN_ACCOUNT = {Action.SIGN_OUT, Action.CHANGE_OWN_PASSWORD, Action.CHOOSE_POST, Action.SECURE_OWN_ACCOUNT}
OWN_ACCOUNT |= {Action.SEE_MORE}


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def file(found: Application, by: Actor, kind: str) -> Evidence:
    own = {"school_id": found.school_id, "path": found.path, "item": "name", "address": "-" * 40, "size": 1}
    made = Evidence(application_id=found.id, kind=kind, by_id=by.user_id, **own)
    db.session.add(made)
    db.session.commit()
    return made


def with_number(make: Make, letter: str, is_draft: bool = False) -> Pupil:
    """A pupil whose student number begins so."""
    pupil = make.pupil()
    pupils.keep_record(pupil, pupil.record | {"student_number": letter + pupil.record["student_number"][1:]})
    pupil.is_draft = is_draft
    db.session.commit()
    return pupil


def sent(by: Actor, pupil: Pupil, kind: ApplicationKind, evidence: str | None) -> Application:
    values = {"name": "林拭"} if kind == CHANGE else {}
    found = applications.make(by, pupil.id, kind, values, "名册里登记错了")
    if evidence:
        file(found, by, evidence)
    return applications.send(by, found.id, found.version)


def decided(by: Actor, found: Application, what: ApplicationMove) -> Application:
    """A decision that has taken effect."""
    reviewing.decide(by, {found.id: found.version}, what, "与户口簿一致")
    decision = db.session.query(Decision).filter_by(thing_id=found.id, done_at=None).one()
    assert reviewing.take_effect(decision.id, found.id)
    assert decision.lapsed is None
    return found


def is_gone(pupil_id: UUID) -> bool:
    return db.session.get_one(Pupil, pupil_id).left_at is not None


def test_x02_a_deletion_ends_with_the_leader_until_an_authority_has_approved_the_record(
    make: Make, registrar: Actor
) -> None:
    """X2: "not approved -> leader; approved -> authority (K9)"; R111."""
    leader, officer = make.actor(Role.LEADER, make.school()), make.actor(Role.REGISTRAR, make.county())
    draft = with_number(make, "L", is_draft=True)
    assert decided(leader, sent(registrar, draft, DELETION, None), PASS).state == GRANTED
    assert is_gone(draft.id)
    approved = with_number(make, "L")
    found = decided(leader, sent(registrar, approved, DELETION, "OTHER"), PASS)
    assert (found.state, is_gone(approved.id)) == (WITH_AUTHORITY, False)
    assert decided(officer, found, GRANT).state == GRANTED
    assert is_gone(approved.id)


def test_x04_a_formal_number_is_never_deleted_as_a_mistake(make: Make, registrar: Actor) -> None:
    """X4: "only inside problem treatment"; R112. Not either when it became formal while the authority looked."""
    for letter in "GJ":
        with pytest.raises(Refusal):
            applications.make(registrar, with_number(make, letter).id, DELETION, {}, "重复登记")
        db.session.rollback()
    pupil = with_number(make, "L")
    found = sent(registrar, pupil, DELETION, "OTHER")
    decided(make.actor(Role.LEADER, make.school()), found, PASS)
    pupils.keep_record(pupil, pupil.record | {"student_number": "G" + pupil.record["student_number"][1:]})
    db.session.commit()
    reviewing.decide(make.actor(Role.REGISTRAR, make.county()), {found.id: found.version}, GRANT)
    decision = db.session.query(Decision).filter_by(thing_id=found.id, done_at=None).one()
    reviewing.take_effect(decision.id, found.id)
    assert decision.lapsed
    assert (found.state, is_gone(pupil.id)) == (WITH_AUTHORITY, False)


def test_x08_evidence_is_asked_for_unless_the_province_does_without_the_upload(make: Make, registrar: Actor) -> None:
    """X8: "required on paper; upload default on". Only the province switches the upload off, and only that of key
    data; what is proved or deleted is nothing without its paper."""
    with pytest.raises(Refusal, match="证明材料"):
        sent(registrar, make.pupil(), CHANGE, None)
    db.session.rollback()
    for place in (make.county(), make.prefecture(), make.school()):
        with pytest.raises(Refusal):
            place_settings.save(make.actor(Role.REGISTRAR, place), {EVIDENCE_REQUIRED: False})
        db.session.rollback()
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {EVIDENCE_REQUIRED: False})
    assert sent(registrar, make.pupil(), CHANGE, None).state == ApplicationState.WITH_LEADER
    for kind, pupil in ((ApplicationKind.IDENTITY, make.pupil()), (DELETION, with_number(make, "L"))):
        with pytest.raises(Refusal, match="证明材料"):
            sent(registrar, pupil, kind, None)
        db.session.rollback()


def test_x09_a_verification_account_has_the_rights_of_its_place(make: Make) -> None:
    """X9: "role-specific; nobody reviews an own upload"; R102: at a school data, applications and evidence; at an
    authority the review; nothing else."""
    rights = {}
    for place in (make.school(), make.county(), make.prefecture(), make.province()):
        actor = make.actor(Role.OPERATOR, place)
        rights[place.level] = {
            action for action in Action if may(actor, action) and not may(None, action)
        } - OWN_ACCOUNT
    at_school = {Action.ENTER_CHANGES, Action.APPLY, Action.SEE_APPLICATIONS, Action.SEE_PROOFS, Action.SEE_SHEET}
    at_authority = {Action.REVIEW, Action.REVIEW_AT_AUTHORITY, Action.SEE_APPLICATIONS}
    authorities = (Level.COUNTY, Level.PREFECTURE, Level.PROVINCE)
    assert rights == {Level.SCHOOL: at_school} | dict.fromkeys(authorities, at_authority)


def test_x09_who_added_a_file_does_not_review_it(make: Make, registrar: Actor) -> None:
    """X9: "role-specific; nobody reviews an own upload"; also when only one file of several is theirs."""
    found = sent(registrar, make.pupil(), CHANGE, "HUKOU_SCAN")
    leader, other = make.actor(Role.LEADER, make.school()), make.actor(Role.LEADER, make.school())
    file(found, leader, "OTHER")
    with pytest.raises(NotYours):
        reviewing.decide(leader, {found.id: found.version}, PASS)
    db.session.rollback()
    assert reviewing.decide(other, {found.id: found.version}, PASS).decided == 1


def test_x17_the_list_of_evidence_is_the_notices_until_the_province_edits_it(make: Make, registrar: Actor) -> None:
    """X17: "default list, editable"; for all schools of the province, and nowhere else."""
    assert place_settings.evidence_kinds(make.school().path) == DEFAULT_KINDS
    far = make.place(Level.PROVINCE, "980000", "别省教育厅")
    listed = as_pairs({**DEFAULT_KINDS, "name": ("AUTHORITY_CERT",)})
    with pytest.raises(Refusal):
        place_settings.save(make.actor(Role.REGISTRAR, make.county()), {EVIDENCE_KINDS: listed})
    db.session.rollback()
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {EVIDENCE_KINDS: listed})
    found = applications.make(registrar, make.pupil().id, CHANGE, {"name": "林拭"})
    file(found, registrar, "HUKOU_SCAN")
    assert application_checks.missing_evidence(found) == [("name", ("AUTHORITY_CERT",))]
    assert place_settings.evidence_kinds(far.path) == DEFAULT_KINDS


def test_x24_a_number_that_fails_its_check_is_corrected_and_never_blanked(make: Make, registrar: Actor) -> None:
    """X24: "never blank a known number; save as draft problem": neither together with the type "other" nor alone, and
    what does not pass the rules stays a draft that holds what was typed."""
    wrong = "990101201403120158"
    pupil = make.pupil(id_number=wrong)
    for values in ({"id_number": ""}, {"id_number": "", "id_doc_type": "Z"}):
        found = applications.make(registrar, pupil.id, CHANGE, values)
        file(found, registrar, "HUKOU_SCAN")
        file(found, registrar, "NO_ID_CERT")
        with pytest.raises(Refusal):
            applications.send(registrar, found.id, found.version)
        db.session.rollback()
        assert found.state == ApplicationState.DRAFTED
        applications.withdraw(registrar, found.id, found.version)
    typed = applications.make(registrar, pupil.id, CHANGE, {"id_number": "990101201403120159"})
    file(typed, registrar, "HUKOU_SCAN")
    with pytest.raises(application_checks.NotValid):
        applications.send(registrar, typed.id, typed.version)
    db.session.rollback()
    assert typed.values["id_number"] == {"old": wrong, "new": "990101201403120159"}
    assert db.session.get_one(Pupil, pupil.id).record["id_number"] == wrong
