"""Several operators at the same moment: one row is one person's, one value wins (threads, SQLite and PostgreSQL)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Change, Pupil, Step, Switch, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import column_entry, entry, finishing
from portal.services.readings import new_change
from tests.make import Make
from tests.photographs import arrive, leaf_of
from tests.services.test_decisions import at_once


@pytest.fixture
def school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Open for entry and unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    return make


def rows(make: Make, count: int) -> list[Change]:
    found = [new_change(make.sheet(SheetState.PASSED, make.pupil(), written=1), "phone") for _ in range(count)]
    db.session.commit()
    return found


def test_of_two_who_save_the_same_row_exactly_one_wins(app: Flask, school: Make) -> None:
    (change,) = rows(school, 1)
    people = [school.actor(Role.OPERATOR, school.school()) for _ in range(4)]
    change_id, version = change.id, change.version
    db.session.rollback()  # this thread must not keep the others from writing
    acts: list[Callable[[], object]] = [
        partial(column_entry.save, who, change_id, version, f"1540000000{n}") for n, who in enumerate(people)
    ]
    ends = at_once(app, acts)
    assert ends.count("done") == 1
    db.session.expire_all()
    saved = db.session.get_one(Change, change_id)
    assert db.session.scalars(select(Pupil)).one().record["phone"] == saved.values["entered"]
    assert [step.by_id for step in db.session.scalars(select(Step).where(Step.thing_id == change_id))] == [
        saved.entered_by_id
    ]


def test_rows_claimed_at_once_are_nobodys_twice(app: Flask, school: Make) -> None:
    rows(school, 50)
    people = [school.actor(Role.OPERATOR, school.school()) for _ in range(3)]
    taken: list[int] = []
    db.session.rollback()

    def take(who: Actor) -> None:
        taken.append(column_entry.claim(who, "phone"))

    at_once(app, [partial(take, who) for who in people])
    db.session.expire_all()
    for who in people:  # whoever was beaten to some rows gets the next ones with another press
        column_entry.claim(who, "phone")
    held = [change.claimed_by_id for change in db.session.scalars(select(Change))]
    assert sorted(held.count(who.user_id) for who in people) == [10, 20, 20]
    assert max(taken) == 20


def test_sheets_are_handed_on_once(app: Flask, school: Make) -> None:
    sheet = school.sheet(SheetState.ISSUED, school.pupil())
    arrive(sheet, leaf_of(sheet), written=("phone",))
    sheet.state = SheetState.PASSED
    db.session.commit()
    who, (change,) = school.actor(Role.OPERATOR, school.school()), sheet.changes
    column_entry.save(who, change.id, change.version, "15400001234")
    handed: list[int] = []
    db.session.rollback()
    at_once(app, [lambda: handed.append(finishing.hand_on(who).whole) for _ in range(3)])
    assert sum(handed) == 1
