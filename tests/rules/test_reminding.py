"""How often and when a family is reminded, and for how long a decision can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal.rules.clock import SHANGHAI
from portal.rules.reminding import NotNow, quiet_until, why_not
from portal.rules.undoing import UNDO_FOR, can_undo, due_at, minutes_left


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("reminded", "last", "moment", "why"),
    [
        (0, None, "2026-05-20 08:00", None),
        (1, "2026-05-20 08:00", "2026-05-20 20:59", NotNow.TODAY),
        (1, "2026-05-20 20:59", "2026-05-21 08:00", None),
        (2, "2026-05-20 23:30", "2026-05-21 00:10", None),
        (3, "2026-05-01 12:00", "2026-05-20 12:00", NotNow.ENOUGH),
        (3, "2026-05-20 08:00", "2026-05-20 12:00", NotNow.ENOUGH),
    ],
)
def test_once_a_day_and_three_times_a_round(reminded: int, last: str | None, moment: str, why: NotNow | None) -> None:
    assert why_not(reminded, at(last) if last else None, at(moment)) == why


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-05-20 07:59", "2026-05-20 08:00"),
        ("2026-05-20 08:00", None),
        ("2026-05-20 20:59", None),
        ("2026-05-20 21:00", "2026-05-21 08:00"),
        ("2026-05-21 00:00", "2026-05-21 08:00"),
    ],
)
def test_nights_are_quiet(moment: str, until: str | None) -> None:
    assert quiet_until(at(moment)) == (at(until) if until else None)


def test_a_decision_can_be_taken_back_for_ten_minutes() -> None:
    decided = at("2026-05-20 10:00")
    due = due_at(decided)
    assert due - decided == UNDO_FOR == timedelta(minutes=10)
    assert can_undo(due, due - timedelta(seconds=1))
    assert not can_undo(due, due)
    left = [minutes_left(due, decided + timedelta(seconds=s)) for s in (0, 1, 541, 600, 700)]
    assert left == [10, 10, 1, 0, 0]
