"""Pupils: class and states plain, everything personal sealed in one document per pupil."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.sealed import Sealed
from portal.rules.clock import now


class Pupil(Entity, Base):
    """One student record. `record` is a dict item code -> stored text of `rules.items`.

    The national student number contains the ID number, so both live in the record; the columns ending in `_index` are
    keyed blind indexes for look-up and duplicate checks (R24, R89, R90).
    """

    __tablename__ = "pupil"
    __table_args__ = (Index("ix_pupil_class", "class_id"), Index("ix_pupil_path", "path"))

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    status: Mapped[str] = mapped_column(String(3), default="01")
    business_open: Mapped[bool] = mapped_column(default=False)
    is_draft: Mapped[bool] = mapped_column(default=False)
    record_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    person_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    name_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}

    record = Sealed(lambda pupil: (pupil.school_id, None))
    school: Mapped[Place] = relationship(foreign_keys=[school_id])
    class_: Mapped[Place] = relationship(foreign_keys=[class_id])
