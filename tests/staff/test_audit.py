"""The auditor reads the history, masked, and nobody else does; a line written down by hand is compared."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.models import Step, User, db
from portal.rules.roles import Role
from portal.services import audit_anchors, audit_results, audit_sealing, maintenance
from portal.services.audit_verifying import Answer, verify
from portal.services.history import record
from tests.make import PASSWORD, Make
from tests.pages import Browser

REASON = "家长说号码 110105201403120014 不对"


@pytest.fixture
def auditor(make: Make, browser: Browser) -> Browser:
    """A signed-in auditor of the province, with a few sealed steps and an anchor."""
    school, user = make.school(), make.user(Role.AUDITOR, make.province(), "auditor")
    registrar = make.actor(Role.REGISTRAR, school)
    record(registrar, school, "SET_SETTING", school.id, reason=REASON, setting="share", before="1", after="2")
    record(None, school, "REFUSED", school.id, n=3)
    db.session.commit()
    audit_sealing.seal_all()
    audit_anchors.make()
    browser.sign_in(user.login, PASSWORD)
    return browser


def _of(move: str) -> Step:
    found = db.session.scalars(select(Step).where(Step.move == move)).one()
    db.session.rollback()
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_auditor_reads_state_alarms_and_steps(auditor: Browser, language: str) -> None:
    if language == "en":
        auditor.english()
    page = auditor.get("/staff/audit")
    assert ("还没有核对过" if language == "zh" else "Not verified yet") in page.text
    assert ("没有权限，被拒绝" if language == "zh" else "Was refused") in page.text
    audit_results.keep(verify())
    assert ("没有被动过" if language == "zh" else "Untouched") in auditor.get("/staff/audit").text
    step = auditor.get(f"/staff/audit/steps/{_of('SET_SETTING').id}")
    assert "110105201403120014" not in step.html
    assert "1101" in step.text
    assert "SET_SETTING" in step.text
    assert auditor.get("/staff/audit/anchors").status == 200


def test_an_auditor_reads_no_value_that_was_written_over(auditor: Browser, make: Make) -> None:
    """They stand in the reason of the step, sealed, for the journal of the school's leader."""
    pupil, school = make.pupil(), make.school()
    before = pupil.record
    record(
        None, pupil, maintenance.MAINTAIN, school.id, reason='{"home_address": ["旧街 1 号", "新街 2 号"]}', items=["x"]
    )
    record(None, school, "SET_SETTING", school.id, reason="请打 154 0000 1234 问", setting="help")
    db.session.commit()
    audit_sealing.seal_all()
    seen = auditor.get(f"/staff/audit/steps/{_of(maintenance.MAINTAIN).id}").text
    assert "新街" not in seen
    assert "旧街" not in seen
    assert before["name"] not in seen
    told = db.session.scalars(select(Step.id).where(Step.move == "SET_SETTING").order_by(Step.at.desc())).first()
    assert "0000" not in auditor.get(f"/staff/audit/steps/{told}").text


def test_filters_find_by_kind_person_place_day_and_thing(auditor: Browser) -> None:
    assert "改了设置" not in auditor.get("/staff/audit?kind=sign_ins").text
    assert "改了设置" in auditor.get("/staff/audit?kind=settings").text
    login = db.session.scalars(select(User.login).where(User.login.startswith("registrar"))).one()
    found = auditor.post(
        "/staff/audit", {"kind": "settings", "login": login, "day": "2020-01-01", "place": "2199000001"}
    )
    assert login not in (found.location or "")
    assert "没有这样的记录" in auditor.get(found.location or "").text
    step = _of("SET_SETTING")
    assert "改了设置" in auditor.get(f"/staff/audit?thing={step.thing_id}&who={step.by_id}").text
    assert "改了设置" not in auditor.get(f"/staff/audit?who={uuid4()}").text
    auditor.post("/staff/audit", {"login": "nobody", "place": "1"}, status=400)
    auditor.post("/staff/audit", {"day": "yesterday"}, status=400)
    auditor.get("/staff/audit?place=123456", status=404)
    assert auditor.get("/staff/audit?kind=%00&who=x&day=x&thing=x&before=x").status == 200
    for end in ("0001-01-01", "9999-12-31"):
        assert auditor.get(f"/staff/audit?day={end}").status == 200
        auditor.post("/staff/audit", {"day": end}, status=400)


def test_a_note_is_compared_with_what_is_kept(auditor: Browser) -> None:
    anchor = audit_anchors.own().anchors[0]
    note = {"position": str(anchor.position), "code": anchor.short.lower().replace("0", "o")}
    assert "一致。" in auditor.post("/staff/audit/anchors", note, status=200).text
    assert "不一致。" in auditor.post("/staff/audit/anchors", note | {"position": "1"}, status=200).text
    auditor.post("/staff/audit/anchors", note | {"code": "ABC"}, status=400)


def test_reading_changes_nothing_and_a_bad_result_stands_on_the_screen(auditor: Browser) -> None:
    auditor.get("/staff/audit")  # the sign-in has been seen
    before = db.session.scalar(select(func.count()).select_from(Step))
    for address in ("/staff/audit", "/staff/audit?kind=views", "/staff/audit/anchors"):
        auditor.get(address)
    assert db.session.scalar(select(func.count()).select_from(Step)) == before
    verdict = verify().found(Answer.TAMPERED, "changed", 2)
    audit_results.keep(verdict)
    assert "第 2 步不对" in auditor.get("/staff/audit").text


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.REGISTRAR, "province"),
        (Role.SECURITY, "province"),
        (Role.SYSADMIN, "province"),
        (Role.REGISTRAR, "school"),
    ],
)
def test_nobody_else_reads_the_history(make: Make, browser: Browser, role: Role, place: str) -> None:
    user = make.user(role, getattr(make, place)())
    browser.sign_in(user.login, PASSWORD)
    step = _of("SIGN_IN")
    for address in ("/staff/audit", f"/staff/audit/steps/{step.id}", "/staff/audit/anchors"):
        browser.get(address, status=403)


def test_an_auditor_sees_only_the_own_place(make: Make, browser: Browser) -> None:
    school, user = make.school(), make.user(Role.AUDITOR, make.prefecture("990200", "另一市教育局"))
    record(None, school, "SET_SETTING", school.id)
    db.session.commit()
    audit_sealing.seal_all()
    browser.sign_in(user.login, PASSWORD)
    assert "改了设置" not in browser.get("/staff/audit").text
    browser.get(f"/staff/audit/steps/{_of('SET_SETTING').id}", status=404)
    browser.get("/staff/roster", status=403)
