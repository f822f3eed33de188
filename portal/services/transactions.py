"""The few words screens need about transactions, so that they never touch the models."""

from __future__ import annotations

from portal.models import db, set_writing


def only_read(reading: bool) -> None:
    """GET requests read, all others may write: on SQLite these begin with BEGIN IMMEDIATE."""
    set_writing(not reading)


def undo() -> None:
    """Drop whatever has not been committed."""
    db.session.rollback()
