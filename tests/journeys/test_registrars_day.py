"""A registrar's day: a new teacher comes in, a pupil has moved away, and the numbers follow."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models import db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures
from tests.journeys import people
from tests.make import Make
from tests.press import unlock

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def school(make: Make) -> Make:
    """An unlocked school of one class with two pupils whose sheets are out."""
    make.window()
    for name in ("林小试", "陈小试"):
        make.sheet(SheetState.ISSUED, make.pupil(name=name))
    make.user(Role.REGISTRAR, make.school(), "registrar", "周管籍")
    colleague = make.actor(Role.REGISTRAR, make.school())
    unlock(make, colleague.place_id, colleague.user_id)
    figures.fold_all()
    db.session.remove()
    return make


def test_a_teacher_comes_in_and_a_pupil_leaves(school: Make, opened: Opened, shot: Shot) -> None:
    desk = opened("desk")
    people.sign_in(desk, "registrar")
    login, first = invite_teacher(desk, shot)
    teacher = opened("phone", scripts=False)
    people.sign_in(teacher, login, first)
    teacher.goto("/class")
    expect(teacher.get_by_label("现在的密码")).to_be_visible()
    people.choose_password(teacher, first, "three loud geese")
    teacher.goto("/class")
    expect(teacher.locator("main")).to_contain_text("林小试")
    before = expected(desk)
    leaver(desk, shot)
    assert (before, expected(desk)) == (2, 1)
    figures.fold_all()
    desk.goto("/staff/figures")
    desk.get_by_role("link", name=re.compile("^1$")).first.click()
    desk.get_by_role("link", name="看应核人数怎么来的").click()
    desk.locator(".term", has_text="离开").click()
    expect(desk.locator("main")).to_contain_text("林小试")
    shot(desk, "ledger-1280")


def invite_teacher(desk: Page, shot: Shot) -> tuple[str, str]:
    desk.get_by_role("link", name="管理", exact=True).click()
    shot(desk, "manage-1280")
    desk.get_by_role("link", name=re.compile("^ ?人员账号")).click()
    desk.get_by_role("link", name="开一个账号").click()
    desk.get_by_label("姓名").fill("王班主")
    desk.get_by_label("班主任", exact=True).check()
    desk.get_by_label("哪个班").select_option(label="六年级（6）班")
    shot(desk, "account-new-1280")
    desk.get_by_role("button", name="开账号").click()
    expect(desk.locator("h1")).to_have_text("账号开好了")
    with desk.expect_download() as slip:
        desk.get_by_role("button", name="打印登录条").click()
    assert slip.value.suggested_filename.endswith(".pdf")
    return desk.locator("dd.mono").inner_text(), desk.locator("dd.receipt").inner_text()


def leaver(desk: Page, shot: Shot) -> None:
    desk.goto("/staff/movements")
    desk.get_by_label("按姓名找").fill("林小试")
    desk.get_by_role("button", name="找").click()
    desk.get_by_role("link", name=re.compile("林小试")).click()
    desk.get_by_label("哪一种").select_option("21")
    shot(desk, "movement-1280")
    desk.get_by_role("button", name="登记", exact=True).click()
    expect(desk.locator("main")).to_contain_text("应核少了 1 人")


def expected(desk: Page) -> int:
    desk.goto("/staff/manage")
    desk.get_by_role("link", name=re.compile("应核人数")).click()
    return int(desk.locator(".term.whole b").inner_text())
