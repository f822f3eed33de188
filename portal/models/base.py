"""The base of all tables: ids made before insert, UTC times, byte-ordered paths, and SQLite made safe."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, String, Uuid, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from portal.keys import random_id

Path = String(200).with_variant(String(200, collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("times are stored aware")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base; `dict` columns are JSON, `datetime` columns are `Moment`."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: Moment, UUID: Uuid, dict[str, Any]: JSON, list[Any]: JSON},
    )


class Entity:
    """A table with a random 128-bit id, made before insert because encryption is bound to the row."""

    id: Mapped[UUID] = mapped_column(primary_key=True)

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("id", random_id())
        for column in type(self).__table__.columns:  # type: ignore[attr-defined]
            if column.default is not None and column.default.is_scalar:
                columns.setdefault(column.key, column.default.arg)
        # sealed properties need the id and the scope columns first
        for name in sorted(columns, key=lambda name: name in getattr(type(self), "SEALED", ())):
            setattr(self, name, columns[name])


db = SQLAlchemy(model_class=Base)

#: milliseconds that one writer of a SQLite file waits for the others
PATIENCE = 10_000
#: a commit is answered when it is on the disk, so that no power cut takes what was acknowledged
SYNCHRONOUS = "FULL"

_writing: ContextVar[bool] = ContextVar("portal_writing", default=True)


def set_writing(writing: bool) -> None:
    """Say whether transactions of this context may write (GET requests only read)."""
    _writing.set(writing)


@contextmanager
def writing() -> Iterator[None]:
    """A stretch in which transactions may write, whatever the request's method."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def looking() -> Iterator[None]:
    """A stretch in which transactions only read; on SQLite they keep nobody from writing."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


def guard_sqlite(engine: Engine) -> None:
    """WAL, synchronous FULL and explicit BEGIN: without it half of concurrent read-then-write updates are lost."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        safe = ("journal_mode=WAL", f"synchronous={SYNCHRONOUS}", f"busy_timeout={PATIENCE}", "foreign_keys=ON")
        silent = ("secure_delete=ON", "temp_store=MEMORY")  # what was deleted is written over; nothing lies in /tmp
        for pragma in safe + silent:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if _writing.get() and _begun(connection.connection.driver_connection):
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _begun(connection: sqlite3.Connection) -> bool:
    """Begin a writing transaction as soon as it is this one's turn; false when that took too long.

    Writers hold the lock for a few milliseconds, and SQLite's own waiting sleeps a hundred at a time: with many phones
    sending at once nobody wrote most of the time.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(random.uniform(0.001, 0.004))
    finally:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE}")
