"""The calendar holds what decides for the own place, no other prefecture's days (A1, R130)."""

from __future__ import annotations

import pytest

from portal.rules.roles import Level, Role
from portal.services import windows
from tests.make import Make


@pytest.mark.parametrize("level", [Level.PREFECTURE, Level.SCHOOL], ids=["a prefecture", "a school"])
def test_days_of_another_prefecture_are_not_in_the_calendar(make: Make, level: Level) -> None:
    other = make.prefecture("990200", "另一市教育局")
    make.window(make.prefecture()), make.window(other)
    place = make.prefecture() if level == Level.PREFECTURE else make.school()
    shown = {row.place_id for row in windows.calendar_of(make.actor(Role.REGISTRAR, place)).places}
    assert make.prefecture().id in shown
    assert other.id not in shown
