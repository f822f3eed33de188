"""Joiners and leavers on the screen, and the ledger behind the denominator (F1-F5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Pupil, User, db
from portal.rules.clock import today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def pupil(make: Make) -> Pupil:
    make.round(cut_off=today() - timedelta(days=30))
    found = make.pupil(name="林小试")
    make.sheet(SheetState.ISSUED, found)
    make.sheet(SheetState.ISSUED, make.pupil(name="陈小试"))
    return found


@pytest.fixture
def registrar(browser: Browser, make: Make, pupil: Pupil) -> User:
    user = make.user(Role.REGISTRAR, make.school(), name="周管籍")
    browser.sign_in(user.login, PASSWORD)
    return user


def test_from_the_class_to_the_leaver_to_the_denominator(browser: Browser, registrar: User, make: Make) -> None:
    page = browser.get(f"/staff/movements?class={make.class_().id.hex}")
    (link,) = [str(a["href"]) for a in page.all("main a.queue") if "林小试" in a.get_text()]
    data = {"kind": "21", "day": today().isoformat(), "note": "去外省"}
    data["version"] = str(browser.get(link).all("input[name=version]")[0]["value"])
    answer = browser.post(link, data)
    page = browser.get(answer.location or "")
    assert "应核少了 1 人" in page.text
    assert "不在本轮：已经离校" in page.text
    assert "去外省" in page.text
    book = browser.get(f"/staff/ledger/{make.school().id}?show=left")
    assert [b.get_text() for b in book.all(".sum b")] == ["2", "0", "1", "1"]
    assert "转学(转出)" in book.text
    assert "林小试" in book.text
    assert "陈小试" not in book.text
    figures.fold_all()
    db.session.remove()
    assert browser.get("/staff/classes").text.count("林小试") == 0


def test_a_pupil_is_found_by_name_without_the_name_in_the_address(browser: Browser, registrar: User) -> None:
    page = browser.post("/staff/movements", {"name": " 林小试"}, status=200)
    assert len(page.all("main a.queue")) == 1
    assert not any("林" in link for link in page.links())
    assert "没有找到" in browser.post("/staff/movements", {"name": "没有这人"}, status=200).text
    browser.post("/staff/movements", status=200)


def test_what_is_wrong_is_said_and_nothing_is_recorded(browser: Browser, registrar: User, pupil: Pupil) -> None:
    address = f"/staff/movements/{pupil.id}"
    for data, said in (
        ({"kind": "", "day": "2026-01-01"}, "请选发生了什么"),
        ({"kind": "21", "day": ""}, "请填日期"),
        ({"kind": "21", "day": (today() + timedelta(days=2)).isoformat()}, "还没有到"),
        ({"kind": "29", "day": today().isoformat()}, "请选换到哪个班"),
    ):
        assert said in browser.post(address, data, status=400).text
    stale = {"kind": "21", "day": today().isoformat(), "version": "77"}
    assert "别人先改了" in browser.post(address, stale, status=409).text
    assert "还没有登记过" in browser.get(address).text


def test_only_kinds_that_fit_are_offered(browser: Browser, registrar: User, pupil: Pupil, make: Make) -> None:
    def kinds() -> set[str]:
        return {str(o["value"]) for o in browser.get(f"/staff/movements/{pupil.id}").all("select#kind option")}

    assert {"21", "29", "begin"} <= kinds()
    assert not {"12", "end"} & kinds()
    browser.post(f"/staff/movements/{pupil.id}", {"kind": "begin", "day": today().isoformat()})
    assert "end" in kinds()
    assert "begin" not in kinds()


def test_a_mistake_is_taken_back_with_one_press(browser: Browser, registrar: User, pupil: Pupil) -> None:
    address = f"/staff/movements/{pupil.id}"
    browser.post(f"{address}/take-back", status=409)
    browser.post(address, {"kind": "21", "day": today().isoformat()})
    page = browser.get(browser.post(f"{address}/take-back").location or "")
    assert "应核多了 1 人" in page.text
    assert "在本轮" in page.text
    assert "登记错了，收回最后一条" not in page.text


def test_the_ledger_opens_where_something_stands(browser: Browser, registrar: User, pupil: Pupil, make: Make) -> None:
    page = browser.get(f"/staff/ledger/{make.school().id}")
    assert page.all("a.term[aria-current=true]")[0]["href"].endswith("show=roster")


def test_each_list_of_the_ledger_opens(browser: Browser, registrar: User, pupil: Pupil, make: Make) -> None:
    browser.post(f"/staff/movements/{pupil.id}", {"kind": "11", "day": today().isoformat()})
    for show in ("roster", "joined", "left", "excluded", "nonsense"):
        page = browser.get(f"/staff/ledger/{make.class_().id}?show={show}&page=1")
        assert "不在本轮的：" in page.text
    assert "这里现在没有" in browser.get(f"/staff/ledger/{make.class_().id}?show=left&page=9").text


def test_an_authority_sees_sums_and_masks(browser: Browser, make: Make, pupil: Pupil) -> None:
    user = make.user(Role.REGISTRAR, make.county())
    browser.sign_in(user.login, PASSWORD)
    page = browser.get(f"/staff/ledger/{make.county().id}?show=roster")
    assert "林＊试" in page.text
    assert "林小试" not in page.html
    browser.get(f"/staff/movements/{pupil.id}", status=403)


def test_a_leader_finds_no_way_ending_in_a_refusal(browser: Browser, pupil: Pupil, make: Make) -> None:
    """A leader may look at the ledger, not at what a registrar does from it."""
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    links = browser.get(f"/staff/ledger/{make.school().id}").links()
    assert "/staff/manage" not in links
    assert "/staff/movements" not in links


def test_in_english(browser: Browser, registrar: User, pupil: Pupil, make: Make) -> None:
    browser.english()
    browser.get(f"/staff/movements?class={make.class_().id.hex}")
    browser.post(f"/staff/movements/{pupil.id}", {"kind": "begin", "day": today().isoformat()})
    page = browser.get(f"/staff/movements/{pupil.id}?counted=-1")
    assert "transfer out" in page.html
    browser.get(f"/staff/ledger/{make.school().id}?show=left")
    browser.post(f"/staff/movements/{pupil.id}", {"kind": "", "day": ""}, status=400)
    browser.post("/staff/movements", {"name": "x"}, status=200)
