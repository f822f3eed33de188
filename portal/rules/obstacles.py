"""What a place is stuck on: named by the obstacle, never by a rate (look section 3, needs-help list)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.rules.figures import Measure

#: the list is no longer
MOST_SHOWN = 7


class Obstacle(StrEnum):
    """What does not go on, in the order in which a sheet meets it."""

    NOT_UNLOCKED = "not_unlocked"
    NOT_HANDED_OUT = "not_handed_out"
    NOTHING_RECEIVED = "nothing_received"
    NOT_LOOKED_AT = "not_looked_at"
    NOT_ENTERED = "not_entered"
    NOT_SIGNED_OFF = "not_signed_off"


#: days each may take before it counts as stuck
PATIENCE = {
    Obstacle.NOT_UNLOCKED: 2,
    Obstacle.NOT_HANDED_OUT: 2,
    Obstacle.NOTHING_RECEIVED: 5,
    Obstacle.NOT_LOOKED_AT: 3,
    Obstacle.NOT_ENTERED: 3,
    Obstacle.NOT_SIGNED_OFF: 3,
}

#: obstacle -> (what has been done, what should follow)
_STEPS = {
    Obstacle.NOTHING_RECEIVED: (Measure.ISSUED, Measure.RECEIVED),
    Obstacle.NOT_LOOKED_AT: (Measure.READABLE, Measure.CHECKED),
    Obstacle.NOT_ENTERED: (Measure.CHECKED, Measure.ENTERED),
    Obstacle.NOT_SIGNED_OFF: (Measure.ENTERED, Measure.VERIFIED),
}
#: measures that have days
_DAYS_OF = {Measure.READABLE: Measure.RECEIVED}


@dataclass(frozen=True)
class Flow:
    """Facts of one place: its counts, what each of the last days added, and the first and last day of each measure."""

    counts: Mapping[Measure, int]
    gains: Mapping[tuple[Measure, date], int] = field(default_factory=dict)
    first: Mapping[Measure, date] = field(default_factory=dict)
    last: Mapping[Measure, date] = field(default_factory=dict)

    def lately(self, measure: Measure, today: date, days: int) -> int:
        """What today and the `days` days before it added."""
        return sum(self.gains.get((measure, today - timedelta(days=n)), 0) for n in range(days + 1))


@dataclass(frozen=True)
class Stuck:
    """An obstacle with how many wait longer than its patience, and the day since which nothing moved."""

    obstacle: Obstacle
    count: int
    since: date


def stuck_in(flow: Flow, today: date, entry_open: bool = True) -> list[Stuck]:
    """The steps that stand still although something waited for them all the time; entry only while it is open."""
    found = []
    for obstacle, (before, after) in _STEPS.items():
        if obstacle in (Obstacle.NOT_ENTERED, Obstacle.NOT_SIGNED_OFF) and not entry_open:
            continue
        days, came = PATIENCE[obstacle], _DAYS_OF.get(before, before)
        waiting = flow.counts.get(before, 0) - flow.lately(came, today, days) - flow.counts.get(after, 0)
        moved = flow.last.get(after)
        since = max(filter(None, (moved, flow.first.get(came))), default=None)
        if waiting > 0 and since is not None and (moved is None or (today - moved).days > days):
            found.append(Stuck(obstacle, waiting, since))
    return found
