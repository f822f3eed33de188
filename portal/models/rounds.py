"""Rounds, their windows, the unlocking of schools and the roster imports."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.sealed import Sealed
from portal.rules.clock import now


class Switch(StrEnum):
    """The province's two independent switches (A2, X3, R95)."""

    EXPORT = "export"
    ENTRY = "entry"


class Round(Entity, Base):
    """One yearly verification of a province; kind `full` or `new` pupils only (A6, X14)."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint("kind in ('full', 'new')", name="kind"),)

    province_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    path: Mapped[str] = mapped_column(Path)
    title: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(4), default="full")
    cut_off: Mapped[date]
    begins: Mapped[date]
    ends: Mapped[date]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)


class LedgerEntry(Entity, Base):
    """A joiner or leaver after the roster was frozen: the denominator is roster plus ledger (F5)."""

    __tablename__ = "ledger_entry"
    __table_args__ = (CheckConstraint("change in (-1, 1)", name="change"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), index=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"), index=True)
    path: Mapped[str] = mapped_column(Path)
    change: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class Window(Entity, Base):
    """When one switch is open for a place and all below it; the nearest place with a window decides (A3)."""

    __tablename__ = "window"
    __table_args__ = (
        UniqueConstraint("round_id", "place_id", "switch"),
        CheckConstraint("opens_at < closes_at", name="order"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    switch: Mapped[Switch] = mapped_column(String(6))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]

    place: Mapped[Place] = relationship()


class Unlock(Entity, Base):
    """A download code for one school and person, 24 h, single use; used = the school is unlocked (B5-B8, R97)."""

    __tablename__ = "unlock"
    __table_args__ = (Index("ix_unlock_school_round", "school_id", "round_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    shown_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id"))
    entered_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    user: Mapped[Any] = relationship("User")


class RosterImport(Entity, Base):
    """An uploaded roster file between preview and confirmation; file and report are sealed."""

    __tablename__ = "roster_import"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    address: Mapped[str] = mapped_column(String(80))
    file_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    report_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="preview")
    job_id: Mapped[str | None] = mapped_column(String(36))
    made_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]

    file_name = Sealed(lambda row: (row.school_id, None))
    report = Sealed(lambda row: (row.school_id, None))
