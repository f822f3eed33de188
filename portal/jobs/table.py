"""The job table, on its own metadata: the migrations of the models include it, nothing else of them is needed here."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Dialect, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

STATES = ("queued", "running", "done", "failed", "cancelled")


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("times of jobs are aware")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

job = Table(
    "job",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("place_path", String(200).with_variant(String(200, collation="C"), "postgresql"), nullable=False),
    Column("asked_by", String(32)),
    Column("state", String(10), nullable=False),
    Column("progress", Integer, nullable=False),
    Column("progress_of", Integer, nullable=False),
    Column("result", JSON(none_as_null=True)),
    # for people: a Chinese message id; for operators: type and place of an error, never its text
    Column("note", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    # while queued: not to be taken up before; while running: taken up again after
    Column("lease_until", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(80)),
    CheckConstraint(f"state IN {STATES}", name="state"),
    CheckConstraint("progress >= 0 AND progress_of >= 0 AND attempts >= 0", name="numbers"),
    Index(None, "state", "lease_until"),
    Index(None, "place_path", "created_at"),
)
