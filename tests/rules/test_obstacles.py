"""What stands still: only what waited all the time counts, and only after its patience is over."""

from __future__ import annotations

from datetime import date, timedelta

from portal.rules.figures import Measure
from portal.rules.obstacles import Flow, Obstacle, stuck_in

TODAY = date(2026, 5, 22)
M = Measure


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def flow(days: dict[Measure, dict[int, int]]) -> Flow:
    """From what each day added, by days ago; readable follows received."""
    counts = {measure: sum(added.values()) for measure, added in days.items()}
    gains = {(measure, ago(n)): gain for measure, added in days.items() for n, gain in added.items()}
    return Flow(
        counts | {M.READABLE: counts.get(M.RECEIVED, 0)},
        gains,
        {measure: ago(max(added)) for measure, added in days.items()},
        {measure: ago(min(added)) for measure, added in days.items()},
    )


def found(days: dict[Measure, dict[int, int]], entry_open: bool = True) -> dict[Obstacle, tuple[int, date]]:
    return {one.obstacle: (one.count, one.since) for one in stuck_in(flow(days), TODAY, entry_open)}


def test_nothing_received_for_more_than_five_days() -> None:
    assert found({M.ISSUED: {9: 40}}) == {Obstacle.NOTHING_RECEIVED: (40, ago(9))}
    assert found(
        {M.ISSUED: {9: 40}, M.RECEIVED: {6: 15}, M.CHECKED: {5: 15}, M.ENTERED: {4: 15}, M.VERIFIED: {3: 15}}
    ) == {Obstacle.NOTHING_RECEIVED: (25, ago(6))}
    assert Obstacle.NOTHING_RECEIVED not in found({M.ISSUED: {9: 40}, M.RECEIVED: {5: 15}})


def test_what_was_handed_out_lately_is_not_missing_yet() -> None:
    assert found({M.ISSUED: {5: 40}}) == {}
    assert found({M.ISSUED: {9: 10, 2: 30}}) == {Obstacle.NOTHING_RECEIVED: (10, ago(9))}


def test_what_came_in_lately_does_not_wait_unseen() -> None:
    """All seen by day 8, new ones since yesterday: nobody is late."""
    done = {M.ISSUED: {9: 9}, M.RECEIVED: {9: 5, 1: 4}, M.CHECKED: {8: 5}, M.ENTERED: {7: 5}, M.VERIFIED: {6: 5}}
    assert found(done) == {}


def test_sheets_wait_for_the_teacher_for_more_than_three_days() -> None:
    assert found({M.ISSUED: {9: 5}, M.RECEIVED: {9: 5}}) == {Obstacle.NOT_LOOKED_AT: (5, ago(9))}
    assert found({M.ISSUED: {9: 5}, M.RECEIVED: {9: 5}, M.CHECKED: {3: 1}}) == {}, "still at it"


def test_entry_counts_only_while_it_is_open() -> None:
    waiting = {M.ISSUED: {9: 5}, M.RECEIVED: {9: 5}, M.CHECKED: {7: 5}}
    assert found(waiting) == {Obstacle.NOT_ENTERED: (5, ago(7))}
    assert found(waiting, entry_open=False) == {}


def test_the_leader_is_waited_for_last() -> None:
    waiting = {M.ISSUED: {9: 5}, M.RECEIVED: {9: 5}, M.CHECKED: {8: 5}, M.ENTERED: {7: 5}, M.VERIFIED: {6: 2}}
    assert found(waiting) == {Obstacle.NOT_SIGNED_OFF: (3, ago(6))}
