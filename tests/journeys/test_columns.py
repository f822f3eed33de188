"""An afternoon of entry: forty numbers of one class with the keyboard alone, and two operators on one class."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from portal.models import Change, Pupil, Switch, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import entry
from portal.services.readings import new_change
from tests.journeys import people
from tests.make import Make
from tests.photographs import arrive, leaf_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
ROWS = 40


@pytest.fixture
def afternoon(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Forty families of a class wrote a new telephone number; the leader has passed the sheets."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    make.user(Role.OPERATOR, make.school(), "first", "周一一")
    make.user(Role.OPERATOR, make.school(), "second", "吴二二")
    for n in range(ROWS):
        sheet = make.sheet(SheetState.PASSED, make.pupil(class_seat_number=str(n + 1)), written=1)
        new_change(sheet, "phone")
    db.session.commit()
    db.session.remove()  # a transaction left open would keep the server from writing
    return make


def number(n: int) -> str:
    return f"154{n:08d}"


def entered(outcome: str = "accepted") -> int:
    found = db.session.scalar(select(func.count()).select_from(Change).where(Change.outcome == outcome))
    db.session.rollback()
    return found or 0


def open_column(page: Page, login: str) -> None:
    people.sign_in(page, login)
    page.goto("/staff/entry")
    page.get_by_role("link", name="按项目录").first.click()
    page.locator("tr", has_text="联系电话").get_by_role("button").click()
    expect(page.locator("[data-row] [data-value]").first).to_be_focused()


def test_forty_numbers_with_one_key_more_a_value_and_no_page_load(afternoon: Make, opened: Opened, shot: Shot) -> None:
    desk = opened("desk")
    open_column(desk, "first")
    loads: list[str] = []
    desk.on("load", lambda page: loads.append(page.url))
    keys, typed = 0, 0
    for n in range(1, ROWS + 1):
        row = desk.locator("[data-row]").nth(n - 1)
        expect(row.locator("[data-value]")).to_be_focused()  # more rows have come by themselves after the twentieth
        desk.keyboard.type(number(n))
        desk.keyboard.press("Enter")
        typed, keys = typed + len(number(n)), keys + len(number(n)) + 1
    expect(desk.locator("[data-outcome=accepted]")).to_have_count(ROWS)
    shot(desk, "columns-forty-1280")
    assert keys - typed <= ROWS, "at most one keystroke more a value than the value itself"
    assert loads == [], "rows are saved and more come without loading a page"
    assert entered() == ROWS
    records = sorted(pupil.record["phone"] for pupil in db.session.scalars(select(Pupil)))
    db.session.rollback()
    assert records == [number(n) for n in range(1, ROWS + 1)]


def test_slips_are_put_right_with_the_keyboard(afternoon: Make, opened: Opened, shot: Shot) -> None:
    desk = opened("desk")
    open_column(desk, "first")
    rows = desk.locator("[data-row]")
    desk.keyboard.type("1540000")
    desk.keyboard.press("Enter")
    expect(rows.nth(0).locator(".error")).to_contain_text("11 位")
    expect(rows.nth(0).locator("[data-value]")).to_have_value("1540000")
    expect(rows.nth(1).locator("[data-value]")).to_be_focused()
    desk.keyboard.press("F2")
    expect(rows.nth(1)).to_contain_text("看不清，等家长回话")
    desk.keyboard.press("F8")
    expect(rows.nth(2)).to_contain_text("没写字，不录")
    assert (entered("unclear"), entered("open")) == (1, ROWS - 2)
    desk.keyboard.press("Control+z")
    expect(rows.nth(2).locator("[data-value]")).to_be_focused()
    desk.keyboard.press("Control+z")
    expect(rows.nth(1).locator("[data-value]")).to_be_focused()
    desk.keyboard.press("ArrowUp")
    desk.keyboard.type(number(1))
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-outcome=accepted]")).to_have_count(1)
    shot(desk, "columns-slips-1280")
    assert (entered(), entered("open")) == (1, ROWS - 1)


def test_two_operators_on_one_class_have_rows_of_their_own(afternoon: Make, opened: Opened, shot: Shot) -> None:
    first, second = opened("desk"), opened("desk")
    open_column(first, "first")
    open_column(second, "second")
    seats = [page.locator("[data-row] > .second:first-of-type").all_inner_texts() for page in (first, second)]
    assert not set(seats[0]) & set(seats[1])
    assert len(seats[0]) == len(seats[1]) == ROWS // 2
    expect(second.locator("main")).to_contain_text("周一一")
    shot(second, "columns-second-1280")
    for page, begin in ((first, 100), (second, 200)):
        for n in range(2):
            page.keyboard.type(number(begin + n))
            page.keyboard.press("Enter")
    for page in (first, second):
        expect(page.locator("[data-outcome=accepted]")).to_have_count(2)
    assert entered() == 4


def test_codes_and_places_by_letters(make: Make, opened: Opened, monkeypatch: pytest.MonkeyPatch, shot: Shot) -> None:
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    make.user(Role.OPERATOR, make.school(), "first")
    sheet = make.sheet(SheetState.ISSUED, make.pupil(ethnic_group="01"))
    arrive(sheet, leaf_of(sheet), written=("ethnic_group", "birthplace_code"))
    sheet.state = SheetState.PASSED
    db.session.commit()
    db.session.remove()
    desk = opened("desk")
    people.sign_in(desk, "first")
    for item, letters in (("民族", "menggu"), ("出生地", "syyq")):
        desk.goto("/staff/columns")
        desk.locator("tr", has_text=item).get_by_role("button").click()
        expect(desk.locator("[data-value]")).to_be_focused()
        desk.keyboard.type(letters)
        if item == "出生地":
            expect(desk.locator(".offers [aria-selected=true]")).to_contain_text("试验一区")
            shot(desk, "columns-place-1280")
        desk.keyboard.press("Enter")
        expect(desk.locator("[data-outcome=accepted]")).to_have_count(1)
    record = db.session.scalars(select(Pupil)).one().record
    db.session.rollback()
    assert (record["ethnic_group"], record["birthplace_code"][:6]) == ("02", "990101")
