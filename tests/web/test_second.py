"""The second step on the screen: set up, asked for, shown again, given up; nobody is in between the pages."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.models import SignIn, Step, Try, User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import accounts, second_step
from portal.web.guard import TOKEN_NAME, WAITING_NAME
from tests.make import NOON, PASSWORD, Make
from tests.pages import Browser, Page

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def user(make: Make) -> User:
    make.round()
    return make.user(Role.REGISTRAR, make.county())


def set_up(browser: Browser, user: User) -> tuple[str, list[str]]:
    """(secret, recovery codes) after signing in and setting up the second step on the screen."""
    browser.sign_in(user.login, PASSWORD)
    secret = browser.get("/security/second").all("#secret")[0].get_text().replace(" ", "")
    page = browser.post("/security/second", {"code": pyotp.TOTP(secret).at(now())}, status=200)
    return secret, [li.get_text() for li in page.all(".recovery li")]


def token_of(browser: Browser, name: str = TOKEN_NAME) -> str | None:
    with browser.client.session_transaction() as cookie:
        return cookie.get(name)


def test_the_second_page_lets_in_and_nobody_is_in_between(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    """sec-A11: another token at every step, and the waiting one opens nothing."""
    secret, codes = set_up(browser, user)
    assert len(set(codes)) == 8
    browser.client.post("/sign-out")
    assert browser.sign_in(user.login, PASSWORD).location == "/sign-in/second"
    between = token_of(browser, WAITING_NAME)
    assert token_of(browser) is None
    assert accounts.actor_of(between or "") is None
    assert browser.get("/staff/figures", status=302).location.startswith("/sign-in")
    clock.shift(30 * 1)
    assert browser.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now())}).location == "/staff/figures"
    assert browser.get("/staff/figures").status == 200
    assert token_of(browser) not in (None, between)
    assert token_of(browser, WAITING_NAME) is None


def test_the_page_behind_the_sign_in_is_kept_through_both_steps(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    secret, _ = set_up(browser, user)
    browser.client.post("/sign-out")
    page = browser.post("/sign-in?next=/staff/windows", {"login": user.login, "password": PASSWORD})
    assert page.location == "/sign-in/second?next=/staff/windows"
    clock.shift(30 * 1)
    assert browser.post(page.location, {"code": pyotp.TOTP(secret).at(now())}).location == "/staff/windows"


def test_a_waiting_sign_in_ends_after_ten_minutes_and_with_a_new_password(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    set_up(browser, user)
    for spoil in ("time", "password"):
        browser.client.post("/sign-out")
        browser.sign_in(user.login, PASSWORD)
        assert browser.get("/sign-in/second").status == 200
        if spoil == "time":
            clock.shift(30 * 21)
            assert browser.get("/sign-in/second", status=303).location == "/sign-in"
        else:
            accounts.give_first_password(db.session.get_one(User, user.id))
            db.session.commit()
            assert browser.get("/sign-in/second", status=303).location == "/sign-in"


@pytest.mark.parametrize("typed", ["12 34", "abc", "1234567", "", "x" * 100])
def test_what_is_no_code_is_told_and_not_counted(browser: Browser, user: User, typed: str) -> None:
    set_up(browser, user)
    browser.client.post("/sign-out")
    browser.sign_in(user.login, PASSWORD)
    browser.post("/sign-in/second", {"code": typed}, status=400)
    assert db.session.scalars(select(Try).where(Try.kind == "second", Try.failed)).all() == []


def test_a_recovery_code_works_once_however_it_is_typed(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    _, codes = set_up(browser, user)
    for typed, status in ((codes[0].lower().replace("-", " "), 303), (codes[0], 400), (codes[1], 303)):
        browser.client.post("/sign-out")
        browser.sign_in(user.login, PASSWORD)
        browser.post("/sign-in/second", {"code": typed}, status=status)
    assert "还有 6 个恢复码" in browser.get("/security").text
    clock.shift(30 * 21)  # new ones are only for who proves it once more
    assert browser.post("/security/second/codes", {"back": "/security"}, status=302).location.startswith("/prove")
    browser.post("/prove", {"code": codes[2]})
    fresh = browser.post("/security/second/codes", status=200)
    assert len(fresh.all(".recovery li")) == 8
    assert codes[3] not in fresh.text
    used = db.session.scalars(select(Step.by_id).where(Step.thing_id == user.id, Step.move == "USE_RECOVERY_CODE"))
    assert Counter(used) == {None: 2, user.id: 1}  # nobody is in yet, and who proves it once more


def test_turning_it_on_ends_every_other_sign_in(browser: Browser, user: User, app: Flask) -> None:
    """sec-A9"""
    other = Browser(app)
    other.sign_in(user.login, PASSWORD)
    set_up(browser, user)
    assert other.get("/staff/figures", status=302).location.startswith("/sign-in")
    assert browser.get("/staff/figures").status == 200


def test_it_can_be_given_up_only_where_nobody_requires_it(browser: Browser, user: User, app: Flask) -> None:
    set_up(browser, user)
    require(app, "authorities")
    assert "不用第二步" not in browser.get("/security").text
    assert "必须有第二步" in browser.post("/security/second/off", status=400).text
    require(app, "nobody")
    browser.post("/security/second/off")
    browser.client.post("/sign-out")
    assert browser.sign_in(user.login, PASSWORD).location == "/staff/figures"


def require(app: Flask, whom: str) -> None:
    """As the deployment says it."""
    from dataclasses import replace

    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], second_step=whom)


def test_who_must_and_has_none_sets_it_up_before_anything_opens(browser: Browser, user: User, app: Flask) -> None:
    require(app, "authorities")
    assert browser.sign_in(user.login, PASSWORD).location == "/security/second"
    for address in ("/staff/figures", "/staff/accounts", "/questions", "/post"):
        assert browser.get(address, status=302).location == "/security/second"
    page = browser.get("/security/second")
    assert not page.all(".tabs")
    secret = page.all("#secret")[0].get_text().replace(" ", "")
    assert secret == browser.get("/security/second").all("#secret")[0].get_text().replace(" ", ""), (
        "the same until taken"
    )
    browser.post("/security/second", {"code": pyotp.TOTP(secret).at(now())}, status=200)
    assert browser.get("/staff/figures").status == 200


@pytest.mark.parametrize(
    ("whom", "held"),
    [
        ("nobody", set()),
        ("authorities", {"county"}),
        ("schools", {"county", "school"}),
        ("everybody", {"county", "school", "class"}),
    ],
)
def test_whom_the_deployment_asks(browser: Browser, make: Make, app: Flask, whom: str, held: set[str]) -> None:
    require(app, whom)
    places = {"county": make.county(), "school": make.school(), "class": make.class_()}
    roles = {"county": Role.REGISTRAR, "school": Role.LEADER, "class": Role.TEACHER}
    asked = {name for name, place in places.items() if make.actor(roles[name], place).must_secure}
    assert asked == held
    family = make.guardian(make.pupil())
    found = accounts.actor_of(accounts.sign_in(family.phone or "", PASSWORD))
    assert found is not None
    assert not found.must_secure


def test_a_proof_leads_back_and_is_recent_for_ten_minutes(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    """sec-A10: the same page asks for the password of who has no second step."""
    browser.sign_in(user.login, PASSWORD)
    before = token_of(browser)
    actor = accounts.actor_of(before or "")
    assert actor is not None
    assert second_step.recent(actor)
    clock.shift(30 * 21)
    assert not second_step.recent(actor)
    assert "现在是“" not in browser.get("/prove?next=/staff/windows").text
    assert "密码不对" in browser.post("/prove?next=/staff/windows", {"code": "no"}, status=400).text
    assert browser.post("/prove?next=/staff/windows", {"code": PASSWORD}).location == "/staff/windows"
    assert token_of(browser) != before
    assert second_step.recent(actor)
    browser.get("/security/second")
    clock.shift(601)
    assert not second_step.recent(actor)
    assert browser.post("/prove?next=//evil.example", {"code": PASSWORD}).location == "/security"


def test_changing_the_phone_asks_for_the_old_one_first(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    first, codes = set_up(browser, user)
    clock.shift(30 * 21)
    assert browser.get("/security/second", status=302).location == "/prove?next=/security/second"
    browser.post("/prove?next=/security/second", {"code": codes[0]})
    second = browser.get("/security/second").all("#secret")[0].get_text().replace(" ", "")
    assert second != first
    browser.post("/security/second", {"code": pyotp.TOTP(first).at(now())}, status=400)
    browser.post("/security/second", {"code": pyotp.TOTP(second).at(now())}, status=200)
    moves = db.session.scalars(select(Step.move).where(Step.thing_id == user.id, Step.move.contains("SECOND"))).all()
    assert sorted(moves) == ["CHANGE_SECOND", "SECOND_ON"]


def test_the_first_page_tells_when_one_was_in_before_once(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    browser.sign_in(user.login, PASSWORD)
    assert not browser.get("/staff/figures").all(".arrived"), "the first time there is none before"
    for _ in range(3):
        with pytest.raises(Exception, match="账号或密码不对"):
            accounts.sign_in(user.login, "no")
    clock.shift(30 * 2)
    browser.sign_in(user.login, PASSWORD)
    page = browser.get("/staff/figures")
    assert "上次登录：11 月 20 日 12:00" in page.text
    assert "有 3 次密码没填对" in page.text
    assert not browser.get("/staff/figures").all(".arrived")
    assert "3 次" in browser.get("/security").text


def test_the_own_list_and_ending_the_others(browser: Browser, user: User, app: Flask) -> None:
    phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Mobile) Chrome/120 MicroMessenger/8"}
    other = Browser(app)
    other.client.post("/sign-in", data={"login": user.login, "password": PASSWORD}, headers=phone)
    browser.sign_in(user.login, PASSWORD)
    page = browser.get("/security")
    assert "手机 微信" in page.text
    assert page.text.count("就是这里") == 1
    browser.post("/security/sign-ins")
    assert other.get("/staff/figures", status=302).location.startswith("/sign-in")
    assert "让别处都退出" not in browser.get("/security").text
    assert db.session.query(SignIn).filter(SignIn.ended_at.is_(None)).count() == 1


def test_a_family_sees_its_sign_ins_and_no_second_step(browser: Browser, make: Make) -> None:
    family = make.guardian(make.pupil())
    browser.sign_in(family.phone or "", PASSWORD)
    page = browser.get("/security")
    assert "第二步" not in page.text
    browser.get("/security/second", status=403)
    browser.post("/security/second/codes", status=403)


def test_typing_keeps_the_sign_in(browser: Browser, user: User, clock: time_machine.Traveller) -> None:
    """sec-A10"""
    browser.sign_in(user.login, PASSWORD)
    clock.shift(1200)
    browser.post("/here", status=204)
    row = db.session.query(SignIn).one()
    assert row.seen_at == NOON + timedelta(seconds=1200)


def test_in_english(browser: Browser, user: User, clock: time_machine.Traveller) -> None:
    browser.english()
    set_up(browser, user)
    clock.shift(30 * 21)
    for address in ("/security", "/prove?next=/security"):
        browser.get(address)
    browser.post("/prove", {"code": "1"}, status=400)
    browser.post("/prove", {"code": "123456"}, status=400)
    browser.client.post("/sign-out")
    browser.sign_in(user.login, PASSWORD)
    browser.get("/sign-in/second")
    for _ in range(5):
        page: Page = browser.post("/sign-in/second", {"code": "000000"}, status=400)
    assert browser.post("/sign-in/second", {"code": "000000"}, status=429).h1
    assert page.h1


def test_who_got_hold_of_the_password_keeps_the_owner_out_of_no_known_browser(
    browser: Browser, user: User, app: Flask, clock: time_machine.Traveller
) -> None:
    """sec-A39, sec-A47: a stranger's fifty wrong codes a day are counted apart from those of the owner's own browser,
    which has to wait as well after its own."""
    secret, codes = set_up(browser, user)
    stranger = Browser(app)
    stranger.sign_in(user.login, PASSWORD)
    for _ in range(5):
        stranger.post("/sign-in/second", {"code": "000000"}, status=400)
    stranger.post("/sign-in/second", {"code": codes[0]}, status=429)
    clock.shift(30 * 1)
    browser.post("/prove", {"code": pyotp.TOTP(secret).at(now())})
    browser.post("/sign-out")
    browser.sign_in(user.login, PASSWORD)
    for _ in range(4):
        browser.post("/sign-in/second", {"code": "000000"}, status=400)
    assert browser.post("/sign-in/second", {"code": codes[1]}).location == "/staff/figures"
    browser.post("/sign-out")
    browser.sign_in(user.login, PASSWORD)
    browser.post("/sign-in/second", {"code": "000000"}, status=400)
    browser.post("/sign-in/second", {"code": codes[2]}, status=429)
