"""Drafts made from a sheet and by hand, and how the sheet stands meanwhile (H1, G8, X7, X8, X17, R83, R88, R103)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from portal.models import Application, Change, Evidence, Pupil, Sheet, Switch, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.evidence import DEFAULT_KINDS, as_pairs
from portal.rules.place_settings import CONTROLLED, EVIDENCE_KINDS, EVIDENCE_REQUIRED, REGISTRAR_REVIEWS
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import (
    application_checks,
    application_drafts,
    applications,
    entry,
    place_settings,
    pupils,
    reviewing,
)
from portal.services.readings import new_change
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import Make
from tests.press import unlock

PASS, REFUSE = ApplicationMove.PASS, ApplicationMove.REFUSE


@pytest.fixture
def sheet(make: Make) -> Sheet:
    make.window(switch=Switch.ENTRY)
    return make.sheet(SheetState.PASSED)


@pytest.fixture
def registrar(make: Make, sheet: Sheet) -> Actor:
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def change(sheet: Sheet, item: str, typed: str | None = None) -> Change:
    made = new_change(sheet, item)
    if typed is not None:
        made.values = made.values | {"typed": typed}
    db.session.commit()
    return made


def photo(sheet: Sheet, kind: str = "HUKOU_SCAN") -> Evidence:
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    made = Evidence(sheet_id=sheet.id, item="name", kind=kind, address=f"{kind:-<40}", size=1, **own)
    db.session.add(made)
    db.session.commit()
    return made


def the_draft() -> Application:
    return db.session.scalars(select(Application)).one()


def file(found: Application, by: Actor, kind: str = "HUKOU_SCAN") -> None:
    own = {"school_id": found.school_id, "path": found.path, "item": "", "address": "-" * 40, "size": 1}
    db.session.add(Evidence(application_id=found.id, kind=kind, by_id=by.user_id, **own))
    db.session.commit()


def by_hand(registrar: Actor, pupil: Pupil, **values: str) -> Application:
    found = application_drafts.by_hand(registrar, pupil.id, values)
    return applications.draft(registrar, found.id, found.version, values, "登记错了", values)


def test_key_data_of_a_sheet_become_one_draft_with_what_the_family_typed_and_sent(
    registrar: Actor, sheet: Sheet
) -> None:
    """H1, R103: the values typed, the photos of documents bound; what was only written is to be read from the paper."""
    name, number, phone = change(sheet, "name", "林拭"), change(sheet, "id_number"), change(sheet, "phone")
    papers = photo(sheet)
    with pytest.raises(Refusal, match="关键信息"):
        entry.enter_value(registrar, name.id, "林拭")
    db.session.rollback()
    entry.apply_for(registrar, name.id)
    found = the_draft()
    assert (found.origin, found.sheet_id, found.state) == ("sheet", sheet.id, ApplicationState.DRAFTED)
    old = sheet.pupil.record
    assert found.values["name"] == {"old": old["name"], "new": "林拭"}
    assert found.values["id_number"]["new"] == found.values["id_number"]["old"] == old["id_number"]
    assert {one.application_id for one in (name, number)} == {found.id}
    assert (name.outcome, number.outcome, phone.outcome, phone.application_id) == (
        "applied_for",
        "applied_for",
        "open",
        None,
    )
    assert papers.application_id == found.id
    lines = {line.item.code: line for line in application_drafts.lines_of(found)}
    assert [(line.is_filled, line.typed) for line in lines.values()] == [(True, "林拭"), (False, "")]
    assert lines["id_number"].change == number


def test_items_under_control_go_the_same_way_and_need_some_document(make: Make, registrar: Actor, sheet: Sheet) -> None:
    """G8"""
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {CONTROLLED: ("phone",)})
    made = change(sheet, "phone", "15400000009")
    entry.apply_for(registrar, made.id)
    found = the_draft()
    assert [item for item, _kinds in application_checks.missing_evidence(found)] == ["phone"]
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, found.id, found.version)
    db.session.rollback()
    file(found, registrar, "OTHER")
    assert applications.send(registrar, found.id, found.version).state == ApplicationState.WITH_LEADER


def test_an_item_found_later_goes_into_the_same_draft(registrar: Actor, sheet: Sheet) -> None:
    entry.apply_for(registrar, change(sheet, "name", "林拭").id)
    entry.apply_for(registrar, change(sheet, "sex").id)
    assert set(the_draft().values) == {"name", "sex"}
    assert the_draft().values["name"]["new"] == "林拭"


def test_what_is_in_an_application_is_not_entered_besides(registrar: Actor, sheet: Sheet) -> None:
    made = change(sheet, "name", "林拭")
    entry.apply_for(registrar, made.id)
    for wrong in (lambda: entry.refuse_value(registrar, made.id, "x"), lambda: entry.apply_for(registrar, made.id)):
        with pytest.raises(TooLate, match="申请里"):
            wrong()
        db.session.rollback()


def test_while_another_application_is_on_its_way_the_items_wait_and_the_sheet_is_finished(
    registrar: Actor, sheet: Sheet
) -> None:
    """R104: one open application a pupil; nothing written is lost meanwhile."""
    other = by_hand(registrar, sheet.pupil, sex="1" if sheet.pupil.record["sex"] == "2" else "2")
    other.state = ApplicationState.WITH_LEADER
    db.session.commit()
    made = change(sheet, "name", "林拭")
    entry.apply_for(registrar, made.id)
    assert (made.outcome, made.application_id) == ("applied_for", None)
    entry.finish(registrar, sheet.id)
    with pytest.raises(TooLate):
        application_drafts.from_sheet(registrar, sheet.id)
    db.session.rollback()
    other.state = ApplicationState.REFUSED_BY_LEADER
    db.session.commit()
    found = application_drafts.from_sheet(registrar, sheet.id)
    assert (found.values["name"]["new"], made.application_id) == ("林拭", found.id)
    with pytest.raises(TooLate, match="没有等着"):
        application_drafts.from_sheet(registrar, sheet.id)


@pytest.mark.parametrize("finished", [False, True])
def test_given_up_the_items_are_open_again_or_wait(registrar: Actor, sheet: Sheet, finished: bool) -> None:
    name, sex = change(sheet, "name", "林拭"), change(sheet, "sex")
    entry.apply_for(registrar, name.id)
    papers, found = photo(sheet), the_draft()
    if finished:
        entry.finish(registrar, sheet.id)
    after = "applied_for" if finished else "open"
    application_drafts.leave_out(registrar, found.id, found.version, "sex")
    assert (sex.outcome, sex.application_id, set(found.values)) == (after, None, {"name"})
    with pytest.raises(Refusal, match="只剩"):
        application_drafts.leave_out(registrar, found.id, found.version, "name")
    db.session.rollback()
    applications.withdraw(registrar, found.id, found.version)
    assert (name.outcome, name.application_id) == (after, None)
    again = application_drafts.from_sheet(registrar, sheet.id)
    db.session.expire_all()
    assert (set(again.values), papers.application_id) == ({"name", "sex"}, again.id)


def test_made_again_after_a_refusal_it_holds_the_items_of_the_sheet(registrar: Actor, sheet: Sheet) -> None:
    """H5, R104: so that the sheet shows how the newest one stands, and its values follow when it is granted."""
    made = change(sheet, "name", "林拭")
    photo(sheet)
    entry.apply_for(registrar, made.id)
    old = the_draft()
    applications.send(registrar, old.id, old.version)
    old.state = ApplicationState.REFUSED_BY_AUTHORITY
    db.session.commit()
    new = applications.again(registrar, old.id)
    db.session.expire_all()
    assert (made.application_id, new.previous_id, new.sheet_id) == (new.id, old.id, sheet.id)
    assert len(application_checks.evidence_of(new)) == len(application_checks.evidence_of(old)) == 1


def test_by_hand_only_key_data_and_what_is_under_control(make: Make, registrar: Actor) -> None:
    pupil = make.pupil()
    assert set(application_drafts.by_hand(registrar, pupil.id, ["name", "phone"]).values) == {"name"}
    with pytest.raises(Refusal, match="勾选"):
        application_drafts.by_hand(registrar, make.pupil().id, ["phone"])
    db.session.rollback()
    far = make.pupil(make.class_(make.school("2199000002", "试验市第二小学")))
    with pytest.raises(NotFound):
        application_drafts.by_hand(registrar, far.id, ["name"])


def test_an_item_without_a_new_value_is_not_sent(make: Make, registrar: Actor) -> None:
    found = application_drafts.by_hand(registrar, make.pupil().id, ["name"])
    file(found, registrar)
    with pytest.raises(Refusal, match="还没有填"):
        applications.send(registrar, found.id, found.version)


def test_what_is_wrong_stands_at_its_item_while_drafting(make: Make, registrar: Actor) -> None:
    """H2"""
    found = by_hand(registrar, make.pupil(), id_number="990101201403120158")
    (line,) = application_drafts.lines_of(found)
    assert "R2" in {problem.mark for problem in line.problems}
    assert line.missing


def test_upload_is_compulsory_unless_the_province_switches_it_off(make: Make, registrar: Actor) -> None:
    """X8"""
    found = by_hand(registrar, make.pupil(), name="林拭")
    with pytest.raises(Refusal, match="证明材料"):
        applications.send(registrar, found.id, found.version)
    db.session.rollback()
    for place in (make.county(), make.prefecture()):
        with pytest.raises(NotYours):
            place_settings.save(make.actor(Role.REGISTRAR, place), {EVIDENCE_REQUIRED: False})
        db.session.rollback()
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {EVIDENCE_REQUIRED: False})
    assert applications.send(registrar, found.id, found.version).state == ApplicationState.WITH_LEADER


def test_the_province_edits_which_kinds_will_do(make: Make, registrar: Actor) -> None:
    """X17"""
    province = make.actor(Role.REGISTRAR, make.province())
    listed = as_pairs({**DEFAULT_KINDS, "name": ("AUTHORITY_CERT",)})
    place_settings.save(province, {EVIDENCE_KINDS: listed})
    found = by_hand(registrar, make.pupil(), name="林拭")
    file(found, registrar, "HUKOU_SCAN")
    assert application_checks.missing_evidence(found) == [("name", ("AUTHORITY_CERT",))]
    file(found, registrar, "AUTHORITY_CERT")
    assert application_checks.missing_evidence(found) == []
    with pytest.raises(Refusal, match="至少"):
        place_settings.save(province, {EVIDENCE_KINDS: as_pairs({**DEFAULT_KINDS, "name": ()})})


def test_registrars_review_where_the_province_lets_them_and_never_their_own(make: Make, registrar: Actor) -> None:
    """X7, R88: registrar A uploads, registrar B approves (authorised)."""
    found = by_hand(registrar, make.pupil(), name="林拭")
    file(found, registrar)
    applications.send(registrar, found.id, found.version)
    other, versions = make.actor(Role.REGISTRAR, make.school()), {found.id: found.version}
    with pytest.raises(NotYours):
        reviewing.decide(other, versions, PASS)
    db.session.rollback()
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {REGISTRAR_REVIEWS: True})
    with pytest.raises(NotYours, match="经过手"):
        reviewing.decide(registrar, versions, PASS)
    db.session.rollback()
    assert reviewing.decide(other, versions, PASS).decided == 1


def test_an_operator_applies_and_uploads_and_decides_nothing(make: Make, registrar: Actor) -> None:
    """R102, X9"""
    operator = make.actor(Role.OPERATOR, make.school())
    found = by_hand(operator, make.pupil(), name="林拭")
    file(found, operator)
    applications.send(operator, found.id, found.version)
    with pytest.raises(NotYours):
        reviewing.decide(operator, {found.id: found.version}, PASS)


def test_a_number_another_pupil_has_is_told_when_it_is_sent(make: Make, registrar: Actor) -> None:
    """R89"""
    taken = make.pupil().record
    wanted = {item: taken[item] for item in ("id_number", "birth_date", "sex")}
    found = by_hand(registrar, make.pupil(), **wanted)
    file(found, registrar)
    while any(not line.is_filled for line in application_drafts.lines_of(found)):
        unfilled = next(line.item.code for line in application_drafts.lines_of(found) if not line.is_filled)
        found = application_drafts.leave_out(registrar, found.id, found.version, unfilled)
    with pytest.raises(Refusal, match="别的学生"):
        applications.send(registrar, found.id, found.version)


def test_granted_the_sheet_has_the_value_and_who_granted(make: Make, registrar: Actor, sheet: Sheet) -> None:
    from portal.services import granting

    made = change(sheet, "name", "林拭")
    photo(sheet)
    entry.apply_for(registrar, made.id)
    found = the_draft()
    applications.send(registrar, found.id, found.version)
    found.state = ApplicationState.WITH_AUTHORITY
    db.session.commit()
    officer = make.actor(Role.REGISTRAR, make.county())
    granting.carry_out(officer, found, ApplicationMove.GRANT, "与户口簿一致")
    db.session.commit()
    assert (made.outcome, made.values["entered"], made.entered_by_id) == ("accepted", "林拭", officer.user_id)
    assert sheet.pupil.record["name"] == "林拭"


def test_another_school_has_no_part_in_it(make: Make, registrar: Actor, sheet: Sheet) -> None:
    made = change(sheet, "name", "林拭")
    entry.apply_for(registrar, made.id)
    far = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    found = the_draft()
    acts = (
        lambda: application_drafts.from_sheet(far, sheet.id),
        lambda: application_drafts.leave_out(far, found.id, found.version, "name"),
        lambda: applications.withdraw(far, found.id, found.version),
        lambda: applications.again(far, UUID(int=1)),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
        db.session.rollback()


def test_kinds_of_pupils_without_a_resident_number_stay(make: Make, registrar: Actor) -> None:
    pupil = make.pupil()
    pupils.keep_record(pupil, pupil.record | {"id_doc_type": "A", "id_number": "E00000001"})
    db.session.commit()
    found = applications.make(registrar, pupil.id, ApplicationKind.CHANGE, {"name": "林拭"})
    assert application_checks.missing_evidence(found) == [("name", ("FOREIGN_DOC",))]
