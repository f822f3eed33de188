"""What a school's receipts of one day add up to: a digest that also stands on its completion statement."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Entity
from portal.rules.clock import now


class ReceiptDay(Entity, Base):
    """A day that is over: how many photos a school received on it, and the digest over their receipts and over the
    digest of the day before (rules/receipts). `until` is the first moment of the next day."""

    __tablename__ = "receipt_day"
    __table_args__ = (UniqueConstraint("school_id", "round_id", "day"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    day: Mapped[date]
    until: Mapped[datetime]
    photos: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime] = mapped_column(default=now)
