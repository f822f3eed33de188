"""Many accounts tried from one address: work for unknown browsers, nobody refused, nobody's password sent back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.models import Step, Try, User, db
from portal.rules import work_proof
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import sign_in_work, slowing
from tests.make import NOON, PASSWORD, Make
from tests.pages import Browser, Page

HOT, BITS = 60, 6


@pytest.fixture(autouse=True)
def fewer_bits(monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller) -> None:
    """The same steps with fewer bits, the clock stands still."""
    monkeypatch.setattr(work_proof, "_STEPS", ((300, BITS + 4), (HOT, BITS)))
    monkeypatch.setattr(work_proof, "_STEPS_OF_MINUTE", ())


@pytest.fixture
def user(make: Make) -> User:
    make.round()
    return make.user(Role.REGISTRAR, make.school())


def heat(app: Flask, wrong: int = HOT) -> None:
    """Passwords of accounts that do not exist, each from a browser of its own."""
    for n in range(wrong):
        Browser(app).post("/sign-in", {"login": f"nobody-{n}", "password": "no"}, status=400)


def ticket_of(page: Page) -> str:
    found = page.all("input[name=ticket]")
    return str(found[0]["value"]) if found else ""


def signed_in(browser: Browser, login: str, work: dict[str, str], password: str = PASSWORD) -> int:
    browser._fresh()
    return browser.client.post("/sign-in", data={"login": login, "password": password} | work).status_code


def test_a_few_wrong_ones_ask_for_nothing_and_right_ones_are_not_counted(app: Flask, user: User) -> None:
    heat(app, HOT - 1)
    for _ in range(5):
        Browser(app).sign_in(user.login, PASSWORD)
    assert ticket_of(Browser(app).get("/sign-in")) == ""
    assert db.session.query(Try).filter_by(kind="address").count() == HOT - 1


def test_an_unknown_browser_works_at_a_hot_address_and_is_let_in(app: Flask, user: User) -> None:
    known = Browser(app)
    known.sign_in(user.login, PASSWORD)
    known.post("/sign-out")
    heat(app)
    assert known.sign_in(user.login, PASSWORD).location == "/staff/round", "the own browser never works"
    stranger = Browser(app)
    page = stranger.post("/sign-in", {"login": user.login, "password": PASSWORD}, status=200)
    assert "再填一次密码" in page.text
    assert PASSWORD not in page.html
    assert user.login in page.html
    ticket = ticket_of(page)
    work = {"ticket": ticket, "work": work_proof.solve(ticket, BITS)}
    assert signed_in(Browser(app), user.login, work) == 200, "another browser's ticket"
    assert signed_in(stranger, user.login, {"ticket": ticket, "work": "x"}) == 200
    assert signed_in(stranger, user.login, work) == 303
    stranger.client.post("/sign-out")
    stranger.client.delete_cookie("known")
    assert signed_in(stranger, user.login, work) == 200, "a ticket is for one try"
    alarms = db.session.scalars(select(Step).where(Step.move == "ALARM_PASSWORDS")).all()
    assert [step.details["bucket"] for step in alarms] == ["sign_in"]
    assert user.login not in str(alarms[0].details)


def test_without_scripts_one_waits_a_little(app: Flask, user: User, clock: time_machine.Traveller) -> None:
    heat(app)
    stranger = Browser(app)
    ticket = ticket_of(stranger.get("/sign-in"))
    assert ticket
    assert signed_in(stranger, user.login, {"ticket": ticket, "work": ""}) == 200
    clock.shift(5)
    assert signed_in(stranger, user.login, {"ticket": ticket, "work": ""}) == 303


def test_who_guesses_on_works_for_each_try_and_it_cools_in_ten_minutes(
    app: Flask, user: User, clock: time_machine.Traveller
) -> None:
    heat(app)
    guesser = Browser(app)
    ticket = ticket_of(guesser.get("/sign-in"))
    work = {"ticket": ticket, "work": work_proof.solve(ticket, BITS)}
    assert signed_in(guesser, "somebody", work, "no") == 400
    assert signed_in(guesser, "somebody-else", work, "no") == 200
    clock.shift(601)
    assert ticket_of(guesser.get("/sign-in")) == ""
    slowing.forget_old()
    clock.shift(timedelta(days=1).total_seconds())
    slowing.forget_old()
    assert db.session.query(Try).filter_by(kind="address").count() == 0


def test_codes_and_passwords_are_counted_apart(app: Flask, user: User) -> None:
    """Neither heats the other, and a ticket of one page is good for one try only, wherever it is used."""
    heat(app)
    assert slowing.work_for(slowing.Asker("device", "127.0.0.1")).needed is False
    assert sign_in_work.wanted(slowing.Asker("device", "127.0.0.1")).needed


def test_the_page_says_it_in_english_and_logs_no_login(
    app: Flask, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    heat(app)
    browser = Browser(app).english()
    page = browser.post("/sign-in", {"login": user.login, "password": PASSWORD}, status=200)
    assert "once more" in page.text
    assert re.search(r"code\.[0-9a-f]+\.js", page.html)
    assert "passwords are being guessed" in caplog.text
    assert user.login not in caplog.text
    assert now() == NOON
