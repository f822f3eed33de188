"""A verification seat at the end of its window: nothing is saved, and what was typed stays on the screen (R101)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from portal.models import Change, Switch, Window, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.readings import new_change
from tests.journeys import people
from tests.make import Make
from tests.press import unlock

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]


@pytest.fixture
def ids(make: Make) -> tuple[UUID, UUID]:
    """(change, sheet) to enter, in an unlocked school inside its window."""
    make.window(switch=Switch.ENTRY)
    make.user(Role.OPERATOR, make.school(), "seat", "李录入")
    colleague = make.actor(Role.REGISTRAR, make.school())
    unlock(make, colleague.place_id, colleague.user_id)
    made = new_change(make.sheet(SheetState.PASSED), "phone")
    db.session.commit()
    found = made.id, made.sheet_id
    db.session.remove()
    return found


def closes(moment: datetime) -> None:
    """The province moves the end of the window."""
    db.session.query(Window).update({"closes_at": moment})
    db.session.commit()
    db.session.remove()


def outcome_of(change_id: UUID) -> str:
    found = db.session.get_one(Change, change_id).outcome
    db.session.remove()
    return found


def save(desk: Page, sheet_id: UUID, closing: datetime | None = None) -> None:
    """Type a telephone number and press; the window may close in between."""
    desk.goto(f"/staff/entry/sheet/{sheet_id}")
    desk.get_by_label("录入").first.fill("15400001234")
    if closing is not None:
        closes(closing)
    desk.get_by_role("button", name="存，下一个").click()


def test_what_was_typed_stays_when_the_window_closes(ids: tuple[UUID, UUID], opened: Opened) -> None:
    change_id, sheet_id = ids
    desk = opened("desk")
    people.sign_in(desk, "seat")
    save(desk, sheet_id, closing=now() - timedelta(seconds=1))
    expect(desk.locator("h1")).to_have_text("核查时间已过")
    expect(desk.locator("main")).to_contain_text("15400001234")
    assert outcome_of(change_id) == "open"
    closes(now() + timedelta(days=1))
    save(desk, sheet_id)
    expect(desk.locator("main")).to_contain_text("已录")
    assert outcome_of(change_id) == "accepted", "the province has extended the window"
