"""Data keys: one per place and round (or per place outside rounds), wrapped by the key file outside the database.

Deleting the keys of a finished round makes its photos and corrections unreadable; in old backups too, as soon as the
wrapping key of that time is dropped.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import LargeBinary, String, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.keys import KeyFileError, Keyring, Shredded, UnknownKey
from portal.models.base import Base, db
from portal.rules.clock import now

_PENDING = "new_data_keys"
_SURE = "living_data_keys"
#: seconds after which a running process forgets the data keys it has opened, those of shredded rounds among them
_REMEMBERED = 600.0
_OTHER_KEYS = "this database belongs to another key file"


class DataKey(Base):
    """A wrapped data key; `number` stands in the head of everything sealed with it. Of a shredded one `wrapped` is
    empty and the scope is that of none: its row stays, so that its number is never given again."""

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
    extensions, moment = current_app.extensions, time.monotonic()
    since, cache = extensions.get("portal.data_keys", (moment, None))
    if cache is None or moment - since > _REMEMBERED or len(cache) > 20_000:
        extensions["portal.data_keys"] = moment, (cache := {})
    return cache


def forget_keys() -> None:
    """Forget the data keys this process has opened."""
    current_app.extensions.pop("portal.data_keys", None)


def key_for(place_id: UUID, round_id: UUID | None = None) -> tuple[int, bytes]:
    """(number, key) of a scope; made in the caller's transaction when it is the first use."""
    scope = scope_of(place_id, round_id)
    pending = db.session.info.setdefault(_PENDING, {})
    known = pending.get(scope) or _cache().get(scope)
    if known:
        return known
    with db.session.no_autoflush:
        row = db.session.scalar(select(DataKey).where(DataKey.scope == scope))
        if row is not None:
            return _remember(row, _unwrapped(row))
        return _make(scope, pending)


def living_key_for(place_id: UUID, round_id: UUID | None = None) -> tuple[int, bytes]:
    """As `key_for`, for a transaction that writes: nothing is sealed with the key of a round that another process has
    shredded meanwhile. Asked once a transaction."""
    number, key = key_for(place_id, round_id)
    sure: set[int] = db.session.info.setdefault(_SURE, set())
    if round_id is None or number in sure or number in db.session.info.get(_PENDING, {}):
        return number, key
    with db.session.no_autoflush:
        living = select(DataKey.number).where(DataKey.number == number, DataKey.wrapped != b"")
        if db.session.scalar(living) is None:
            forget_keys()
            number, key = key_for(place_id, round_id)
    sure.add(number)
    return number, key


def _unwrapped(row: DataKey) -> bytes:
    try:
        return keyring().unwrap(row.wrapped, row.number, row.scope)
    except UnknownKey:  # it was read before it was wrapped anew, and the old wrapping key is gone by now
        db.session.refresh(row)
        return keyring().unwrap(row.wrapped, row.number, row.scope)


def _make(scope: str, pending: dict[Any, tuple[int, bytes]]) -> tuple[int, bytes]:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    made = insert(DataKey).values(scope=scope, wrapped=b"", made_at=now()).on_conflict_do_nothing()
    number = db.session.scalar(made.returning(DataKey.number))
    if number is None:  # another transaction was first, and has committed by now
        row = db.session.scalars(select(DataKey).where(DataKey.scope == scope)).one()
        return _remember(row, _unwrapped(row))
    belong()
    # after the insert: it waits for whoever drops a wrapping key, so that none is used that has just gone
    key, wrapped = keyring().new_data_key(number, scope)
    db.session.execute(update(DataKey).where(DataKey.number == number).values(wrapped=wrapped))
    pending[scope] = pending[number] = (number, key)
    return pending[scope]


def belong() -> None:
    """Note in the caller's transaction to which key file this database belongs, unless that is known. KeyFileError when
    it is another one."""
    kept = db.session.scalar(select(Deployment.key_check))
    if kept is None:
        insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
        row = insert(Deployment).values(number=1, key_check=keyring().check_value, made_at=now())
        db.session.execute(row.on_conflict_do_nothing())
        kept = db.session.scalar(select(Deployment.key_check))
    if kept != keyring().check_value:
        raise KeyFileError(f"{keyring().file.path}: {_OTHER_KEYS}")


def kept_key(place_id: UUID, round_id: UUID | None = None) -> bytes:
    """The key of a scope that has been used; raises `Shredded`, a KeyError, when there is none (any more)."""
    scope = scope_of(place_id, round_id)
    if scope not in _cache() and scope not in db.session.info.get(_PENDING, {}):
        with db.session.no_autoflush:
            if db.session.scalar(select(DataKey.number).where(DataKey.scope == scope)) is None:
                raise Shredded(f"the data key of {scope} is gone")
    return key_for(place_id, round_id)[1]


def key_numbered(number: int) -> bytes:
    """The key with this number; raises `Shredded`, a KeyError, when it has been deleted."""
    pending = db.session.info.setdefault(_PENDING, {})
    known = _cache().get(number) or pending.get(number)
    if known:
        return known[1]
    with db.session.no_autoflush:
        row = db.session.get(DataKey, number)
    if row is None or not row.wrapped:
        raise Shredded(f"data key {number} is gone")
    return _remember(row, _unwrapped(row))[1]


def _remember(row: DataKey, key: bytes) -> tuple[int, bytes]:
    cache = _cache()
    cache[row.scope] = cache[row.number] = (row.number, key)
    return cache[row.scope]


@event.listens_for(Session, "after_rollback")
@event.listens_for(Session, "after_commit")
def _forget_pending(session: Session) -> None:
    session.info.pop(_PENDING, None)
    session.info.pop(_SURE, None)
