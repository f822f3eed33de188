"""The geometry of a trend picture."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from portal.web import trend

WORDS = {"today": "今天", "deadline": "截止", "whole": "应核"}
SPAN = (date(2026, 5, 1), date(2026, 5, 11))


def chart(counts: list[int], ahead: list[tuple[float, float, float]] | None = None, whole: int = 100) -> trend.Chart:
    return trend.draw(SPAN, whole, [trend.Series("收到", counts, ahead or [])], WORDS)


def test_nothing_lies_on_the_floor_and_the_whole_below_the_top() -> None:
    drawn = chart([0, 100])
    assert drawn.lines[0].path.startswith(f"M{trend.LEFT}.0 {trend.BOTTOM}.0L")
    assert drawn.lines[0].y == drawn.whole.y > trend.TOP


def test_today_is_the_last_day_counted_and_the_deadline_the_right_edge() -> None:
    (today, _), (deadline, _) = chart([1] * 6).uprights
    assert today == (trend.LEFT + trend.RIGHT) / 2
    assert deadline == trend.RIGHT


def test_the_forecast_begins_where_the_line_ends() -> None:
    line = chart([10, 20], [(21, 25, 30)]).lines[0]
    assert line.ahead.startswith(f"M{line.x} {line.y}L")
    assert line.band.endswith("Z")
    assert chart([10, 20]).lines[0].ahead == ""


@given(st.integers(1, 20_000_000))
def test_levels_are_few_round_and_begin_at_nothing(most: int) -> None:
    levels = trend.levels(most)
    assert levels[0] == 0
    assert len(levels) <= 6
    assert levels[-1] <= most


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=11), st.integers(0, 4000))
def test_everything_stays_inside_the_box(counts: list[int], whole: int) -> None:
    drawn = chart(counts, whole=whole)
    assert trend.TOP <= drawn.lines[0].y <= trend.BOTTOM
    assert trend.LEFT <= drawn.lines[0].x <= trend.RIGHT
