"""For how long a leader's decision can be taken back before it takes effect (domain G3, G6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

UNDO_FOR = timedelta(minutes=10)


def due_at(decided_at: datetime) -> datetime:
    """The moment from which a decision holds; aware, as `decided_at`."""
    return decided_at + UNDO_FOR


def can_undo(due: datetime, moment: datetime) -> bool:
    """True until just before the decision is due."""
    return moment < due


def minutes_left(due: datetime, moment: datetime) -> int:
    """Whole minutes until a decision is due, rounded up; 0 from that moment on."""
    return max(0, ceil((due - moment) / timedelta(minutes=1)))
