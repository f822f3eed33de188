"""The finish forecast: the pace of the last seven full days, and what can be said when there is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.forecast import Forecast, Outlook, ahead, forecast, pace_of

TODAY = date(2026, 5, 22)
DEADLINE = date(2026, 6, 12)


def end(have: int, gains: list[int], whole: int = 1000, today: date = TODAY) -> Forecast:
    return forecast(have, whole, gains, today, DEADLINE)


def test_at_an_even_pace_the_last_one_comes_in_so_many_days_from_now() -> None:
    found = end(300, [50] * 7 + [20])
    assert (found.outlook, found.day, found.margin) == (Outlook.IN_TIME, TODAY + timedelta(days=14), 7)


def test_the_day_of_the_deadline_is_in_time_and_the_day_after_is_late() -> None:
    assert end(160, [40] * 8).margin == 0
    late = end(159, [40] * 8)
    assert (late.outlook, late.margin) == (Outlook.LATE, -1)


def test_what_it_takes_to_be_in_time_counts_today_and_the_deadline() -> None:
    assert end(780, [1] * 8).needed == 10, "220 in 22 days"
    assert end(779, [1] * 8).needed == 11


def test_today_is_not_over_and_says_nothing() -> None:
    assert end(300, [50] * 7 + [0]).day == end(300, [50] * 7 + [400]).day


@pytest.mark.parametrize("weekday", range(7))
def test_a_quiet_weekend_is_in_every_forecast_once(weekday: int) -> None:
    """The same pace on a Monday morning as on a Friday: a week has one weekend, whenever it begins."""
    week = [60, 60, 60, 60, 60, 5, 5]
    gains = [60, *(week * 3)[weekday : weekday + 13], 0]
    pace = pace_of(gains)
    assert pace is not None
    assert pace.mean == pytest.approx(310 / 7)


@pytest.mark.parametrize("gains", [[], [5], [0] * 20, [0, 0, 5, 5, 5], [0, 9, 9, 0]])
def test_before_three_full_days_nobody_can_say(gains: list[int]) -> None:
    found = end(14, gains)
    assert (found.outlook, found.day, found.pace) == (Outlook.TOO_EARLY, None, None)
    assert found.needed > 0


def test_days_before_the_first_one_came_in_slow_nothing_down() -> None:
    assert pace_of([0] * 10 + [40, 40, 40, 7]) == pace_of([40, 40, 40, 7])


def test_a_week_without_anything_is_a_standstill() -> None:
    found = end(300, [100, 100, 100] + [0] * 8)
    assert (found.outlook, found.day) == (Outlook.STANDSTILL, None)
    assert end(300, [100] * 3 + [0] * 6 + [-1, 0]).outlook == Outlook.STANDSTILL, "corrections only"


def test_when_all_is_in_there_is_nothing_to_forecast() -> None:
    assert end(1000, [50] * 8).outlook == Outlook.FINISHED
    assert end(1001, [50] * 8, today=DEADLINE + timedelta(days=9)).outlook == Outlook.FINISHED
    assert end(0, [0] * 8, whole=0).outlook == Outlook.NOTHING


def test_after_the_deadline_no_promise_is_made() -> None:
    assert end(300, [50] * 8, today=DEADLINE + timedelta(days=1)).outlook == Outlook.OVER
    assert end(300, [50] * 8, today=DEADLINE).outlook == Outlook.LATE


def test_an_end_beyond_ten_years_has_no_day() -> None:
    found = forecast(1, 10**7, [0, 1, 0, 0, 1, 0, 0], TODAY, DEADLINE)
    assert (found.outlook, found.day) == (Outlook.LATE, None)


def test_the_band_holds_the_likely_line_and_never_passes_what_is_to_come() -> None:
    days = ahead(900, 1000, pace_of([10, 30, 20, 40, 10, 30, 20, 0]), 10)
    assert all(slow <= likely <= fast <= 1000 for slow, likely, fast in days)
    assert days[0][0] < days[0][1] < days[0][2]
    assert days[-1][1] == 1000
    assert ahead(10, 1000, None, 5) == ahead(1000, 1000, pace_of([5] * 8), 5) == []


@given(st.integers(0, 5000), st.integers(0, 5000), st.lists(st.integers(-3, 400), max_size=40))
def test_a_forecast_agrees_with_itself(have: int, whole: int, gains: list[int]) -> None:
    found = end(have, gains, whole)
    if found.day is not None:
        assert found.margin == (DEADLINE - found.day).days
        assert (found.outlook == Outlook.IN_TIME) == (found.margin >= 0)
        assert found.day > TODAY
