"""The screens of mistaken-entry deletion: choosing, applying, a refusal that is cleared (M1, R113)."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from portal.models import Application, Pupil, db
from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.roles import Role
from portal.services import deletions, evidence, granting
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import jpeg

L_NUMBER = "L990101201403124821"


@pytest.fixture
def pupil(make: Make) -> Pupil:
    return make.pupil(student_number=L_NUMBER)


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a picture is made bare has its own tests."""
    monkeypatch.setattr(evidence, "bare_picture", lambda data: data)


def sign_in(browser: Browser, make: Make, role: Role = Role.REGISTRAR) -> Browser:
    make.let_in(role)
    browser.sign_in(make.user(role, make.school()).login, PASSWORD)
    return browser


def apply(browser: Browser, pupil: Pupil) -> Application:
    browser.post(f"/staff/deletions/pupil/{pupil.id}", {"reason": "录入时建重了"})
    return db.session.query(Application).one()


def test_only_temporary_numbers_are_offered(make: Make, browser: Browser, pupil: Pupil) -> None:
    formal = make.pupil()
    sign_in(browser, make)
    page = browser.get(f"/staff/deletions?class={pupil.class_id.hex}")
    assert [a["href"] for a in page.all("a.queue")] == [f"/staff/deletions/pupil/{pupil.id}"]
    assert "另外 1 个是正式学籍号" in page.text
    page = browser.post("/staff/deletions", {"name": pupil.record["name"]}, status=200)
    assert page.all(f"a[href='/staff/deletions/pupil/{pupil.id}']")
    assert L_NUMBER not in page.html
    page = browser.get(f"/staff/deletions/pupil/{formal.id}")
    assert not page.all("#reason")
    assert "正式学籍号" in browser.post(f"/staff/deletions/pupil/{formal.id}", {"reason": "x"}, status=400).text
    assert "没有找到" in browser.post("/staff/deletions", {"name": "没有此人"}, status=200).text


def test_an_operator_has_no_part_in_it(make: Make, browser: Browser, pupil: Pupil) -> None:
    sign_in(browser, make, Role.OPERATOR)
    browser.get("/staff/deletions", status=403)
    browser.post(f"/staff/deletions/pupil/{pupil.id}", {"reason": "x"}, status=403)


def test_applied_for_with_reason_and_document(make: Make, browser: Browser, pupil: Pupil) -> None:
    sign_in(browser, make)
    assert "误操作" in browser.post(f"/staff/deletions/pupil/{pupil.id}", {"reason": " "}, status=400).text
    own = apply(browser, pupil)
    here = f"/staff/deletions/{own.id}"
    assert "传了材料才能送校领导" in browser.get(here).text
    assert "证明材料" in browser.post(f"{here}/send", {"version": own.version}, status=400).text
    file = {"kind": "OTHER", "file": (io.BytesIO(jpeg()), "说明.jpg")}
    browser.post(f"{here}/files", file, content_type="multipart/form-data")
    browser.post(f"{here}/reason", {"version": own.version, "reason": "学校没有这个人"})
    version = reread(own.id).version
    assert "先改了" in browser.post(f"{here}/send", {"version": version - 1}, status=409).text
    browser.post(f"{here}/send", {"version": version})
    assert (reread(own.id).state, reread(own.id).reason) == (ApplicationState.WITH_LEADER, "学校没有这个人")
    page = browser.get(here)
    assert "拿回来改" in page.text
    assert not page.all("input[type=file]")
    assert "在办" in browser.get(f"/staff/deletions/pupil/{pupil.id}").text


def reread(application_id: UUID) -> Application:
    db.session.rollback()
    return db.session.get_one(Application, application_id)


def test_a_refusal_is_read_and_its_entry_removed(make: Make, browser: Browser, pupil: Pupil) -> None:
    leader, registrar = make.actor(Role.LEADER, make.school()), make.actor(Role.REGISTRAR, make.school())
    own = deletions.draft(registrar, pupil.id, "建重了")
    own.state = ApplicationState.WITH_LEADER
    granting.carry_out(leader, own, ApplicationMove.REFUSE, "真有这个学生")
    db.session.commit()
    sign_in(browser, make)
    assert "1 件没有通过" in browser.get("/staff/deletions").text
    make.round()
    assert browser.get(f"/staff/movements/{pupil.id}").all(f"main .notice a[href='/staff/deletions/{own.id}']")
    page = browser.get(f"/staff/deletions/{own.id}")
    assert "真有这个学生" in page.text
    assert "先把不通过的条目删除" in browser.get(f"/staff/deletions/pupil/{pupil.id}").text
    browser.post(f"/staff/deletions/{own.id}/clear", {"version": own.version})
    assert reread(own.id).state == ApplicationState.CLEARED
    page = browser.english().get("/staff/deletions")
    assert "Ended" in page.text
    assert browser.get(f"/staff/deletions/pupil/{pupil.id}").all("#reason")
