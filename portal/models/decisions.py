"""Decisions that can still be undone: they take effect when their time has come (domain G3, G6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Entity, Path
from portal.models.sealed import Sealed
from portal.rules.clock import now

_PENDING = text("done_at is null and undone_at is null")


class Decision(Entity, Base):
    """One decision on one thing (`thing` is its table). At `due_at` it is carried out when the thing still has
    `version`; `lapsed` says why it could not be. At most one pending decision a thing."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("uq_decision_pending", "thing_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_decision_due", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    thing: Mapped[str] = mapped_column(String(20))
    thing_id: Mapped[UUID]
    version: Mapped[int]
    move: Mapped[str] = mapped_column(String(24))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    lapsed: Mapped[str | None] = mapped_column(String(80))

    reason = Sealed(lambda decision: (decision.school_id, None))
