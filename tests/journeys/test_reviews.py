"""A county's morning with the keyboard: next, agree, take back, refuse with a reason; the leader agrees to several."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models import Application, Switch, db
from portal.rules.applications import ApplicationMove
from portal.rules.roles import Role
from portal.services import applications, granting
from tests.journeys import people
from tests.make import Make
from tests.services.test_applications import CHANGE, evidence

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def morning(make: Make) -> Make:
    """Two applications with the county, two with the school's leader."""
    make.window(switch=Switch.ENTRY)
    registrar = make.actor(Role.REGISTRAR, make.school())
    leader = make.actor(Role.LEADER, make.school())
    for n, name in enumerate(("林小试", "王小例", "赵小测", "钱小样")):
        pupil = make.pupil(name=name)
        found = applications.make(registrar, pupil.id, CHANGE, {"name": f"{name[:2]}拭"}, "入学时登记成了同音字")
        evidence(found, registrar)
        applications.send(registrar, found.id, found.version)
        if n < 2:
            granting.carry_out(leader, found, ApplicationMove.PASS, "")
            db.session.commit()
    make.user(Role.OPERATOR, make.county(), "seat")
    make.user(Role.LEADER, make.school(), "head")
    db.session.remove()  # nothing of the test keeps the server from writing
    return make


def test_the_county_decides_with_the_keyboard(morning: Make, opened: Opened, shot: Shot) -> None:
    """R102: the seat lands on its queue; H4: one by one."""
    desk = opened("desk")
    people.sign_in(desk, "seat")
    desk.wait_for_url("**/staff/reviews")
    expect(desk.locator("#case-title span")).to_have_text("林＊试")
    shot(desk, "reviews-county")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator("#case-title span")).to_have_text("王＊例")
    desk.keyboard.press("r")
    desk.keyboard.type("户口簿照片看不清")
    desk.get_by_role("button", name="不同意").click()
    expect(desk.locator("#case-title span")).to_have_text("林＊试")
    desk.keyboard.press("u")
    expect(desk.locator("#case-title span")).to_have_text("王＊例")
    expect(desk.locator(".tile b").first).to_have_text("2")
    desk.keyboard.press("a")
    expect(desk.locator("#case-title span")).to_have_text("林＊试")
    expect(desk.locator(".tile b").first).to_have_text("1")


def test_the_leader_agrees_to_several_from_a_list(morning: Make, opened: Opened, shot: Shot) -> None:
    """What was taken back meanwhile is left out and named."""
    phone = opened("phone")
    people.sign_in(phone, "head")
    phone.goto("/staff/reviews")
    for box in phone.locator("input[name=one]").all():
        box.check()
    shot(phone, "reviews-leader")
    registrar = morning.actor(Role.REGISTRAR, morning.school())
    found = db.session.query(Application).filter_by(state="WITH_LEADER").order_by(Application.since).first()
    assert found is not None
    applications.take_back(registrar, found.id, found.version)
    db.session.remove()
    phone.get_by_role("button", name="同意勾选的").click()
    expect(phone.locator(".notice.soon")).to_contain_text("同意了 1 件")
    expect(phone.locator(".notice.soon")).to_contain_text("后来有了变化")
