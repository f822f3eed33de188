"""Verification seats on the screen, and what a seat may ask for: its window and its rights (R100-R102, B2, X9, P2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from portal.models import Change, Switch, User, Window, db
from portal.rules.access import ALLOWED, Action, may
from portal.rules.clock import now
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.rules.workflow import SheetState
from portal.services import entry
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser

ALL = "/staff/seats"
EVERYBODY = {Action.SIGN_OUT, Action.CHANGE_OWN_PASSWORD, Action.CHOOSE_POST, Action.SECURE_OWN_ACCOUNT}
#: X9, R102: data maintenance with the sheets it is taken from, key-data applications with their evidence
AT_SCHOOL = EVERYBODY | {
    Action.SEE_MORE,
    Action.SEE_SHEET,
    Action.ENTER_CHANGES,
    Action.APPLY,
    Action.SEE_APPLICATIONS,
    Action.SEE_PROOFS,
}
#: X9, R102: review of key data
AT_AUTHORITY = EVERYBODY | {Action.SEE_MORE, Action.SEE_APPLICATIONS, Action.REVIEW, Action.REVIEW_AT_AUTHORITY}


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with time_machine.travel(now(), tick=False):
        yield


@pytest.fixture
def window(make: Make) -> Window:
    return make.window(switch=Switch.ENTRY, closes=now() + timedelta(hours=1))


@pytest.fixture
def registrar(browser: Browser, make: Make, window: Window) -> User:
    user = make.user(Role.REGISTRAR, make.school(), name="王管籍")
    browser.sign_in(user.login, PASSWORD)
    return user


@pytest.mark.parametrize("level", list(Level))
def test_a_seat_may_do_its_work_and_nothing_else(make: Make, level: Level) -> None:
    """R102, B2, X9: every action there is, asked of a seat at every level."""
    place = make.school()
    seat = Actor(None, None, Role.OPERATOR, level, place.id, place.path, "", "")
    wanted = AT_SCHOOL if level == Level.SCHOOL else AT_AUTHORITY if level in AUTHORITY_LEVELS else EVERYBODY
    assert {action for action in ALLOWED if may(seat, action)} == wanted


def test_a_seat_is_made_renamed_given_a_password_and_ended(browser: Browser, registrar: User) -> None:
    """B1, X29"""
    page = browser.post(ALL, {"name": "李录人"}, status=200)
    first = page.all(".receipt")[0].get_text()
    assert len(first) == 10
    assert ALL in page.links()
    page = browser.get(ALL)
    assert "开了 1 个席位，最多 20 个。" in page.text
    ways = {str(form["action"]).rsplit("/", 1)[1]: str(form["action"]) for form in page.all("td form")}
    browser.post(ways["name"], {"name": "李录入"})
    assert "李录入" in browser.get(ALL).text
    again = browser.post(ways["password"], status=200).all(".receipt")[0].get_text()
    assert again != first
    browser.post(ways["end"])
    assert "还没有席位" in browser.get(ALL).text


def test_wrong_names_are_told_and_nothing_is_made(browser: Browser, registrar: User, make: Make) -> None:
    assert browser.post(ALL, {"name": ""}, status=400).all("#name-error")
    seat = make.user(Role.OPERATOR, make.school(), name="李录入")
    assert "已经有这个岗位" in browser.post(ALL, {"name": "李录入"}, status=400).text
    assert "和原来一样" in browser.post(f"{ALL}/{seat.id}/name", {"name": "李录入"}, status=400).text
    browser.post(f"{ALL}/{registrar.id}/name", {"name": "何管籍"}, status=404)
    browser.post(f"{ALL}/{registrar.id}/end", status=404)


def test_who_is_inside_is_signed_out_from_the_list(browser: Browser, registrar: User, make: Make) -> None:
    """P2, R127"""
    seat, other = Browser(browser.client.application), Browser(browser.client.application)
    for one, name in ((seat, "李录入"), (other, "何录入")):
        one.sign_in(make.user(Role.OPERATOR, make.school(), name=name).login, PASSWORD)
        one.get("/staff/entry")
    page = browser.get(ALL)
    assert "现在 2 人在里面" in page.text
    ticks = page.all("input[name=user]")
    assert {tick["form"] for tick in ticks} == {"sign-out"}
    assert "先勾上" in browser.post(f"{ALL}/sign-ins", status=400).text
    browser.post(f"{ALL}/sign-ins", {"user": [str(tick["value"]) for tick in ticks]})
    assert "现在 0 人在里面" in browser.get(ALL).text
    for one in (seat, other):
        assert "/sign-in" in (one.get("/staff/entry", status=302).location or "")


def test_a_school_of_twenty_seats_has_no_form_for_another(browser: Browser, registrar: User, make: Make) -> None:
    for n in range(20):
        make.user(Role.OPERATOR, make.school(), name=f"试验{n}")
    page = browser.get(ALL)
    assert not page.all("#name")
    assert "席位已经满了" in page.text


def change_of(make: Make, monkeypatch: pytest.MonkeyPatch) -> Change:
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    change = new_change(make.sheet(SheetState.PASSED), "phone")
    db.session.commit()
    return change


def test_after_the_end_nothing_is_saved_and_what_was_typed_stays(
    browser: Browser, make: Make, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R101: to the second, for a page load, for a part of a page and for a form; signing out still works."""
    change = change_of(make, monkeypatch)
    browser.sign_in(make.user(Role.OPERATOR, make.school()).login, PASSWORD)
    sheet = f"/staff/entry/sheet/{change.sheet_id}"
    save = str(browser.get(sheet).all("form[action*=change]")[0]["action"])
    data = {"value": "15400001234", "do": "save"}
    with time_machine.travel(window.closes_at, tick=False):
        part = browser.post(save, data, status=409, part=True)
        assert part.answer.headers["HX-Retarget"] == "#live", "beside the form, not in its place"
        assert "没有存" in part.html
        page = browser.post(save, data | {"user": "a" * 32}, status=409)
        assert page.h1 == "核查时间已过"
        assert [item.get_text() for item in page.all("ul ul li")] == ["15400001234"], (
            "what was typed, and no hidden field"
        )
        assert "核查时间已过" in browser.get(sheet, status=409).text
        browser.get("/")
        assert "/sign-in" in (browser.post("/sign-out", status=302).location or "")
    db.session.expire_all()
    assert (change.outcome, change.values["entered"]) == ("open", None)
    with time_machine.travel(window.closes_at - timedelta(seconds=1), tick=False):
        browser.post(save, data)
    db.session.expire_all()
    assert change.outcome == "accepted", "the same request one second earlier"


