"""What is stored about a school before an import: its pupils, drafts and classes, and who of the file is elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import or_, select

from portal.models import Place, Pupil, Sheet, db, keyring
from portal.rules.context import Context
from portal.services import pupils
from portal.services.lists import classes_of

#: graduated, completed, left, transferred out: no duplicate any more (R91)
_GONE = frozenset({"07", "08", "09", "10"})
_AT_ONCE = 400
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """A pupil of the school as stored."""

    id: UUID
    version: int
    class_code: str
    record: dict[str, str]


@dataclass
class School:
    """A picture of the school; `classes` are names by class number, `kept` is what a roster must not take back:
    pupil -> item -> (values before, the value that stands)."""

    id: UUID
    code: str
    path: str
    context: Context
    classes: dict[str, str] = field(default_factory=dict)
    by_number: dict[bytes, Known] = field(default_factory=dict)
    by_id: dict[bytes, Known] = field(default_factory=dict)
    drafts: list[Known] = field(default_factory=list)
    kept: dict[UUID, dict[str, tuple[set[str], str]]] = field(default_factory=dict)

    def find(self, student_number: str, id_number: str) -> Known | None:
        """The pupil of a row: by student number, else by ID number."""
        found = self.by_number.get(number_index(student_number)) if student_number else None
        return found or (self.by_id.get(id_index(id_number)) if id_number else None)

    def everybody(self) -> Iterator[Known]:
        """All pupils, without drafts."""
        return iter(self.by_number.values())


def number_index(student_number: str) -> bytes:
    """The blind index of a national student number."""
    return keyring().blind("pupil.student_number", student_number)


def id_index(id_number: str) -> bytes:
    """The blind index of an ID number."""
    return keyring().blind("pupil.id_number", id_number)


def load(school: Place) -> School:
    """The school as it is now; reads only."""
    classes = classes_of(school.id)
    found = School(
        school.id, school.code, school.path, pupils.school_context(school), {c.code: c.name for c in classes}
    )
    codes = {c.id: c.code for c in classes}
    query = select(Pupil).where(Pupil.school_id == school.id, Pupil.left_at.is_(None))
    for pupil in db.session.scalars(query.execution_options(yield_per=500)):
        known = Known(pupil.id, pupil.version, codes.get(pupil.class_id, ""), pupil.record)
        if pupil.is_draft:
            found.drafts.append(known)
            continue
        found.by_number[pupil.number_index] = known
        if pupil.id_index:
            found.by_id[pupil.id_index] = known
    return found


def versions(school_id: UUID) -> dict[UUID, int]:
    """The version of every pupil of a school now."""
    query = select(Pupil.id, Pupil.version).where(Pupil.school_id == school_id, Pupil.left_at.is_(None))
    return {pupil_id: version for pupil_id, version in db.session.execute(query.where(Pupil.is_draft.is_(False)))}


@dataclass
class Elsewhere:
    """Numbers of the file that other schools have: still there (`held`), or left behind by pupils who went away."""

    held: set[bytes] = field(default_factory=set)
    left: dict[bytes, UUID] = field(default_factory=dict)


def elsewhere(school_id: UUID, numbers: Sequence[bytes], ids: Sequence[bytes], round_id: UUID | None) -> Elsewhere:
    """Look the indexes of student and ID numbers up at all other schools, in a few questions.

    A pupil who has gone, and has no sheet in this round, can be taken over; everybody else holds the number.
    """
    found = Elsewhere()
    columns = (Pupil.id, Pupil.number_index, Pupil.id_index, Pupil.status, Pupil.left_at)
    for numbers_part, ids_part in zip(pieces(numbers, len(ids)), pieces(ids, len(numbers)), strict=True):
        same = or_(Pupil.number_index.in_(numbers_part), Pupil.id_index.in_(ids_part))
        query = select(*columns).where(same, Pupil.is_draft.is_(False))
        other_or_left = or_(Pupil.school_id != school_id, Pupil.left_at.is_not(None))
        for pupil_id, number, id_number, status, left_at in db.session.execute(query.where(other_or_left)):
            if left_at is None and status not in _GONE:
                found.held |= {number, id_number or number}
            else:
                found.left[number] = pupil_id
    for number in _with_sheets(found, round_id):
        found.held.add(number)
        del found.left[number]
    return found


def _with_sheets(found: Elsewhere, round_id: UUID | None) -> list[bytes]:
    if round_id is None or not found.left:
        return []
    query = select(Sheet.pupil_id).where(Sheet.round_id == round_id, Sheet.pupil_id.in_(list(found.left.values())))
    busy = set(db.session.scalars(query))
    return [number for number, pupil_id in found.left.items() if pupil_id in busy]


def pieces(things: Collection[T], other: int = 0) -> Iterator[list[T]]:
    """Lists short enough for one question; as many as `other` things would need, the last ones empty."""
    everything = list(things)
    for start in range(0, max(len(everything), other), _AT_ONCE):
        yield everything[start : start + _AT_ONCE]
