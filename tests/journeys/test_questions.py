"""Something is wrong: a family asks and reads the answer on one page; what nobody answers reaches the county."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.models import Ticket, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.ticket_moves import raise_due
from tests.journeys import people
from tests.make import Make
from tests.photographs import leaf_of, link_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def door(make: Make) -> str:
    """The address behind a family's QR; a school with its people and the county."""
    make.round()
    link = link_of(leaf_of(make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))))
    make.user(Role.REGISTRAR, make.school(), "registrar")
    make.user(Role.REGISTRAR, make.county(), "county")
    make.user(Role.TEACHER, make.class_(), "teacher")
    db.session.remove()
    return f"/s/{link}"


def ask(page: Page, text: str) -> None:
    page.get_by_text("这页有不对的地方？告诉我们").click()
    page.get_by_label("哪里不对，或者想问什么？").fill(text)
    page.get_by_role("button", name="发出去").click()
    expect(page.get_by_text("送到了。")).to_be_visible()


def answer_first(desk: Page, text: str) -> None:
    desk.goto("/questions")
    desk.locator("a.queue").first.click()
    desk.get_by_label("回答", exact=True).fill(text)
    desk.get_by_role("button", name="回答", exact=True).click()
    desk.wait_for_url("**/questions?done=*")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_family_reads_the_answer_where_it_asked(door: str, opened: Opened, shot: Shot, scripts: bool) -> None:
    family = opened("phone", scripts=scripts)
    family.goto(door)
    ask(family, "表上的班级不对，是（7）班。")
    assert family.url.endswith(door)
    shot(family, "question-sent-360")
    desk = opened("desk")
    people.sign_in(desk, "registrar")
    expect(desk.get_by_role("link", name="问题 1")).to_be_visible()
    answer_first(desk, "在表上改成（7）班就行。")
    family.goto(door)
    expect(family.locator("main")).to_contain_text("在表上改成（7）班就行。")
    shot(family, "question-answered-360")
    family.get_by_role("button", name="明白了").click()
    expect(family.locator("main .notice")).to_have_count(0)
    assert family.url.endswith(door)


def test_what_the_school_does_not_answer_reaches_the_county(door: str, opened: Opened, shot: Shot) -> None:
    teacher = opened("phone")
    people.sign_in(teacher, "teacher")
    expect(teacher.locator("h1")).to_be_visible()
    ask(teacher, "名单里少一个人，怎么加？")
    db.session.rollback()
    due_at = db.session.scalars(select(Ticket.due_at)).one()
    assert raise_due(due_at) == 1
    db.session.remove()
    desk = opened("desk")
    people.sign_in(desk, "county")
    desk.get_by_role("link", name=re.compile("^问题")).click()
    shot(desk, "questions-1280")
    answer_first(desk, "请学校在花名册里加。")
    teacher.goto("/class")
    expect(teacher.locator("main")).to_contain_text("请学校在花名册里加。")
    teacher.goto("/wrong")
    expect(teacher.locator("main")).to_contain_text("转到试验一区教育局")
    shot(teacher, "wrong-360")