def test_a_seat_of_the_county_gets_in_and_sees_no_pupils(browser: Browser, make: Make, window: Window) -> None:
    """R102: review only; figures, lists and rosters are not theirs."""
    browser.sign_in(make.user(Role.OPERATOR, make.county()).login, PASSWORD)
    for address in ("/staff/figures", "/staff/roster", "/staff/entry", "/staff/accounts", ALL, "/staff/change-files"):
        browser.get(address, status=403)
    home = browser.get("/", status=302).location or ""
    browser.get(home)


@pytest.mark.parametrize("level", ["county", "prefecture", "province"])
def test_authorities_have_the_same_page(browser: Browser, make: Make, level: str) -> None:
    make.round()
    browser.sign_in(make.user(Role.REGISTRAR, getattr(make, level)()).login, PASSWORD)
    assert ALL in browser.get("/staff/manage").links()
    make.user(Role.OPERATOR, getattr(make, level)(), name="李核办")
    page = browser.get(ALL)
    assert "省里还没有安排录入的时间" in page.text
    assert any(str(form["action"]).endswith("/password") for form in page.all("td form")) is (level != "province")
    assert any("show=inside" in link for link in page.links()) is (level == "province")


def test_in_english(browser: Browser, registrar: User, make: Make, window: Window) -> None:
    make.user(Role.OPERATOR, make.school(), name="李录入")
    browser.english()
    browser.get(ALL)
    with time_machine.travel(window.closes_at, tick=False):
        browser.get(ALL)
