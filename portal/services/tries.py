"""Wrong tries at something guessable: written before they are judged, slowed per thing, never per address (sec-A1)."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from portal.models import Try, db, keyring
from portal.rules.clock import now
from portal.services.refusals import Wait

#: wrong tries at one thing before each further one must wait, and before only the class teacher can help
COOLS_AFTER = 10
ENDS_AFTER = 20
COOLING = timedelta(minutes=15)
#: clocks of several servers differ by less; a try that seems later was made before the clock was put back
AHEAD = timedelta(minutes=2)


def begin(kind: str, thing: str, cooling: str, ended: str) -> Try:
    """Write a try at `thing`, so that parallel ones cannot slip through, and return it as failed. Commits.

    Raises `Wait` with one of the two sentences when it comes too soon; it is then not judged and not counted.
    """
    attempt = Try(kind=kind, bucket=bucket_of(kind, thing))
    own = attempt.id
    db.session.add(attempt)
    db.session.commit()
    minutes = minutes_to_wait(kind, thing, own)
    if minutes:
        over = is_ended(kind, thing, own)
        db.session.delete(attempt)
        db.session.commit()
        raise Wait(ended, minutes=0) if over else Wait(cooling, minutes=minutes)
    return attempt


def right(attempt: Try) -> None:
    """The try was right after all. Commits."""
    attempt.failed = False
    db.session.commit()


def since(span: timedelta) -> ColumnElement[bool]:
    """The condition that a try was made within this time. What was written while the clock was ahead counts no more
    once that is put right: nobody waits for a day that never was."""
    moment = now()
    return (Try.at > moment - span) & (Try.at <= moment + AHEAD)


def bucket_of(kind: str, thing: str) -> bytes:
    """A keyed hash, never the thing itself."""
    return keyring().blind(f"try.{kind}", thing)


def minutes_to_wait(kind: str, thing: str, own: UUID | None = None) -> int:
    """How long a further try at a thing comes too soon; 0: it may be judged. `own` is the row of that try. A thing
    whose tries are used up cools for ever."""
    wrong, last = _wrong(kind, thing, own)
    if wrong >= ENDS_AFTER:
        return int(COOLING.total_seconds()) // 60
    if wrong < COOLS_AFTER:
        return 0
    return max(0, ceil((last + COOLING - now()).total_seconds() / 60))


def is_ended(kind: str, thing: str, own: UUID | None = None) -> bool:
    """True when the tries at a thing are used up: only a new code helps."""
    return _wrong(kind, thing, own)[0] >= ENDS_AFTER


def _wrong(kind: str, thing: str, own: UUID | None) -> tuple[int, Any]:
    at_it = (Try.bucket == bucket_of(kind, thing), Try.kind == kind, Try.failed)
    others = (*at_it, Try.id != own) if own is not None else at_it
    moment = now()
    last = func.max(case((Try.at <= moment + AHEAD, Try.at)))
    found = db.session.execute(select(func.count(), last).where(*others)).one()
    return found[0], found[1] or moment - COOLING
