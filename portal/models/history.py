"""Append-only history of every act. Position and seal are filled later by one sealer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Entity, Path
from portal.models.sealed import Sealed
from portal.rules.clock import now


class Step(Entity, Base):
    """Who did what to which thing, from which state to which, why and when. Rows are never changed or removed: triggers
    let nothing through but the filling of an empty `position` and `seal` (`schema/guards.py`).

    `request` is the request's id, as it stands in the answer and in the log; `origin` a keyed hash of its address.
    """

    __tablename__ = "step"
    __table_args__ = (
        Index("ix_step_thing", "thing_id", "at"),
        Index("ix_step_path_at", "path", "at"),
        Index("ix_step_at", "at"),
        Index(
            "ix_step_unsealed",
            "at",
            "id",
            sqlite_where=text("position IS NULL"),
            postgresql_where=text("position IS NULL"),
        ),
    )

    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(12))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    thing: Mapped[str] = mapped_column(String(20))
    thing_id: Mapped[UUID]
    move: Mapped[str] = mapped_column(String(24))
    before: Mapped[str | None] = mapped_column(String(20))
    after: Mapped[str | None] = mapped_column(String(20))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    request: Mapped[str | None] = mapped_column(String(16))
    origin: Mapped[str | None] = mapped_column(String(16))
    position: Mapped[int | None] = mapped_column(unique=True)
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed(lambda step: (step.place_id, None))


class Viewed(Base):
    """How many full records one person has looked at on one day (sec-A34)."""

    __tablename__ = "viewed"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rows: Mapped[int] = mapped_column(default=0)
