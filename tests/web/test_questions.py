"""Asking from the footer and answering, through the browser (O1, O2, O8)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Sheet, Ticket, User, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.ticket_moves import raise_due
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.photographs import leaf_of, link_of


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


@pytest.fixture
def door(sheet: Sheet) -> str:
    return f"/s/{link_of(leaf_of(sheet))}"


@pytest.fixture(params=["zh", "en"])
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Browser:
    return browser.english() if request.param == "en" else browser


def staff(app: Flask, user: User) -> Browser:
    browser = Browser(app)
    browser.sign_in(user.login, PASSWORD)
    return browser


def fields(page: Page) -> dict[str, str]:
    """What the form in the footer sends by itself."""
    return {str(i["name"]): str(i.get("value", "")) for i in page.all(".ask-form input[name]")}


def ask(browser: Browser, address: str, text: str, status: int = 303) -> Page:
    return browser.post("/wrong", fields(browser.get(address)) | {"wrong": text}, status=status)


def newest() -> Ticket:
    db.session.rollback()
    return db.session.scalars(select(Ticket).order_by(Ticket.made_at.desc())).all()[0]


def test_a_family_asks_and_reads_the_answer_on_the_same_page(
    app: Flask, visitor: Browser, make: Make, sheet: Sheet, door: str
) -> None:
    registrar = make.user(Role.REGISTRAR, make.school(), "registrar")
    assert ask(visitor, door, "班级写错了").location == door
    assert newest().page == "parents.landing"
    page = visitor.get(door)
    assert page.all(".notice[role=status] .mono"), "the question number is told once"
    assert not visitor.get(door).all(".notice[role=status] .mono")
    school = staff(app, registrar)
    assert school.get("/staff/classes").all(".tabs a[href='/questions']")[0].get_text().endswith(" 1")
    thread = next(link for link in school.get("/questions").links() if link.startswith("/questions/"))
    assert "林＊试" in school.get(thread).text
    school.post(thread, {"answer": "请看第 2 页。\n<b>好</b> https://evil.example"})
    page = visitor.get(door)
    said = page.all("main .notice .said")[0]
    assert said.get_text() == "请看第 2 页。\n<b>好</b> https://evil.example"
    assert not said.find_all(), "text stays text"
    assert not visitor.get("/").all("main .notice .said")
    assert visitor.get("/").all("main .notice a[href='/wrong']")
    form = page.all("main .notice form")[0]
    assert visitor.post(str(form["action"]), {"next": door}).location == door
    assert not visitor.get(door).all("main .notice")
    assert newest().state == "closed"


def test_the_question_number_opens_it_in_another_browser(app: Flask, browser: Browser, door: str) -> None:
    ask(browser, door, "班级写错了")
    code = browser.get(door).all(".notice[role=status] .mono")[0].get_text()
    other = Browser(app)
    assert "班级写错了" not in other.get("/wrong").text
    assert other.post("/wrong/code", {"code": "W000"}, status=400).all("#code-error")
    other.post("/wrong/code", {"code": code.lower()})
    assert "班级写错了" in other.get("/wrong").text
    again = other.post(f"/wrong/{newest().id}", {"more": " "}, status=400)
    assert again.all(".error")
    other.post(f"/wrong/{newest().id}", {"more": "还有电话"})
    assert "还有电话" in browser.get("/wrong").text


def test_another_browser_cannot_touch_it(app: Flask, browser: Browser, door: str) -> None:
    ask(browser, door, "班级写错了")
    other = Browser(app)
    for address in (f"/wrong/{newest().id}", f"/wrong/{newest().id}/close"):
        other.post(address, {"more": "x"}, status=404)
    assert newest().state == "open"


def test_what_is_wrong_with_a_question_is_said_and_the_words_kept(visitor: Browser, door: str) -> None:
    page = ask(visitor, door, "x" * 1001, status=400)
    assert page.all("#wrong-error")
    assert page.all("textarea[name=wrong]")[0].get_text().strip() == "x" * 1001
    kept = {str(i["name"]): str(i["value"]) for i in page.all("main .ask-form input[name]")}
    assert kept["about"] in door
    assert kept["page"] == "parents.landing"
    ask(visitor, door, " ", status=400)
    visitor.post("/wrong", {"wrong": "school?", "school": "2199999999"}, status=400)
    assert db.session.scalar(select(Ticket)) is None


def test_no_address_is_kept_and_no_strange_page(browser: Browser, make: Make) -> None:
    make.province()
    browser.post("/wrong", {"wrong": "你好", "page": "/s/SECRET", "about": "s/00000000000", "next": "//evil.example"})
    assert newest().page == ""
    assert newest().sheet_id is None
    assert "没有说是哪一页" in browser.get("/wrong").text


def test_staff_ask_from_every_page_and_the_county_answers(app: Flask, make: Make) -> None:
    make.round()
    registrar = staff(app, make.user(Role.REGISTRAR, make.school(), "registrar"))
    assert ask(registrar, "/staff/roster", "怎么导入？").location == "/staff/roster"
    county = staff(app, make.user(Role.REGISTRAR, make.county(), "county")).english()
    thread = next(link for link in county.get("/questions").links() if link.startswith("/questions/"))
    county.get(thread)
    assert county.post(thread, {"answer": " "}, status=400).all("#answer-error")
    county.post(thread, {"answer": "用模板"})
    assert registrar.get("/staff/roster").all("main .notice .said")[0].get_text() == "用模板"
    county.post(f"{thread}/close")
    assert newest().state == "closed"


def test_a_teachers_question_goes_to_the_county_when_it_is_due(app: Flask, make: Make) -> None:
    make.round()
    teacher = staff(app, make.user(Role.TEACHER, make.class_(), "teacher"))
    ask(teacher, "/class", "名单少一个人")
    county = staff(app, make.user(Role.REGISTRAR, make.county(), "county"))
    assert county.get("/questions").all(".empty")
    raise_due(newest().due_at)
    thread = next(link for link in county.get("/questions").links() if link.startswith("/questions/"))
    assert "名单少一个人" in county.get(thread).text
    county.post(thread, {"up": "1", "answer": "请市里看"})
    assert newest().place == make.prefecture()
    assert "现在由" in county.get(thread).text
    assert "请市里看" in teacher.get("/wrong").text


def test_a_teacher_sees_what_waits_on_the_class_page(app: Flask, make: Make, browser: Browser, door: str) -> None:
    ask(browser, door, "班级写错了")
    for language in ("zh", "en"):
        teacher = staff(app, make.user(Role.TEACHER, make.class_()))
        if language == "en":
            teacher.english()
        assert teacher.get("/class").all(".strip a[href='/questions']")
        assert not teacher.get("/questions").all(".strip a[href='/questions']")
    thread = next(link for link in teacher.get("/questions").links() if link.startswith("/questions/"))
    teacher.post(thread, {"answer": "我改"})
    assert not teacher.get("/class").all(".strip a[href='/questions']")


def test_every_change_needs_its_token(app: Flask, browser: Browser, door: str) -> None:
    """sec-A12"""
    ask(browser, door, "班级写错了")
    app.config["WTF_CSRF_ENABLED"] = True
    for address in ("/wrong", "/wrong/code", f"/wrong/{newest().id}", f"/wrong/{newest().id}/close"):
        browser.post(address, {"wrong": "x", "more": "x"}, status=400)
    assert newest().state == "open"


def test_the_code_of_page_two_is_known_too(browser: Browser, sheet: Sheet) -> None:
    from portal.services import printed_codes

    code = printed_codes.make_code(sheet).code
    db.session.commit()
    landing = browser.post("/r", {"code": code}).location
    assert landing is not None
    ask(browser, landing, "班级写错了")
    assert newest().sheet_id == sheet.id


def test_pages_of_errors_take_questions(browser: Browser, make: Make) -> None:
    make.province()
    page = browser.get("/nothing-here", status=404)
    assert fields(page)["next"] == "/nothing-here"
    browser.post("/wrong", fields(page) | {"wrong": "打不开"})
    assert newest().place == make.province()
