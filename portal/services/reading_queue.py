"""Photos that wait to be read. The row itself is the queue: whoever reads takes a lease, and gives it back unread.

A try that came to nothing is counted: after a pause that grows, so that all others are read first, there is another;
the last one condemns the photo.
"""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, or_, select, update

from portal.models import Photo, db
from portal.rules.clock import now
from portal.services import transactions
from portal.services.history import record

log = logging.getLogger(__name__)

MOST_TRIES = 3
LEASE = timedelta(seconds=60)
#: times the tries so far
PAUSE = timedelta(seconds=15)
#: no lease or pause is longer: one that seems to be was given before the clock was put back
_NEVER_LONGER = timedelta(minutes=10)


def take() -> Photo | None:
    """The photo that has waited longest, leased to the caller by one conditional update. Commits."""
    while True:
        moment = now()
        due = or_(Photo.lease_until <= moment, Photo.lease_until > moment + _NEVER_LONGER)
        free = (Photo.outcome == "waiting", due)
        longest = select(Photo.id).where(*free).order_by(Photo.lease_until).limit(1)
        with transactions.reading():
            photo_id: UUID | None = db.session.scalar(longest)
        if photo_id is None:
            return None
        leased = update(Photo).where(Photo.id == photo_id, *free).values(lease_until=moment + LEASE)
        taken = cast(CursorResult[Any], db.session.execute(leased)).rowcount
        db.session.commit()
        if taken:
            return db.session.get(Photo, photo_id)


def leave(photo: Photo, pause: timedelta = timedelta(0)) -> Photo:
    """Not read now: the worker takes it up, after a pause. Commits."""
    photo.lease_until = now() + pause
    db.session.commit()
    return photo


def tried(photo: Photo, error: Exception) -> Photo:
    """Reading it, or keeping the reading, raised: to be tried again until it has been tried enough. Commits."""
    db.session.rollback()
    log.warning("a photo was not read: %s", _place(error))
    db.session.refresh(photo, with_for_update=True)
    if photo.outcome != "waiting":
        db.session.rollback()
        return photo
    photo.tries += 1
    return condemn(photo) if photo.tries >= MOST_TRIES else leave(photo, photo.tries * PAUSE)


def condemn(photo: Photo) -> Photo:
    """It cannot be read: its sender is asked for another one. Commits."""
    photo.outcome = "unusable"
    record(None, photo, "READ_PHOTO", photo.school_id, outcome=photo.outcome)
    db.session.commit()
    return photo


def _place(error: Exception) -> str:
    """Type and place of an error; its text may quote what was read."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
