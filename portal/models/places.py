"""The tree of places: ministry, province, prefecture, county, school, class."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.rules.roles import Level


class Place(Entity, Base):
    """One place; `code` is a division code (6), a school code (10) or a class number (7).

    The parent of a school is its responsible authority, at any of three levels (domain 2.1).
    """

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_level_code", "level", "code"),)

    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    level: Mapped[Level] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    path: Mapped[str] = mapped_column(Path, unique=True)
    phone: Mapped[str] = mapped_column(String(30), default="")
    stages: Mapped[str] = mapped_column(String(3), default="")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

    parent: Mapped[Place | None] = relationship(remote_side="Place.id")
