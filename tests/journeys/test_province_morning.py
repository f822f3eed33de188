"""A province officer's morning: how far, who needs help, a window moved, an account, a setting, a question."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from portal.models import Switch, db
from portal.rules.clock import today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures, tickets
from tests.journeys import people
from tests.make import Make

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
PURPOSE = "五月进度会用"


@pytest.fixture
def province(make: Make) -> Make:
    """Sheets on their way in one prefecture, a second one, a question of a prefecture."""
    make.round()
    make.prefecture("990200", "试验二市教育局")
    for switch in Switch:
        make.window(switch=switch)
    for state in (SheetState.EXPECTED, SheetState.ISSUED, SheetState.RECEIVED, SheetState.VERIFIED):
        make.sheet(state)
    make.user(Role.REGISTRAR, make.province(), "province")
    asker = make.actor(Role.REGISTRAR, make.prefecture())
    tickets.ask(tickets.Asker(asker), "我们市的录入窗口能晚两天关吗？", "staff.windows")
    figures.fold_all()
    db.session.remove()
    return make


def test_a_province_officers_morning(province: Make, opened: Opened, shot: Shot) -> None:
    desk = opened("desk")
    people.sign_in(desk, "province")
    _see_how_far(desk)
    _export(desk)
    _move_a_window(desk)
    _open_an_account(desk)
    _switch_off_piles(desk)
    _answer(desk)
    shot(desk, "province-question-1280")


def _see_how_far(desk: Page) -> None:
    """The sentence first, then the tree; a number opens the list behind it."""
    expect(desk.locator("p.lead")).to_contain_text("收到了")
    desk.get_by_role("button", name="试验市").or_(desk.get_by_role("link", name="试验市")).first.click()
    expect(desk.get_by_text("试验一区")).to_be_visible()
    desk.locator("tr.top a").first.click()
    expect(desk.locator("h1")).to_contain_text("应核")
    desk.go_back()


def _export(desk: Page) -> None:
    """No table leaves without its purpose; it says who, when and why."""
    desk.goto("/staff/figures")
    desk.get_by_role("link", name="导出表格").click()
    desk.get_by_role("textbox").first.fill(PURPOSE)
    with desk.expect_download() as download:
        desk.get_by_role("button", name="导出").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    words = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    assert PURPOSE in words
    assert "试验市" in words


def _move_a_window(desk: Page) -> None:
    """The load is looked at before the new day is saved."""
    desk.goto("/staff/windows")
    last = (today() + timedelta(days=12)).isoformat()
    entry = desk.get_by_role("group", name="录入")
    entry.get_by_label("到哪天").fill(last)
    desk.get_by_role("button", name="先看看会不会挤").click()
    expect(desk.get_by_text("还没有存，存了才算")).to_be_visible()
    desk.get_by_role("button", name="保存日期").click()
    expect(desk.get_by_role("group", name="录入").get_by_label("到哪天")).to_have_value(last)
    expect(desk.get_by_text("还没有存，存了才算")).to_have_count(0)


def _open_an_account(desk: Page) -> None:
    """The first password is shown once, on this page."""
    desk.goto("/staff/accounts/new")
    desk.get_by_label("姓名").fill("陈试验")
    desk.get_by_role("radio", name="学籍管理员").check()
    desk.get_by_label("单位").select_option(label="试验二市教育局")
    desk.get_by_role("button", name="开账号").click()
    expect(desk.locator(".receipt")).to_have_text(re.compile("^[2-9a-z]{10}$"))


def _switch_off_piles(desk: Page) -> None:
    desk.goto("/staff/settings")
    desk.get_by_label("一次传一摞照片").uncheck()
    desk.get_by_role("button", name="保存设定").click()
    expect(desk.get_by_text("存好了，改了 1 项")).to_be_visible()


def _answer(desk: Page) -> None:
    desk.goto("/questions")
    desk.get_by_role("link", name=re.compile("试验市教育局")).first.click()
    thread = desk.url
    desk.get_by_label("回答").fill("可以，已经改好了，请刷新窗口页面。")
    desk.get_by_role("button", name="回答").click()
    expect(desk.get_by_text("回答已经送到")).to_be_visible()
    desk.goto(thread)
    expect(desk.get_by_text("可以，已经改好了")).to_be_visible()
