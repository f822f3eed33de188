"""Working days that an application waits, and when it is overdue."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.clock import day_start
from portal.rules.waiting import DAYS, is_overdue, overdue_before, waited

DAY = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def test_a_weekend_does_not_count() -> None:
    friday = date(2026, 5, 15)
    assert [waited(day_start(friday), friday + timedelta(days=n)) for n in range(5)] == [0, 0, 0, 1, 2]
    assert not is_overdue(day_start(friday), date(2026, 5, 22))
    assert is_overdue(day_start(friday), date(2026, 5, 25))


@given(DAY, st.integers(0, 40))
def test_days_are_counted_one_by_one(day: date, n: int) -> None:
    later = [day + timedelta(days=k) for k in range(1, n + 1)]
    assert waited(day_start(day), day + timedelta(days=n)) == sum(one.weekday() < 5 for one in later)


@given(DAY, st.integers(0, 20))
def test_the_boundary_says_the_same_as_the_count(today: date, n: int) -> None:
    since = day_start(today - timedelta(days=n)) + timedelta(hours=9)
    assert (since < overdue_before(today)) == (waited(since, today) > DAYS)
