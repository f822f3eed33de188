"""Sheets of a round, their printed leaves and registration codes, photographs, readings and changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.pupils import Pupil
from portal.models.rounds import Round
from portal.models.sealed import Sealed
from portal.rules.clock import now
from portal.rules.workflow import SheetState


class Sheet(Entity, Base):
    """One per pupil and round. The booleans are the facts that `rules.figures.measures_of` counts;
    `counted` is the mask of measures already counted, so that a change inserts exactly the difference.
    """

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("round_id", "pupil_id"),
        Index("ix_sheet_round_class", "round_id", "class_id"),
        Index("ix_sheet_round_path", "round_id", "path"),
        Index(
            "ix_sheet_printed",
            "round_id",
            "path",
            sqlite_where=text("state = 'PRINTED'"),
            postgresql_where=text("state = 'PRINTED'"),
        ),
        CheckConstraint("in_scope or exclusion is not null", name="exclusion_has_reason"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), active_history=True)
    path: Mapped[str] = mapped_column(Path, active_history=True)
    state: Mapped[SheetState] = mapped_column(String(10), default=SheetState.EXPECTED)
    in_scope: Mapped[bool] = mapped_column(default=True)
    exclusion: Mapped[str | None] = mapped_column(String(30))
    issued: Mapped[bool] = mapped_column(default=False)
    registered: Mapped[bool] = mapped_column(default=False)
    returned: Mapped[bool] = mapped_column(default=False)
    received: Mapped[bool] = mapped_column(default=False)
    readable: Mapped[bool] = mapped_column(default=False)
    signed: Mapped[bool] = mapped_column(default=False)
    sent_back: Mapped[bool] = mapped_column(default=False)
    written: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str | None] = mapped_column(String(20))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    reminded_at: Mapped[datetime | None]
    counted: Mapped[int] = mapped_column(default=0)
    leaf_number: Mapped[int | None] = mapped_column(index=True)
    photo_id: Mapped[UUID | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    note = Sealed(lambda sheet: (sheet.school_id, sheet.round_id))
    round: Mapped[Round] = relationship()
    pupil: Mapped[Pupil] = relationship()
    school: Mapped[Place] = relationship(foreign_keys=[school_id])
    class_: Mapped[Place] = relationship(foreign_keys=[class_id])
    changes: Mapped[list[Change]] = relationship(back_populates="sheet")
    photos: Mapped[list[Photo]] = relationship(back_populates="sheet", order_by="Photo.received_at")


class RegistrationCode(Entity, Base):
    """A code of a sheet: selector plain, verifier as keyed hash, the whole sealed until claimed so that a reprint
    prints the same one (E11, R99). At most one live code a sheet."""

    __tablename__ = "registration_code"
    __table_args__ = (
        Index(
            "uq_registration_code_live",
            "sheet_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheet.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    selector: Mapped[str] = mapped_column(String(6), unique=True)
    verifier_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    live: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    claimed_at: Mapped[datetime | None]

    code = Sealed(lambda row: (row.school_id, row.round_id))
    sheet: Mapped[Sheet] = relationship()


class PrintRun(Entity, Base):
    """One printing: who, when, which classes; its file is a blob until fetched."""

    __tablename__ = "print_run"
    __table_args__ = (UniqueConstraint("school_id", "round_id", "number"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    number: Mapped[int]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    selection: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sheets: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    job_id: Mapped[str | None] = mapped_column(String(36))
    address: Mapped[str | None] = mapped_column(String(80))
    report_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=now)
    fetched_at: Mapped[datetime | None]
    handed_out_at: Mapped[datetime | None]

    report = Sealed(lambda run: (run.school_id, run.round_id))


class Leaf(Base):
    """One printed copy of a sheet: a 28-bit number never reused in a deployment."""

    __tablename__ = "leaf"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheet.id"), index=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("print_run.id"), index=True)
    layout_version: Mapped[int]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("leaf.number"))
    revoked_at: Mapped[datetime | None]

    sheet: Mapped[Sheet] = relationship()
    run: Mapped[PrintRun] = relationship()


class Pile(Entity, Base):
    """Many photos sent at once by a class teacher or registrar. `class_id` is the class they are expected to be of,
    none for a whole school; `path` is the sender's place: only sheets inside it can be found on the photos."""

    __tablename__ = "pile"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)

    photos: Mapped[list[Photo]] = relationship(back_populates="pile", order_by="Photo.received_at")


