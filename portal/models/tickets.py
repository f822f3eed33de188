"""Questions: "something is wrong on this page", who answers now, and what was said (O2, O8)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.sealed import Sealed
from portal.rules.clock import now


class Ticket(Entity, Base):
    """One question. `home_id` is where it was asked and whose key seals its words; `place_id` and `path` are who
    answers now; `due_at` is when it goes one level up. `key_hash` lets an asker without account read the answer;
    `sheet_id` is the paper or the child it was asked about, when that is known."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("state in ('open', 'answered', 'closed', 'escalated')", name="state"),
        Index("ix_ticket_path_state", "path", "state"),
        Index("ix_ticket_state_due", "state", "due_at"),
    )

    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    page: Mapped[str] = mapped_column(String(80))
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("sheet.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    home: Mapped[Place] = relationship(foreign_keys=[home_id])
    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    entries: Mapped[list[TicketEntry]] = relationship(back_populates="ticket", order_by="TicketEntry.at")


class TicketEntry(Entity, Base):
    """One thing said in a ticket, by the asker or by who answers."""

    __tablename__ = "ticket_entry"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    from_asker: Mapped[bool]
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=now)

    text = Sealed(lambda entry: (entry.home_id, None))
    ticket: Mapped[Ticket] = relationship(back_populates="entries")
