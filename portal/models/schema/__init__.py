"""The schema as Alembic migrations: `upgrade(url)` brings any database to the present tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData

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
