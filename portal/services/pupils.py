"""Keeping a pupil's record: sealed document and blind indexes together, and the facts the rules ask about."""

from __future__ import annotations

from portal.models import Place, Pupil, db, keyring
from portal.rules.clock import today
from portal.rules.context import Context
from portal.rules.dates import school_year_of


def keep_record(pupil: Pupil, record: dict[str, str]) -> None:
    """Set the record and everything derived from it: status and the keyed indexes (R24, R89, R90)."""
    ring = keyring()
    person = f"{record['name']}|{record['sex']}|{record['birth_date']}"
    pupil.record = record
    pupil.status = record.get("student_status") or "01"
    pupil.number_index = ring.blind("pupil.student_number", record["student_number"])
    pupil.id_index = ring.blind("pupil.id_number", record["id_number"]) if record.get("id_number") else None
    pupil.person_index = ring.blind("pupil.person", person)
    pupil.name_index = ring.blind("pupil.name", record["name"])


def new_pupil(class_: Place, record: dict[str, str], is_draft: bool = False) -> Pupil:
    """A pupil of a class. The caller commits."""
    assert class_.parent_id is not None
    pupil = Pupil(school_id=class_.parent_id, class_id=class_.id, path=class_.path, is_draft=is_draft)
    keep_record(pupil, record)
    db.session.add(pupil)
    return pupil


def context_of(pupil: Pupil) -> Context:
    """What the rules may know about this pupil's school and day."""
    return school_context(db.session.get_one(Place, pupil.school_id))


def school_context(school: Place) -> Context:
    """What the rules may know about a school today: its code, its division, its stages, the school year."""
    day = today()
    authority = school.parent
    return Context(
        today=day,
        school_year=school_year_of(day),
        own_school_code=school.code,
        school_division=authority.code if authority else "",
        school_stages=frozenset(school.stages),
    )
