"""Work by the hundred: a class teacher's evening with the keyboard, and a leader who changes her mind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import ColumnElement, func, select, update

from portal.models import Decision, Sheet, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import sampling
from portal.services.readings import new_change
from tests.journeys import people
from tests.make import Make
from tests.photographs import arrive, leaf_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
SHEETS, PRESSES = 40, 45


@pytest.fixture
def evening(make: Make, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Make:
    """Readable sheets in one class, forty unless said, every fifth with a new telephone number; none is drawn, so that
    each takes one press however the keyed draw falls out."""
    monkeypatch.setattr(sampling.rules, "drawn", lambda *_: frozenset())
    make.user(Role.TEACHER, make.class_(), "teacher")
    for n in range(getattr(request, "param", SHEETS)):
        sheet = make.sheet(SheetState.ISSUED, make.pupil(class_seat_number=str(n + 1)))
        arrive(sheet, leaf_of(sheet), written=("phone",) if n % 5 == 0 else ())
    db.session.remove()  # a transaction left open would keep the server from writing
    return make


class Keys:
    """Presses keys one by one and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1


def seat(page: Page, number: int) -> None:
    """The sheet with this number is on the screen and its main button can be pressed."""
    expect(page.locator("h1 .second")).to_have_text(str(number))
    expect(page.locator("button[data-enter]")).to_be_focused()


def how_many(condition: ColumnElement[bool]) -> int:
    """Sheets for which it holds; the transaction is closed, so that nobody waits for it."""
    found = db.session.scalar(select(func.count()).select_from(Sheet).where(condition))
    db.session.rollback()
    return found or 0


def checked() -> int:
    return how_many(Sheet.state == SheetState.CHECKED)


def test_forty_sheets_are_accepted_in_45_presses(evening: Make, opened: Opened, shot: Shot) -> None:
    desk = opened("desk")
    people.sign_in(desk, "teacher")
    loads: list[str] = []
    desk.goto("/class?show=waiting")
    keys = Keys(desk)
    desk.get_by_role("link", name="一张一张看").focus()
    keys.press("Enter")
    seat(desk, 1)
    shot(desk, "look-through-1280")
    desk.reload()  # the camera of the test leaves traces on fields, which the policy of the page refuses to copy
    seat(desk, 1)
    desk.on("load", lambda page: loads.append(page.url))
    for number in range(1, SHEETS):
        keys.press("Enter" if number % 2 else "a")
        seat(desk, number + 1)
        if number == 1:
            undo_and_again(keys)
    keys.press("Enter")
    expect(desk.locator("h1 b")).to_have_text(str(SHEETS))
    assert checked() == SHEETS
    assert keys.pressed <= PRESSES, keys.pressed
    assert loads == [], "the next sheet comes without loading a page"


def undo_and_again(keys: Keys) -> None:
    """U brings the first sheet back as it was."""
    keys.press("u")
    seat(keys.page, 1)
    assert checked() == 0
    keys.press("Enter")
    seat(keys.page, 2)


@pytest.mark.parametrize("evening", [4], indirect=True)
def test_neighbours_and_sending_back_need_no_mouse(evening: Make, opened: Opened) -> None:
    desk = opened("desk")
    people.sign_in(desk, "teacher")
    desk.goto("/class?show=waiting")
    desk.get_by_role("link", name="一张一张看").click()
    seat(desk, 1)
    keys = Keys(desk)
    for key, number in (("j", 2), ("j", 3), ("k", 2)):
        keys.press(key)
        seat(desk, number)
    for key in ("b", "Space", "Enter"):
        keys.press(key)
    seat(desk, 3)
    assert how_many(Sheet.sent_back) == 1


def test_a_leader_changes_her_mind(make: Make, opened: Opened, shot: Shot) -> None:
    make.user(Role.LEADER, make.school(), "leader")
    for n, name in enumerate(("林小试", "方小测", "郭小例")):
        sheet = make.sheet(SheetState.ISSUED, make.pupil(name=name))
        arrive(sheet, leaf_of(sheet))
        sheet.state, sheet.written = SheetState.CHECKED, 2 - n
        for item in ("phone", "postcode")[: 2 - n]:
            new_change(sheet, item)
    db.session.commit()
    db.session.remove()
    desk = opened("desk")
    people.sign_in(desk, "leader")
    shot(desk, "queue-open-1280")
    expect(desk.locator("a.queue")).to_have_count(3)
    desk.keyboard.press("a")
    expect(desk.locator("form.notice")).to_contain_text("林＊试")
    shot(desk, "queue-decided-1280")
    desk.keyboard.press("u")
    expect(desk.locator("a.queue")).to_have_count(3)
    expect(desk.locator("form.notice")).to_have_count(0)
    desk.keyboard.press("r")
    desk.keyboard.type("请补签名")
    desk.get_by_role("button", name="不同意").click()
    desk.get_by_role("button", name="同意勾选的").click()
    expect(desk.locator("a.queue")).to_have_count(1)
    assert states() == [SheetState.CHECKED] * 3
    db.session.execute(update(Decision).where(Decision.undone_at.is_(None)).values(due_at=now()))
    db.session.commit()
    for _ in range(40):
        if states() == [SheetState.CHECKED, SheetState.ENTERED, SheetState.ISSUED]:
            break
        desk.wait_for_timeout(250)
    assert states() == [SheetState.CHECKED, SheetState.ENTERED, SheetState.ISSUED]
    desk.goto("/staff/queue?show=decided")
    expect(desk.get_by_text("没有还能撤回的决定")).to_be_visible()


def states() -> list[SheetState]:
    found = sorted(SheetState(state) for state in db.session.scalars(select(Sheet.state)))
    db.session.rollback()
    return found
