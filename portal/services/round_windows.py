"""When the two switches of a round are open at a school (A2, A4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.models import Place, Round, Switch
from portal.rules.clock import local, now
from portal.services import rounds


@dataclass(frozen=True)
class WindowView:
    """When a switch is open here."""

    opens_at: datetime
    closes_at: datetime

    @property
    def is_open(self) -> bool:
        return self.opens_at <= now() < self.closes_at

    @property
    def last_day(self) -> date:
        """The last day on which it is open, in Shanghai."""
        return local(self.closes_at - timedelta(microseconds=1)).date()

    @property
    def is_past(self) -> bool:
        return self.closes_at <= now()


def window_of(found: Round, school: Place, switch: Switch) -> WindowView | None:
    """The window of a switch that holds for a school; None while none is planned."""
    window = rounds.window_of(found.id, school.path, switch)
    return WindowView(window.opens_at, window.closes_at) if window else None
