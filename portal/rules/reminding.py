"""When a family may be reminded: at most once a day and three times a round, never late or early (own cap)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from portal.rules.clock import local
from portal.rules.words import N_

A_ROUND = 3
QUIET_FROM = time(21, 0)
QUIET_UNTIL = time(8, 0)


class NotNow(StrEnum):
    """Why a child is not reminded now."""

    TODAY = "today"
    ENOUGH = "enough"

    @property
    def label(self) -> str:
        return _WORDS[self]


_WORDS = {NotNow.TODAY: N_("今天提醒过了"), NotNow.ENOUGH: N_("这一轮提醒满 3 次了，请换个办法")}


def why_not(reminded: int, reminded_at: datetime | None, moment: datetime) -> NotNow | None:
    """Why this child is not reminded at `moment` (aware), or None when it may be: one a Shanghai day, three a round."""
    if reminded >= A_ROUND:
        return NotNow.ENOUGH
    if reminded_at is not None and local(reminded_at).date() == local(moment).date():
        return NotNow.TODAY
    return None


def quiet_until(moment: datetime) -> datetime | None:
    """The end of the quiet hours that `moment` (aware) lies in, from 21:00 to 8:00 in Shanghai; None by day."""
    here = local(moment)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= QUIET_FROM else here.date()
    return datetime.combine(day, QUIET_UNTIL, here.tzinfo)
