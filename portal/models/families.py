"""Families: which account speaks for which pupil, what was consented to, and what was checked on the screen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.people import User
from portal.models.pupils import Pupil
from portal.models.sealed import Sealed
from portal.models.sheets import Sheet
from portal.rules.clock import now

_LIVE = text("state in ('waiting', 'active')")


class Guardianship(Entity, Base):
    """A claimed account of a pupil's guardian: at most two live ones, the second waits for the class teacher (E11)."""

    __tablename__ = "guardianship"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'active', 'refused', 'ended')", name="state"),
        Index("uq_guardianship_live", "user_id", "pupil_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    relation: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(8), default="active")
    made_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    pupil: Mapped[Pupil] = relationship()


class Consent(Entity, Base):
    """A guardian's consent for one pupil: which text, when, and when it was withdrawn."""

    __tablename__ = "consent"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"), index=True)
    text_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5))
    at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class GroupCheck(Entity, Base):
    """A guardian said "all right" to one group of items of a sheet; a help for the school, the signed paper counts."""

    __tablename__ = "group_check"
    __table_args__ = (UniqueConstraint("sheet_id", "group"),)

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheet.id"))
    group: Mapped[str] = mapped_column(String(30))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class Evidence(Entity, Base):
    """A file that speaks for a change of key data (E3, X8), a proof of identity (I2, I3) or a deletion; its bytes are a
    blob. Sent by a family it belongs to a sheet, by the school to an application; what a family sent is bound to the
    application made from its sheet. `name` is the file's own name, `format` its kind (R81)."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("sheet_id", "item", "address"),
        CheckConstraint("sheet_id is not null or application_id is not null", name="belongs"),
    )

    sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("sheet.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    path: Mapped[str] = mapped_column(Path)
    item: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(5), default="JPG", server_default="JPG")
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]

    name = Sealed(lambda row: (row.school_id, row.round_id))
    sheet: Mapped[Sheet | None] = relationship()