class Photo(Entity, Base):
    """A stored photograph. `address` is the keyed hash of its bytes inside school and round, so the same bytes sent
    again for the same sheet or pile meet the unique constraint and get the same receipt. A photo of a pile has no
    sheet until its reading or a person says whose it is; `assigned_by_id` is that person."""

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("sheet_id", "address"),
        UniqueConstraint("pile_id", "address"),
        Index(
            "ix_photo_waiting",
            "lease_until",
            sqlite_where=text("outcome = 'waiting'"),
            postgresql_where=text("outcome = 'waiting'"),
        ),
        Index("ix_photo_school_received", "school_id", "round_id", "received_at"),
        CheckConstraint("source in ('family', 'parent', 'teacher', 'pile')", name="source"),
        CheckConstraint("sheet_id is not null or pile_id is not null", name="belongs"),
    )

    sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("sheet.id"), index=True)
    pile_id: Mapped[UUID | None] = mapped_column(ForeignKey("pile.id"), index=True)
    assigned_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    path: Mapped[str] = mapped_column(Path)
    address: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    receipt: Mapped[str] = mapped_column(String(8), unique=True)
    source: Mapped[str] = mapped_column(String(8))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    received_at: Mapped[datetime] = mapped_column(default=now)
    outcome: Mapped[str] = mapped_column(String(20), default="waiting")
    page: Mapped[int | None]
    leaf_number: Mapped[int | None]
    flat_address: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)

    sheet: Mapped[Sheet | None] = relationship(back_populates="photos")
    pile: Mapped[Pile | None] = relationship(back_populates="photos")
    reading: Mapped[Reading | None] = relationship(back_populates="photo")


class Reading(Entity, Base):
    """What the reading engine saw on a photo: marks, identity, signature and ink per item, sealed as one document."""

    __tablename__ = "reading"

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), unique=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    verdict: Mapped[str] = mapped_column(String(10))
    seen_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=now)

    seen = Sealed(lambda row: (row.school_id, row.round_id))
    photo: Mapped[Photo] = relationship(back_populates="reading")


class Change(Entity, Base):
    """One item a family wants changed, with its own verdict. `values` holds printed, typed and entered texts.

    `claimed_by_id` is the operator who has it on the screen until `claimed_until`; `application_id` the application it
    went into, `file_id` the file in which the registry got it.
    """

    __tablename__ = "change"
    __table_args__ = (
        UniqueConstraint("sheet_id", "item"),
        CheckConstraint("outcome in ('open', 'accepted', 'refused', 'applied_for', 'unclear')", name="outcome"),
        Index(
            "ix_change_claimed",
            "claimed_by_id",
            sqlite_where=text("claimed_by_id is not null"),
            postgresql_where=text("claimed_by_id is not null"),
        ),
    )

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheet.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    path: Mapped[str] = mapped_column(Path)
    item: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(8), default="ink")
    crop_address: Mapped[str | None] = mapped_column(String(80))
    values_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(String(12), default="open")
    entered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    entered_at: Mapped[datetime | None]
    claimed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    claimed_until: Mapped[datetime | None]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("change_file.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    values = Sealed(lambda row: (row.school_id, row.round_id))
    reason = Sealed(lambda row: (row.school_id, row.round_id))
    sheet: Mapped[Sheet] = relationship(back_populates="changes")
