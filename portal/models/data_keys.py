"""Data keys: one per place and round (or per place outside rounds), wrapped by the key file outside the database.

Deleting the row of a finished round makes its photos and corrections unreadable, also in old backups.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import LargeBinary, String, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.keys import Keyring
from portal.models.base import Base, db
from portal.rules.clock import now

_PENDING = "new_data_keys"


class DataKey(Base):
    """A wrapped data key; `number` stands in the head of everything sealed with it."""

    __tablename__ = "data_key"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    scope: Mapped[str] = mapped_column(String(65), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=now)


class Deployment(Base):
    """The one row that tells which key file this database belongs to: another one is refused before anything is
    written (sec-A49)."""

    __tablename__ = "deployment"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    key_check: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(default=now)


def keyring() -> Keyring:
    """The application's keyring."""
    ring: Keyring = current_app.extensions["portal.keyring"]
    return ring


def scope_of(place_id: UUID, round_id: UUID | None) -> str:
    """The text a data key is bound to."""
    return f"{place_id.hex}:{round_id.hex if round_id else '-'}"


def _cache() -> dict[Any, tuple[int, bytes]]:
    cache: dict[Any, tuple[int, bytes]] = current_app.extensions.setdefault("portal.data_keys", {})
    return cache


def key_for(place_id: UUID, round_id: UUID | None = None) -> tuple[int, bytes]:
    """(number, key) of a scope; made in the caller's transaction when it is the first use."""
    scope = scope_of(place_id, round_id)
    pending = db.session.info.setdefault(_PENDING, {})
    known = _cache().get(scope) or pending.get(scope)
    if known:
        return known
    with db.session.no_autoflush:
        row = db.session.scalar(select(DataKey).where(DataKey.scope == scope))
        if row is not None:
            return _remember(row, keyring().unwrap(row.wrapped, row.number, row.scope))
        return _make(scope, pending)


def _make(scope: str, pending: dict[Any, tuple[int, bytes]]) -> tuple[int, bytes]:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    made = insert(DataKey).values(scope=scope, wrapped=b"", made_at=now()).on_conflict_do_nothing()
    number = db.session.scalar(made.returning(DataKey.number))
    if number is None:  # another transaction was first, and has committed by now
        row = db.session.scalars(select(DataKey).where(DataKey.scope == scope)).one()
        return _remember(row, keyring().unwrap(row.wrapped, row.number, row.scope))
    key, wrapped = keyring().new_data_key(number, scope)
    db.session.execute(update(DataKey).where(DataKey.number == number).values(wrapped=wrapped))
    pending[scope] = pending[number] = (number, key)
    return pending[scope]


def kept_key(place_id: UUID, round_id: UUID | None = None) -> bytes:
    """The key of a scope that has been used; raises KeyError when there is none, or when the round was shredded."""
    scope = scope_of(place_id, round_id)
    if scope not in _cache() and scope not in db.session.info.get(_PENDING, {}):
        with db.session.no_autoflush:
            if db.session.scalar(select(DataKey.number).where(DataKey.scope == scope)) is None:
                raise KeyError(f"the data key of {scope} is gone")
    return key_for(place_id, round_id)[1]


def key_numbered(number: int) -> bytes:
    """The key with this number; raises KeyError when it has been deleted (the round was shredded)."""
    pending = db.session.info.setdefault(_PENDING, {})
    known = _cache().get(number) or pending.get(number)
    if known:
        return known[1]
    with db.session.no_autoflush:
        row = db.session.get(DataKey, number)
    if row is None:
        raise KeyError(f"data key {number} is gone")
    return _remember(row, keyring().unwrap(row.wrapped, row.number, row.scope))[1]


def _remember(row: DataKey, key: bytes) -> tuple[int, bytes]:
    cache = _cache()
    if len(cache) > 20_000:
        cache.clear()
    cache[row.scope] = cache[row.number] = (row.number, key)
    return cache[row.scope]


@event.listens_for(Session, "after_rollback")
@event.listens_for(Session, "after_commit")
def _forget_pending(session: Session) -> None:
    session.info.pop(_PENDING, None)
