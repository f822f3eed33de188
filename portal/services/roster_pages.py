"""What the roster's screens show: classes, pupils with masks, drafts, imports so far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, func, select

from portal.models import Application, Place, Pupil, RosterImport, User, db
from portal.rules.checks import read_row
from portal.rules.items import ROSTER_ITEMS
from portal.rules.masks import mask_id, mask_name
from portal.rules.problems import Problem, sentence
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import pupils, roster_export, roster_jobs, roster_view, roster_workbook, rosters, viewing
from portal.services.history import record
from portal.services.lists import classes_of
from portal.services.refusals import NotYours
from portal.services.roster_jobs import Standing

_RECENT = 8


@dataclass(frozen=True)
class ClassRow:
    """A class and how many pupils it has."""

    class_id: UUID
    code: str
    name: str
    pupils: int


@dataclass(frozen=True)
class ImportRow:
    """An import so far: `counts` is empty once the report is gone."""

    import_id: UUID
    file_name: str
    at: datetime
    by: str
    state: str


@dataclass(frozen=True)
class PupilRow:
    """A pupil as lists show it."""

    seat: str
    name: str
    number: str
    status: str


@dataclass(frozen=True)
class ImportView:
    """One import with its report; `standing` while the worker has it."""

    import_id: UUID
    file_name: str
    at: datetime
    state: str
    report: dict[str, Any] = field(default_factory=dict)
    standing: Standing | None = None


def classes(actor: Actor) -> list[ClassRow]:
    """The classes of the actor's school with the pupils they have, without drafts."""
    query = select(Pupil.class_id, func.count()).where(Pupil.school_id == actor.place_id, Pupil.is_draft.is_(False))
    counts = dict(db.session.execute(query.where(Pupil.left_at.is_(None)).group_by(Pupil.class_id)).all())
    return [ClassRow(c.id, c.code, c.name, counts.get(c.id, 0)) for c in classes_of(actor.place_id)]


def pupils_of(actor: Actor, class_id: UUID) -> tuple[Place, list[PupilRow]]:
    """A class of the actor's school and its pupils, masked. `NotFound`."""
    class_ = roster_export.class_of(actor, class_id)
    records = (pupil.record for pupil in roster_export.pupils_of(class_.id))
    return class_, [
        PupilRow(r["class_seat_number"], mask_name(r["name"]), mask_id(r["student_number"]), r["student_status"])
        for r in records
    ]


def imports(actor: Actor) -> list[ImportRow]:
    """The newest imports of the actor's school that were carried out or wait for something."""
    query = select(RosterImport).where(RosterImport.school_id == actor.place_id)
    query = query.where(RosterImport.state != rosters.DISCARDED).order_by(RosterImport.made_at.desc()).limit(_RECENT)
    rows = list(db.session.scalars(query))
    people = {
        u.id: u.name for u in db.session.scalars(select(User).where(User.id.in_({r.by_id for r in rows} - {None})))
    }
    return [
        ImportRow(r.id, r.file_name or "", r.done_at or r.made_at, people.get(r.by_id, "") if r.by_id else "", r.state)
        for r in rows
    ]


def import_view(actor: Actor, import_id: UUID) -> ImportView:
    """One import of the actor's school. `NotFound`."""
    row = rosters.find(actor, import_id)
    standing = roster_jobs.standing_of(row)
    state = row.state if row.report is not None or standing else rosters.DISCARDED
    return ImportView(row.id, row.file_name or "", row.made_at, state, row.report or {}, standing)


def look_in_full(actor: Actor, import_id: UUID) -> ImportView:
    """One import to be shown without masks; who looked is written down. Commits."""
    row = rosters.find(actor, import_id)
    viewing.show(actor, row, "SEE_ROSTER_IN_FULL", row.school_id, rows=roster_view.PAGE, path=actor.path)
    return import_view(actor, import_id)


def drafts_of(actor: Actor) -> list[Pupil]:
    """Rows that were left out and wait for correction, oldest first."""
    query = select(Pupil).where(*_drafts(actor)).order_by(Pupil.made_at, Pupil.id)
    return list(db.session.scalars(query))


def own_drafts(actor: Actor) -> list[Pupil]:
    """The drafts that came with rosters of this very person: those of the last import before each was kept."""
    query = select(RosterImport.done_at, RosterImport.by_id).where(
        RosterImport.school_id == actor.place_id, RosterImport.state == rosters.DONE, RosterImport.done_at.is_not(None)
    )
    done = sorted(((at, by) for at, by in db.session.execute(query) if at), key=lambda one: one[0])
    moments = [at for at, _by in done]

    def sender(draft: Pupil) -> UUID | None:
        place = bisect_right(moments, draft.made_at)
        return done[place - 1][1] if place else None

    return [draft for draft in drafts_of(actor) if actor.user_id is not None and sender(draft) == actor.user_id]


def _drafts(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Pupil.school_id == actor.place_id, Pupil.is_draft.is_(True), Pupil.left_at.is_(None)


def count_drafts(actor: Actor) -> int:
    """How many drafts the actor's school has."""
    query = select(func.count()).select_from(Pupil).where(*_drafts(actor))
    return db.session.scalar(query) or 0


def export_drafts(actor: Actor, translate: Callable[[str], str], lang: str) -> tuple[str, bytes]:
    """(file name, .xlsx) of the drafts from rosters that this person has sent, the wrong cells marked (R80). It gives
    back what one has, and is no way to what others have (sec-A35). Commits the step. `NotYours` when none is."""
    school = db.session.get_one(Place, actor.place_id)
    context = pupils.school_context(school)
    own = own_drafts(actor)
    if not own:
        raise NotYours(N_("草稿里有完整的号码，只有传名册的人能下载。您可以请他下载，或者改好名册自己再传一次。"))
    rows = list(enumerate((draft.record for draft in own), start=1))
    faults = {number: _faults(read_row(values, context)[1], translate, lang) for number, values in rows}
    record(actor, school, "EXPORT_DRAFTS", school.id, pupils=len(rows))
    content = roster_workbook.corrections(rows, ROSTER_ITEMS, faults)
    db.session.commit()
    return f"{school.code}-drafts.xlsx", content


def _faults(found: list[Problem], translate: Callable[[str], str], lang: str) -> dict[str, str]:
    return {problem.item or "": sentence(problem, translate, lang) for problem in found if problem.is_error}


def drop_drafts(actor: Actor) -> int:
    """Throw the drafts of the actor's school away; how many. What a deletion speaks of stays (M). Commits."""
    school = db.session.get_one(Place, actor.place_id)
    applied = select(Application.pupil_id).where(Application.school_id == school.id)
    thrown = db.session.execute(delete(Pupil).where(*_drafts(actor), Pupil.id.not_in(applied)))
    count = cast(CursorResult[Any], thrown).rowcount
    record(actor, school, "DROP_DRAFTS", school.id, pupils=count)
    db.session.commit()
    return count
