"""Counts: one delta row per change, folded into one wide row per class and per authority, and per day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Entity, Path
from portal.rules.figures import COUNTED
from portal.rules.roles import Level


class Delta(Base):
    """+1 or -1 of one measure in one class, written in the transaction of the change."""

    __tablename__ = "delta"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    measure: Mapped[str] = mapped_column(String(12))
    n: Mapped[int]
    day: Mapped[date]


class Figure(Entity, Base):
    """The counts of one class, or of all classes of the schools of one authority."""

    __tablename__ = "figure"
    __table_args__ = (
        UniqueConstraint("round_id", "place_id"),
        Index("ix_figure_round_level_path", "round_id", "level", "path"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    level: Mapped[Level] = mapped_column(String(12))
    path: Mapped[str] = mapped_column(Path)


for _counted in COUNTED:
    setattr(Figure, _counted.value, mapped_column(_counted.value, Integer, default=0, server_default="0"))


class DayFigure(Entity, Base):
    """What one day added to one measure of one authority's schools, or of one school: the trend.

    Schools have rows of their own, told by `is_school`, only for the measures that a trend shows; whoever adds up
    authorities leaves them out."""

    __tablename__ = "day_figure"
    __table_args__ = (
        UniqueConstraint("round_id", "place_id", "measure", "day"),
        Index("ix_day_figure_trend", "round_id", "is_school", "measure", "path", "day", "n"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    measure: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    n: Mapped[int] = mapped_column(default=0)
    is_school: Mapped[bool] = mapped_column(default=False, server_default=false())
