"""A pupil is not in the classroom: the teacher says so on the phone, the registrar records it, the class agrees."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models import db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.journeys import people
from tests.make import Make

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def class_of_five(make: Make) -> None:
    make.round()
    for n, name in enumerate(("林小试", "陈小试", "何小试", "韩小试", "施小试"), 1):
        make.sheet(SheetState.ISSUED, make.pupil(name=name, class_seat_number=f"{n:02d}"))
    make.user(Role.TEACHER, make.class_(), "teacher")
    make.user(Role.REGISTRAR, make.school(), "registrar")
    db.session.remove()


def test_a_pupil_who_is_not_in_the_classroom(class_of_five: None, opened: Opened, shot: Shot) -> None:
    phone = opened("phone")
    people.sign_in(phone, "teacher")
    phone.get_by_role("link", name=re.compile("核对班里的人，还有 5 人")).click()
    here = phone.get_by_role("button", name=re.compile("^在 ?林小试"))
    here.tap()
    expect(phone.locator("#count b")).to_have_text("1")
    here.tap()
    expect(phone.locator("#count b")).to_have_text("0")
    phone.get_by_role("link", name=re.compile("不在 ?陈小试")).tap()
    phone.get_by_label("说明").fill("九月转去外省")
    shot(phone, "findings-open-360")
    phone.get_by_role("button", name="离开了，学籍还在").tap()
    expect(phone.locator("#count b")).to_have_text("1")
    phone.get_by_role("button", name="其余 4 人都在").tap()
    phone.get_by_role("link", name="看一遍，上报").tap()
    expect(phone.locator("main")).to_contain_text("九月转去外省")
    shot(phone, "findings-summary-360")
    phone.get_by_role("button", name="上报全班").tap()
    expect(phone.locator("main")).to_contain_text("学校去办 1 件")

    desk = opened("desk")
    people.sign_in(desk, "registrar")
    desk.locator(".step", has_text="人籍一致").get_by_role("link", name="去办").click()
    shot(desk, "findings-1280")
    desk.get_by_role("link", name="去登记离校").click()
    expect(desk.locator("main")).to_contain_text("九月转去外省")
    desk.get_by_label("哪一种").select_option("21")
    desk.get_by_role("button", name="登记", exact=True).click()
    desk.get_by_role("link", name="回到人籍一致").click()
    expect(desk.locator("main")).to_contain_text("1 个班，1 个班人和学籍都对上了")

    phone.reload()
    expect(phone.locator("main")).to_contain_text("要办的都办好了")
    expect(phone.locator("main")).not_to_contain_text("拿回来改")
