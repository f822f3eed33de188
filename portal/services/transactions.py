"""The few words screens need about transactions, so that they never touch the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from portal.models import db, set_writing


def only_read(reading: bool) -> None:
    """GET requests read, all others may write: on SQLite these begin with BEGIN IMMEDIATE."""
    set_writing(not reading)


@contextmanager
def reading() -> Iterator[None]:
    """A stretch that only reads and is over at the end: on SQLite it keeps nobody from writing. Commits first."""
    db.session.commit()
    set_writing(False)
    try:
        yield
    finally:
        db.session.rollback()
        set_writing(True)


def undo() -> None:
    """Drop whatever has not been committed."""
    db.session.rollback()
