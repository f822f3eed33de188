"""What people saw on sheets that the machine had read as "nothing written": the measure of what it misses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Entity
from portal.rules.clock import now


class SampleLook(Entity, Base):
    """One drawn photo that a person has looked at: `written` when there is writing that the machine did not see."""

    __tablename__ = "sample_look"
    __table_args__ = (
        UniqueConstraint("sheet_id", "photo_id"),
        Index("ix_sample_look_school", "round_id", "school_id"),
    )

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheet.id"))
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
