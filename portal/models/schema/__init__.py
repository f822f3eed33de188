"""The schema as Alembic migrations: `upgrade` inside `migrating` brings any database to the present tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """An Alembic configuration without a file; the connection is handed over in its attributes."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def metadatas() -> list[MetaData]:
    """All tables of the portal: the models and the job table."""
    from portal.jobs.table import metadata as jobs
    from portal.models import Base

    return [Base.metadata, jobs]


def upgrade(connection: Connection) -> None:
    """Bring the database up to date."""
    command.upgrade(config(connection), "head")


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A transaction for migrations. SQLite changes a table by copying it, which its foreign keys would refuse; they
    are off until the end, and a migration that breaks one is rolled back."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        _switch_foreign_keys(raw, "OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"a migration left rows of {broken[0]} without their {broken[2]}")
        finally:
            _switch_foreign_keys(raw, "ON")


def _switch_foreign_keys(raw: Any, to: str) -> None:
    raw.execute(f"PRAGMA foreign_keys={to}")
