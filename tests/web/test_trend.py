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
    today, deadline = chart([1] * 6).uprights
    assert today.x == (trend.LEFT + trend.RIGHT) / 2
    assert deadline.x == trend.RIGHT


def test_after_the_deadline_the_picture_goes_on_until_today() -> None:
    today, deadline = chart([1] * 21).uprights
    assert today.x == trend.RIGHT
    assert deadline.x == (trend.LEFT + trend.RIGHT) / 2


def test_words_of_today_and_the_deadline_stand_clear_of_each_other() -> None:
    apart, close = chart([1] * 2).uprights, chart([1] * 11).uprights
    assert apart[0].label_y == apart[1].label_y
    assert close[0].label_y < close[1].label_y


def test_the_day_on_which_all_is_in_is_marked_when_it_is_inside_the_picture() -> None:
    ahead = [(70.0, 80.0, 90.0), (80.0, 100.0, 100.0)]
    words = WORDS | {"end": "5/4 收齐"}
    drawn = trend.draw(SPAN, 100, [trend.Series("收到", [10, 60], ahead)], words)
    assert drawn.end == (trend.Box(*SPAN, 100).x(date(2026, 5, 4)), drawn.whole.y, "5/4 收齐")
    assert chart([10, 60], ahead[:1]).end is None


@given(st.lists(st.integers(0, 100), min_size=1, max_size=11))
def test_a_line_is_named_inside_the_picture(counts: list[int]) -> None:
    line = chart(counts).lines[0]
    room = line.label_x - trend.ROOM if line.anchor == "end" else line.label_x + trend.ROOM
    assert 0 <= room <= trend.WIDTH
    assert line.label_y <= trend.BOTTOM + 20


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
