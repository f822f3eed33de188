"""Wrong tries at something guessable: written before they are judged, slowed per thing, never per address (sec-A1)."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from sqlalchemy import func, select

from portal.models import Try, db, keyring
from portal.rules.clock import now
from portal.services.refusals import Wait

#: wrong tries at one thing before each further one must wait, and before only the class teacher can help
COOLS_AFTER = 10
ENDS_AFTER = 20
COOLING = timedelta(minutes=15)


def begin(kind: str, thing: str, cooling: str, ended: str) -> Try:
    """Write a try at `thing`, so that parallel ones cannot slip through, and return it as failed. Commits.

    Raises `Wait` with one of the two sentences when it comes too soon; it is then not judged and not counted.
    """
    attempt = Try(kind=kind, bucket=keyring().blind(f"try.{kind}", thing))
    db.session.add(attempt)
    db.session.commit()
    _slow_down(attempt, cooling, ended)
    return attempt


def right(attempt: Try) -> None:
    """The try was right after all. Commits."""
    attempt.failed = False
    db.session.commit()


def _slow_down(attempt: Try, cooling: str, ended: str) -> None:
    others = (Try.bucket == attempt.bucket, Try.kind == attempt.kind, Try.failed, Try.id != attempt.id)
    wrong, last = db.session.execute(select(func.count(), func.max(Try.at)).where(*others)).one()
    left = last + COOLING - now() if wrong >= COOLS_AFTER else timedelta(0)
    if wrong < ENDS_AFTER and left <= timedelta(0):
        return
    db.session.delete(attempt)
    db.session.commit()
    if wrong >= ENDS_AFTER:
        raise Wait(ended, minutes=0)
    raise Wait(cooling, minutes=ceil(left.total_seconds() / 60))
