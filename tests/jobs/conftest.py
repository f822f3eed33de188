import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select

from portal.jobs import Job, enqueue, find
from portal.jobs.table import job, metadata

START = datetime(2025, 11, 21, 1, 0, tzinfo=UTC)
PLACE = "/97/9701/"


def open_engine(url: str) -> Engine:
    """An engine as the application opens it: on SQLite every transaction begins as a writing one."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA busy_timeout=20000")

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@pytest.fixture
def url(tmp_path: Path) -> str:
    return os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{tmp_path / 'jobs.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    yield engine
    metadata.drop_all(engine)
    engine.dispose()


class Clock:
    """A time that goes on only when told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(seconds=1)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Rows:
    """Puts jobs into the table and looks at them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, kind: str = "print", **arguments: Any) -> str:
        with self._engine.begin() as connection:
            return enqueue(connection, kind, arguments, PLACE, None)

    def see(self, job_id: str) -> Job:
        with self._engine.begin() as connection:
            found = find(connection, job_id)
        assert found
        return found

    def states(self) -> list[str]:
        with self._engine.begin() as connection:
            return list(connection.scalars(select(job.c.state).order_by(job.c.created_at)))


@pytest.fixture
def rows(engine: Engine) -> Rows:
    return Rows(engine)
