"""The check of a class on the phone: a tap a child, with and without scripts, the report and back (J2, R110)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Finding, Place, Pupil, Unlisted, User, db
from portal.rules.roles import Role
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def class_(make: Make) -> Place:
    make.round()
    return make.class_()


@pytest.fixture
def pupils(make: Make, class_: Place) -> list[Pupil]:
    return [make.pupil(name=name, class_seat_number=str(n)) for n, name in enumerate(("林小试", "陈小试", "何小试"), 1)]


@pytest.fixture
def teacher(make: Make, browser: Browser, class_: Place, pupils: list[Pupil]) -> User:
    user = make.user(Role.TEACHER, class_)
    browser.sign_in(user.login, PASSWORD)
    return user


def address(class_: Place, *parts: object) -> str:
    return "/".join(["/class", str(class_.id), "findings", *map(str, parts)])


def codes() -> list[str]:
    db.session.expire_all()
    return sorted(db.session.scalars(select(Finding.code)))


def test_a_tap_answers_with_its_row_and_the_count(
    browser: Browser, teacher: User, class_: Place, pupils: list[Pupil]
) -> None:
    page = browser.get("/class/findings")
    assert [b.get_text() for b in page.all(".finding > b")] == ["林小试", "陈小试", "何小试"]
    assert "其余 3 人都在" in page.text
    row = browser.post(address(class_, pupils[0].id), {"code": "MATCH"}, status=200, part=True)
    assert len(row.all(".finding")) == 1
    assert row.all("[aria-pressed=true]")[0]["value"] == ""
    assert row.all("#count b")[0].get_text() == "1"
    assert "其余 2 人都在" in row.all("#foot")[0].get_text()
    browser.post(address(class_, pupils[0].id), {"code": ""}, status=200, part=True)
    assert codes() == []


def test_without_scripts_each_tap_comes_back_to_its_row(
    browser: Browser, teacher: User, class_: Place, pupils: list[Pupil]
) -> None:
    answer = browser.post(address(class_, pupils[1].id), {"code": "LEFT_ON_ROLL", "note": "转走了"})
    assert (answer.location or "").endswith(f"#p-{pupils[1].id.hex}")
    opened = browser.get(address(class_, pupils[1].id), status=303)
    page = browser.get(opened.location or "")
    assert page.all(".finding.chosen input[name=note]")[0]["value"] == "转走了"
    assert "离开了，学籍还在" in page.text


def test_from_the_exceptions_to_the_report_and_back(
    browser: Browser, teacher: User, class_: Place, pupils: list[Pupil], make: Make
) -> None:
    make.sheet(pupil=pupils[0])
    browser.post(address(class_, pupils[0].id), {"code": "FALSE_RECORD"})
    page = browser.post(address(class_, "report"), status=400)
    assert "还有 2 个学生没有说" in page.text
    rest = browser.post(address(class_, "rest"))
    page = browser.get(rest.location or "")
    moment = page.all("input[name=moment]")[0]["value"]
    browser.post(address(class_, "rest", "undo"), {"moment": moment})
    assert codes() == ["FALSE_RECORD"]
    browser.post(address(class_, "rest"))
    summary = browser.get(address(class_, "report"))
    assert "名册上 3 人，2 人和学籍一样" in summary.text
    assert "从来没有这个人" in summary.text
    browser.post(address(class_, "report"))
    page = browser.get("/class/findings")
    assert "报上去了" in page.text
    assert not page.all("form[hx-post]")
    assert "报了，等着办" in browser.get("/class").text
    assert page.all("form[action$=take-back]")
    browser.post(address(class_, "take-back"))
    assert browser.get("/class/findings").all("form[hx-post]")


def test_a_child_who_is_not_listed(browser: Browser, teacher: User, class_: Place, pupils: list[Pupil]) -> None:
    form = address(class_, "unlisted")
    page = browser.post(form, {"name": "邱1", "sex": "1", "birth_date": "2014-03-12", "code": "NO_RECORD"}, status=400)
    assert page.all("#name-error, .errors a[href='#name']")
    child = {"name": "邱小试", "sex": "1", "birth_date": "2014-03-12", "code": "NO_RECORD", "origin": "外省"}
    wrong = browser.post(form, child | {"number": "990101201403120158"}, status=400)
    assert wrong.all("[id=number][aria-invalid=true]")
    browser.post(form, {}, status=400)
    browser.post(form, child)
    assert "邱小试" in browser.get("/class/findings").text
    one = db.session.scalars(select(Unlisted)).one()
    assert one.person["birth_date"] == "20140312"
    browser.post(address(class_, "unlisted", one.id, "remove"))
    assert "邱小试" not in browser.get("/class/findings").text


def test_the_class_page_leads_there_and_says_how_many_are_left(
    browser: Browser, teacher: User, class_: Place, pupils: list[Pupil], make: Make
) -> None:
    make.sheet(pupil=pupils[0])
    page = browser.get("/class")
    assert "还有 3 人没有说" in page.text
    assert any("/findings" in link for link in page.links())


def test_who_is_recorded_as_not_there_is_asked_about(
    browser: Browser, teacher: User, class_: Place, make: Make
) -> None:
    off = make.pupil(name="韩小试", student_status="02")
    page = browser.get("/class/findings")
    assert "学籍里写着不在校的 1 人" in page.text
    buttons = page.all(f"#p-{off.id.hex} button")
    assert [button["value"] for button in buttons] == ["MATCH", "STATUS_OFF_ROLL"]
    browser.english()
    browser.get("/class/findings")
