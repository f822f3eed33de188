"""What leaves the portal in bulk: asked for with a purpose, released by a second person, fetched once (sec-A35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.people import User
from portal.models.sealed import Sealed
from portal.rules.clock import now


class Export(Entity, Base):
    """A file with the data of many pupils. `choice` says what of it was asked for; `digest` is the SHA-256 of the file
    as it was handed over, `pupils` the ids of its rows, so that a leaked file finds its way back.

    States: asked -> released | refused | withdrawn; released -> building -> built -> fetched; whatever nobody went on
    with has ended at `ends_at`. `by_id` is None for a command on the machine.
    """

    __tablename__ = "export"
    __table_args__ = (UniqueConstraint("number"), Index("ix_export_place_state", "place_id", "state"))

    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    choice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    purpose_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pupils_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    rows: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(80))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    built_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    purpose = Sealed(lambda export: (export.place_id, None))
    reason = Sealed(lambda export: (export.place_id, None))
    password = Sealed(lambda export: (export.place_id, None))
    pupils = Sealed(lambda export: (export.place_id, None))
    by: Mapped[User | None] = relationship(foreign_keys="Export.by_id")
    decided_by: Mapped[User | None] = relationship(foreign_keys="Export.decided_by_id")
