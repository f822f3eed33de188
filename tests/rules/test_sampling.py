"""The draw of sheets with nothing written, and the interval of what is missed."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.sampling import TOP, Measured, drawn, rank, wilson

ROUND = UUID(int=7)
SHEETS = [uuid5(ROUND, str(n)) for n in range(2000)]


def ranks(key: bytes = b"k" * 32, n: int = 2000) -> dict[UUID, int]:
    return {sheet: rank(key, ROUND, sheet) for sheet in SHEETS[:n]}


def test_the_rank_is_keyed_even_and_always_the_same() -> None:
    assert ranks() == ranks()
    assert ranks() != ranks(b"x" * 32)
    assert rank(b"k" * 32, UUID(int=8), SHEETS[0]) != ranks()[SHEETS[0]]
    assert all(0 <= place < TOP for place in ranks().values())
    share = len(drawn(ranks(), {}, 0, 5)) / 2000
    assert 0.03 < share < 0.07


def test_at_least_one_of_a_class_and_more_after_a_miss() -> None:
    places = {SHEETS[n]: TOP // 2 + n for n in range(10)}
    assert drawn(places, {}, 0, 5) == {SHEETS[0]}
    rest = {one: place for one, place in places.items() if one != SHEETS[0]}
    assert drawn(rest, {SHEETS[0]: places[SHEETS[0]]}, 0, 5) == frozenset(), "one has been looked at"
    assert drawn(rest, {SHEETS[0]: places[SHEETS[0]]}, 1, 5) == {SHEETS[1], SHEETS[2]}
    assert drawn(places, {}, 0, 100) == set(places)
    assert drawn({}, {}, 3, 100) == frozenset()


@given(st.sets(st.integers(0, 1999), min_size=1, max_size=60), st.integers(1, 100))
def test_a_sheet_inside_the_share_stays_drawn_whoever_comes(numbers: set[int], percent: int) -> None:
    everyone = ranks()
    few = {SHEETS[n]: everyone[SHEETS[n]] for n in numbers}
    line = TOP * percent // 100
    assert {one for one, place in few.items() if place < line} <= drawn(few, {}, 0, percent)
    assert drawn(few, {}, 0, percent)
    assert drawn(few, {}, 0, percent) == drawn(dict(reversed(few.items())), {}, 0, percent)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 20, 0.0, 0.1611), (1, 40, 0.0044, 0.1288), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)],
)
def test_the_interval(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=0.0001)


def test_nothing_looked_at_says_nothing() -> None:
    assert (Measured(0, 0).rate, Measured(0, 0).interval) == (0.0, (0.0, 1.0))
    assert Measured(40, 1).rate == 0.025
