"""Verification accounts, key data and counts of a round (R100, R101, R103, R109)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from portal.rules.figures import Measure, contradictions
from portal.rules.items import ITEMS, KEY_DATA
from portal.rules.problems import Problem, problem

SEATS = 20
"""Sign-ins of a school's verification accounts that may be live at once (R100)."""


def check_seat_free(inside: int, seats: int = SEATS) -> list[Problem]:
    """R100: one more may sign in; live sign-ins are counted, not addresses."""
    return [] if inside < seats else [problem("R100", limit=seats)]


def check_account_open(now: datetime, opens: datetime | None, closes: datetime | None) -> list[Problem]:
    """R101: a verification account signs in and saves from `opens` until just before `closes`; all moments aware.

    None stands for a window that has not been planned.
    """
    if opens is None or closes is None or now < opens:
        return [problem("R101.early")]
    return [] if now < closes else [problem("R101")]


def check_maintenance(changed: Collection[str]) -> list[Problem]:
    """R103: maintenance changes anything but key data, whichever way the request came. KeyError for unknown items."""
    return [problem("R103", item) for item in sorted(changed, key=list(ITEMS).index) if item in KEY_DATA]


def check_counts(counts: Mapping[Measure, int]) -> list[Problem]:
    """R109: warnings where more came back than went out, or more was entered than came back."""
    return [
        problem(f"R109.{smaller.value}", found=counts[smaller], wanted=counts.get(larger, 0))
        for smaller, larger in contradictions(dict(counts))
    ]
