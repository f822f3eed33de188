"""The registrar's checklist, the download code, classes and doubts, through the browser (B5-B8, C1, R94, R97)."""

from __future__ import annotations

import pytest

from portal.models import User
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures
from portal.services.round_checklist import STEPS
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import leaf_of
from tests.press import unlock


@pytest.fixture
def registrar(make: Make) -> User:
    make.round()
    return make.user(Role.REGISTRAR, make.school())


def states(browser: Browser) -> list[str]:
    page = browser.get("/staff/round")
    return [str(li["class"][1]) for li in page.all("ol.steps li")]


def test_an_empty_round_waits_for_the_province(browser: Browser, registrar: User) -> None:
    browser.sign_in(registrar.login, PASSWORD)
    page = browser.get("/staff/round")
    assert page.h1 == "本轮要做的事"
    assert "导入花名册" in page.all("section.corner")[0].get_text()
    assert "打印还没有安排" in page.text
    assert len(page.all("ol.steps li")) == len(STEPS)
    assert len(page.all("[aria-current=step]")) == 1


def test_the_next_thing_follows_what_has_been_done(browser: Browser, registrar: User, make: Make) -> None:
    browser.sign_in(registrar.login, PASSWORD)
    make.window()
    assert states(browser)[:3] == ["done", "now", "todo"]
    unlock(make, registrar.home_id, registrar.id)
    assert states(browser)[:3] == ["done", "done", "now"]
    sheet = make.sheet(pupil=make.pupil(postcode="1"))
    assert states(browser)[2:5] == ["done", "needs", "now"]
    sheet.state = SheetState.PRINTED
    leaf_of(sheet)
    page = browser.get("/staff/round")
    assert "把印好的 1 张发下去" in page.text
    assert states(browser)[4] == "now"


def test_every_number_opens_its_list(browser: Browser, registrar: User, make: Make) -> None:
    for state in (SheetState.ISSUED, SheetState.RECEIVED, SheetState.VERIFIED):
        make.sheet(state)
    figures.fold_all()
    browser.sign_in(registrar.login, PASSWORD)
    page = browser.get("/staff/round")
    links = page.all(".figures a")
    assert [a.get_text() for a in links] == ["3", "3", "0", "2", "2", "2", "1", "1"]
    for link in links:
        browser.get(str(link["href"]))


def test_the_leader_sees_the_round_but_no_button_of_the_registrar(browser: Browser, make: Make) -> None:
    make.round()
    make.window()
    leader = make.user(Role.LEADER, make.school())
    make.sheet()
    browser.sign_in(leader.login, PASSWORD)
    page = browser.get("/staff/round")
    assert not [a for a in page.links() if "/staff/print" in a or "/staff/download-code" in a or "/staff/logins" in a]
    for address in ("/staff/print", "/staff/download-code", "/staff/unlock", "/staff/logins"):
        browser.get(address, status=403)


def test_an_authority_has_no_round_of_its_own(browser: Browser, make: Make) -> None:
    make.round()
    county = make.user(Role.REGISTRAR, make.county())
    browser.sign_in(county.login, PASSWORD)
    browser.get("/staff/round", status=403)


def test_the_code_is_shown_once_and_entered_in_another_sign_in(browser: Browser, registrar: User, make: Make) -> None:
    """B5-B7: seen here, refused here, accepted after signing in again."""
    make.window()
    browser.sign_in(registrar.login, PASSWORD)
    code = browser.post("/staff/download-code", status=200).all(".receipt")[0].get_text()
    assert len(code) == 11
    assert code not in browser.get("/staff/download-code").html
    assert "请退出，重新登录" in browser.get("/staff/unlock").text
    assert "看过下载码" in browser.post("/staff/unlock", {"code": code}, status=400).html
    assert "用另一次登录填下载码" in browser.get("/staff/round").text
    browser.post("/sign-out")
    browser.sign_in(registrar.login, PASSWORD)
    assert "填下载码" in browser.get("/staff/round").all("section.corner")[0].get_text()
    wrong = browser.post("/staff/unlock", {"code": code[:-1]}, status=400)
    assert wrong.all("#code-error")
    assert browser.post("/staff/unlock", {"code": code}).location == "/staff/round"
    assert "已解锁" in browser.get("/staff/round").text
    assert "填对，解锁" in browser.get("/staff/download-code").text


def test_a_family_code_typed_here_says_what_it_is(browser: Browser, registrar: User, make: Make) -> None:
    make.window()
    browser.sign_in(registrar.login, PASSWORD)
    page = browser.post("/staff/unlock", {"code": "R000000000000000"}, status=400)
    assert "家长用的注册码" in page.text


def test_classes_with_teacher_and_counts(browser: Browser, registrar: User, make: Make) -> None:
    class_ = make.class_()
    make.sheet(SheetState.RECEIVED)
    figures.fold_all()
    browser.sign_in(registrar.login, PASSWORD)
    page = browser.get("/staff/classes")
    assert class_.name in page.text
    assert "还没有填" in page.text
    assert [td.get_text(strip=True) for td in page.all("td.number")] == ["1", "1", "0", "1", "0", "0"]


def test_doubts_are_looked_at_class_by_class(browser: Browser, registrar: User, make: Make) -> None:
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    make.sheet(pupil=make.pupil(one, guardian1_phone="12"))
    make.sheet(pupil=make.pupil(two, postcode="1"))
    browser.sign_in(registrar.login, PASSWORD)
    page = browser.get("/staff/doubts")
    assert one.name in page.h1 + page.text
    assert "＊" in page.text, "names are masked"
    browser.post(f"/staff/doubts/{one.id}/seen")
    assert two.name in browser.get("/staff/doubts").all("h2")[0].get_text()
    browser.post(f"/staff/doubts/{two.id}/seen")
    assert "都看过了" in browser.get("/staff/doubts").text
    assert states(browser)[3] == "done"
    pupil = make.pupil(two, postcode="12")
    make.sheet(pupil=pupil)
    assert states(browser)[3] == "needs", "a new doubt has to be looked at again"


def test_doubts_of_another_school_do_not_exist(browser: Browser, registrar: User, make: Make) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    make.sheet(pupil=make.pupil(other, postcode="1"))
    browser.sign_in(registrar.login, PASSWORD)
    browser.post(f"/staff/doubts/{other.id}/seen", status=404)
    assert other.name not in browser.get(f"/staff/doubts?class={other.id}").text


def test_all_of_it_in_english(browser: Browser, registrar: User, make: Make) -> None:
    make.window()
    make.sheet(pupil=make.pupil(postcode="1"))
    browser.english()
    browser.sign_in(registrar.login, PASSWORD)
    for address in ("round", "download-code", "unlock", "classes", "doubts", "windows", "print", "logins"):
        browser.get(f"/staff/{address}")
    unlock(make, registrar.home_id, registrar.id)
    browser.get("/staff/round")
