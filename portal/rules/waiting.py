"""How long an application may wait for a decision before it counts as overdue."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.rules.clock import day_start, local
from portal.rules.tickets import is_working

#: Working days. Families read "about 5 working days" when their application reaches the authority; a window of a round
#: lasts some weeks and each application has two decisions, with a second try after a refusal.
DAYS = 5


def waited(since: datetime, today: date) -> int:
    """Working days (Shanghai) that have passed since a moment; the day itself does not count."""
    day, count = local(since).date(), 0
    whole, rest = divmod(max(0, (today - day).days), 7)
    for n in range(1, rest + 1):
        count += is_working(day + timedelta(days=n))
    return whole * 5 + count


def is_overdue(since: datetime, today: date) -> bool:
    """True once more than `DAYS` working days have passed."""
    return waited(since, today) > DAYS


def overdue_before(today: date) -> datetime:
    """What has waited since before this moment (UTC) is overdue on this day."""
    day = today
    while waited(day_start(day), today) <= DAYS:
        day -= timedelta(days=1)
    return day_start(day + timedelta(days=1))
