"""The check at the school and the authorities on the screen: what follows, the registration list, figures (J3, J4)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Pupil, Step, Ticket, Unlisted, User, db
from portal.rules.clock import today
from portal.rules.findings import FindingCode
from portal.rules.roles import Role
from portal.services import findings, findings_report, findings_unlisted
from portal.services.findings_unlisted import Child
from tests import exported
from tests.make import PASSWORD, Make
from tests.pages import Browser

C = FindingCode


@pytest.fixture
def gone(make: Make) -> Pupil:
    """A pupil who has left, in a reported class with a wrong death, and a child who is not listed."""
    make.round()
    gone, dead = make.pupil(name="林小试"), make.pupil(name="陈小试", student_status="11")
    teacher = make.actor(Role.TEACHER, make.class_())
    findings.mark(teacher, teacher.place_id, gone.id, C.LEFT_ON_ROLL, "九月转走")
    findings.mark(teacher, teacher.place_id, dead.id, C.STATUS_DEAD)
    findings.mark_rest(teacher, teacher.place_id)
    findings_unlisted.add(teacher, teacher.place_id, Child(C.NO_RECORD, "邱小试", "1", "20140312"))
    findings_report.report(teacher, teacher.place_id)
    return gone


@pytest.fixture
def registrar(make: Make, browser: Browser, gone: Pupil) -> User:
    user = make.user(Role.REGISTRAR, make.school())
    browser.sign_in(user.login, PASSWORD)
    return user


def way(browser: Browser, words: str) -> str:
    page = browser.get("/staff/findings")
    return next(str(a["href"]) for a in page.all("main a.button") if words in a.get_text())


def test_from_the_finding_to_the_movement_and_done(browser: Browser, registrar: User, gone: Pupil) -> None:
    address = way(browser, "去登记离校")
    page = browser.get(address)
    assert "班主任报的" in page.text
    assert "九月转走" in page.text
    first = page.all("select[name=kind] optgroup")[1]
    assert "多半是" in str(first["label"])
    assert first.find("option")["value"] == "21"
    form = str(page.all("form.sheet")[0]["action"])
    assert "finding=LEFT_ON_ROLL" in form
    version = page.all("input[name=version]")[0]["value"]
    answer = browser.post(form, {"kind": "21", "day": today().isoformat(), "version": version})
    assert "回到人籍一致" in browser.get(answer.location or "").text
    page = browser.get("/staff/findings")
    assert "学籍已经改过来了" in page.text
    assert "正在办" in page.text


def test_a_wrong_death_is_asked_of_the_county(browser: Browser, registrar: User) -> None:
    page = browser.get("/staff/findings")
    (form,) = page.all("form[action$=report-up]")
    browser.post(str(form["action"]))
    assert db.session.scalars(select(Ticket)).one().home_id == registrar.home_id
    page = browser.get("/staff/findings")
    assert "写给上级了" in page.text
    assert not page.all("form[action$=report-up]")


def test_the_registration_list_from_the_school_to_the_county(browser: Browser, registrar: User, make: Make) -> None:
    page = browser.get(way(browser, "补录名单"))
    asking = next(link for link in page.links() if "/exports/new" in link)
    assert "补录名单" in browser.get(asking).h1
    exported.taken(make, make.actor(Role.REGISTRAR, make.school()), exported.registration())
    child = db.session.scalars(select(Unlisted)).one()
    own = f"/staff/findings/registrations/{child.id}"
    browser.post(own, {"result": "PASSED"}, status=409)
    browser.post(f"{own}/certificate")
    browser.post(own, {"result": "PASSED"})
    assert "学校自己不能录" in browser.get("/staff/findings/registrations").text
    browser.post("/sign-out")
    browser.sign_in(make.user(Role.REGISTRAR, make.county()).login, PASSWORD)
    assert "要录入的 1 个" in browser.get("/staff/findings").text
    page = browser.get("/staff/findings/entries")
    assert "邱小试" not in page.text
    assert "邱＊试" in page.text
    assert "邱小试" in browser.post("/staff/findings/entries/full", status=200).text
    assert "SEE_CHECK_LIST_IN_FULL" in {step.move for step in db.session.scalars(select(Step))}
    browser.post(f"/staff/findings/entries/{child.id}")
    assert "已录入" in browser.get("/staff/findings/entries").text


def test_done_is_said_and_taken_back(browser: Browser, registrar: User) -> None:
    page = browser.get("/staff/findings")
    address = str(page.all("form[action$=done]")[0]["action"])
    browser.post(address, {"done": "yes"})
    page = browser.get("/staff/findings")
    assert "办好的 1 件" in page.text
    browser.post(address, {"done": "no"})
    assert "办好的" not in browser.get("/staff/findings").text


def test_the_lists_to_tick(browser: Browser, registrar: User, make: Make) -> None:
    assert browser.post("/staff/findings/roster", status=200).answer.data[:2] == b"PK"
    assert browser.post(f"/staff/findings/roster/{make.class_().id}", status=200).answer.data[:2] == b"PK"


def test_the_leader_sees_states_and_no_button(browser: Browser, gone: Pupil, make: Make) -> None:
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    page = browser.get("/staff/findings")
    assert "报了，等着办" in page.text
    assert "登记离校" in page.text
    assert not page.all("main form")
    assert "班主任报了 3 件要办" in browser.get("/staff/round").text
    browser.english().get("/staff/findings")


def test_an_authority_sees_every_school_and_no_name(browser: Browser, gone: Pupil, make: Make) -> None:
    """J4"""
    make.school("2199000002", "试验市第二小学")
    browser.sign_in(make.user(Role.REGISTRAR, make.prefecture()).login, PASSWORD)
    page = browser.get("/staff/findings")
    assert "1 所学校还没有班级" in page.text
    below = browser.get(next(link for link in page.links() if "/staff/findings/" in link and "entries" not in link))
    assert "试验市第二小学" in below.text
    assert "林小试" not in below.text
    assert "上一级" in below.text
