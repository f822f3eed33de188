"""Applications to leader and authority, findings of the person-record check, and files of changes for the registry."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.pupils import Pupil
from portal.models.sealed import Sealed
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now

_OPEN = "state in ('DRAFTED', 'WITH_LEADER', 'WITH_AUTHORITY')"
_BUSINESS = text(f"{_OPEN} and kind <> 'identity'")
_PROOF = text(f"{_OPEN} and kind = 'identity'")


class Application(Entity, Base):
    """What a school asks for about one pupil (H, I5, M1). `items` are the codes concerned, `values` sealed
    {item: {"old", "new"}}, `opinion` sealed {"leader", "authority"}.

    At most one open application a pupil (H7, R104), and one open proof of identity. `authority_id` is the place that
    decides last, none when that is the school's leader (`at_school`). `since` is when it came to where it is now.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index("uq_application_open", "pupil_id", unique=True, sqlite_where=_BUSINESS, postgresql_where=_BUSINESS),
        Index("uq_application_proof", "pupil_id", unique=True, sqlite_where=_PROOF, postgresql_where=_PROOF),
        Index("ix_application_school_state", "school_id", "state"),
        Index("ix_application_authority_state", "authority_id", "state"),
        CheckConstraint("kind in ('change', 'identity', 'deletion')", name="kind"),
    )

    kind: Mapped[ApplicationKind] = mapped_column(String(10))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"), index=True)
    sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("sheet.id"), index=True)
    path: Mapped[str] = mapped_column(Path, index=True)
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    at_school: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str] = mapped_column(String(8), default="hand")
    state: Mapped[ApplicationState] = mapped_column(String(20), default=ApplicationState.DRAFTED)
    items: Mapped[list[Any]] = mapped_column(default=list)
    values_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opinion_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("change_file.id"), index=True)
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    sent_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    since: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    values = Sealed(lambda row: (row.school_id, None))
    reason = Sealed(lambda row: (row.school_id, None))
    opinion = Sealed(lambda row: (row.school_id, None))
    pupil: Mapped[Pupil] = relationship()
    school: Mapped[Place] = relationship(foreign_keys=[school_id])
    authority: Mapped[Place | None] = relationship(foreign_keys=[authority_id])


class Finding(Entity, Base):
    """What the class teacher found about one pupil of the roster (J2, J3; codes/person_record_finding.csv). `begun_at`:
    when the school first did something about it, `done_at`: when it said that nothing is left to do. What follows from
    the record itself is not written down (`services/findings_state`). It counts for the class it was made in: a pupil
    who has changed class is looked for anew."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("round_id", "pupil_id"),
        Index("ix_finding_round_class", "round_id", "class_id"),
        Index("ix_finding_round_path", "round_id", "path"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupil.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path)
    code: Mapped[str] = mapped_column(String(20))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    begun_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    note = Sealed(lambda row: (row.school_id, row.round_id))
    pupil: Mapped[Pupil] = relationship()


class Unlisted(Entity, Base):
    """A child who sits in the class and is not on its roster (J3). `person` sealed: {"name", "sex", "birth_date",
    "id_number", "from"}; `code` NO_RECORD or RECORD_ELSEWHERE; `result` as codes/inschool_registration_state.csv once
    it has been put on the supplementary registration list (L13). `id_index` finds the record once there is one."""

    __tablename__ = "unlisted"
    __table_args__ = (Index("ix_unlisted_round_path", "round_id", "path"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    path: Mapped[str] = mapped_column(Path)
    code: Mapped[str] = mapped_column(String(20))
    person_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    result: Mapped[str | None] = mapped_column(String(12))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    person = Sealed(lambda row: (row.school_id, row.round_id))


class RecordCheck(Entity, Base):
    """The person-record check of one class: it is reported when every pupil has a finding (J5, R110)."""

    __tablename__ = "record_check"
    __table_args__ = (UniqueConstraint("round_id", "class_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    reported_at: Mapped[datetime | None]
    reported_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ChangeFile(Entity, Base):
    """Accepted changes as one file in the registry's template; each change is in exactly one that stands.

    `address` is its sealed bytes, `rows` counts pupils, `items` what changed. `taken_at`: when the registry took it,
    with the registry's own receipt; `dropped_at`: the registry refused it, and what it held comes into a later one.
    """

    __tablename__ = "change_file"
    __table_args__ = (UniqueConstraint("school_id", "number"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))
    path: Mapped[str] = mapped_column(Path)
    number: Mapped[int]
    rows: Mapped[int] = mapped_column(default=0)
    items: Mapped[int] = mapped_column(default=0)
    address: Mapped[str] = mapped_column(String(80))
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    taken_at: Mapped[datetime | None]
    taken_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    receipt: Mapped[str | None] = mapped_column(String(60))
    dropped_at: Mapped[datetime | None]
    dropped_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    reason = Sealed(lambda row: (row.school_id, None))


class FiledStep(Entity, Base):
    """The file that took along a change from a pupil's own journal; the step itself is never changed (X10).

    No row: in no file yet. A row whose file was dropped goes over to the next file.
    """

    __tablename__ = "filed_step"

    step_id: Mapped[UUID] = mapped_column(ForeignKey("step.id"), unique=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("change_file.id"), index=True)
