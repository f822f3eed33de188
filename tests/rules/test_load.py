"""The load of a calendar: spread over each window, crowded where places meet, and the move that helps most."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.rules.load import Stay, crowds, loads, proposal, shown


def stay(place: str, first: int, last: int, pupils: int = 1000, switch: str = "entry") -> Stay:
    return Stay(place, switch, first, last, pupils)


def test_a_window_brings_everybody_once_spread_over_its_days() -> None:
    assert loads([stay("a", 2, 5)], 8) == [0, 0, 250, 250, 250, 250, 0, 0]


def test_windows_that_meet_add_up() -> None:
    assert loads([stay("a", 0, 1), stay("b", 1, 2, 100)], 3) == [500, 550, 50]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20), st.integers(0, 10**6)), max_size=12))
def test_nobody_is_lost(windows: list[tuple[int, int, int]]) -> None:
    stays = [stay(str(n), first, first + length, pupils) for n, (first, length, pupils) in enumerate(windows)]
    assert sum(loads(stays, 60)) == pytest.approx(sum(one.pupils for one in stays), abs=0.01)


def test_what_lies_outside_the_calendar_is_left_out() -> None:
    assert loads([stay("a", -2, 1, 400)], 2) == [100, 100]
    assert loads([stay("a", 9, 12)], 5) == [0] * 5


def test_a_part_of_a_child_is_a_child() -> None:
    assert [shown(n) for n in (0.0, 0.2, 3.0, 3.0000001)] == [0, 1, 3, 3]


def test_days_on_which_places_meet_are_crowded_and_say_which() -> None:
    found = crowds([stay("a", 0, 9), stay("b", 8, 17), stay("c", 40, 49)], 50)
    assert [(crowd.first, crowd.last, crowd.most, crowd.places) for crowd in found] == [(8, 9, 200, ("a", "b"))]


def test_one_place_alone_is_never_crowded() -> None:
    assert crowds([stay("a", 0, 0, 9000), stay("b", 5, 30, 100)], 40) == []
    assert crowds([], 10) == []


def test_the_move_that_lowers_the_peak_most_is_the_shortest_that_does() -> None:
    best = proposal([stay("a", 0, 9), stay("b", 8, 17)], 30, tomorrow=5)
    assert best is not None
    assert (best.stay.place, best.days, best.most) == ("b", 2, 100)


def test_a_window_that_has_begun_is_not_moved() -> None:
    assert proposal([stay("a", 0, 9), stay("b", 8, 17)], 30, tomorrow=9) is None


def test_nothing_is_proposed_beyond_the_calendar_or_for_next_to_nothing() -> None:
    assert proposal([stay("a", 0, 9), stay("b", 8, 17)], 18, tomorrow=8) is None
    assert proposal([stay("a", 0, 9), stay("b", 8, 17, 10)], 30, tomorrow=5) is None


@example([(0, 3, 1), (3, 1, 1)])
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 15), st.integers(1, 5000)), max_size=8))
def test_a_proposal_keeps_its_promise(windows: list[tuple[int, int, int]]) -> None:
    stays = [stay(str(n), first, first + length, pupils) for n, (first, length, pupils) in enumerate(windows)]
    best = proposal(stays, 40, tomorrow=3)
    if best is not None:
        moved = [one.moved(best.days) if one == best.stay else one for one in stays]
        assert shown(max(loads(moved, 40))) == best.most < max(loads(stays, 40))


def test_thirds_of_children_do_not_hide_a_crowd() -> None:
    """Exactly one and a half times the mean is crowded, also where it is no round number."""
    assert [(one.first, one.last) for one in crowds([stay("a", 0, 5, 4), stay("b", 3, 8, 4)], 20)] == [(3, 5)]
