"""What the registry has not got yet, item by item: accepted changes of verified sheets, granted applications, and what
the leader signed off in pupils' own journals (12).

A change is due while it is in no file, or its file was dropped, or it was accepted anew after its file was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager

from portal.models import Application, Change, ChangeFile, Pupil, Round, Sheet, Step, db
from portal.rules.applications import OPEN, ApplicationKind, ApplicationState
from portal.rules.items import ITEMS
from portal.rules.places import ancestors, below
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import change_journal
from portal.services.roster_school import pieces

_VERIFIED = (SheetState.VERIFIED, SheetState.ARCHIVED)
_STANDS = (ChangeFile.id.is_not(None), ChangeFile.dropped_at.is_(None))
#: what a line rests on
BY_SHEET, BY_APPLICATION, BY_JOURNAL = "sheet", "application", "journal"


@dataclass(frozen=True)
class Line:
    """One item of one pupil: what it was, what holds now, since when, and what it rests on (`BY_SHEET` …)."""

    pupil_id: UUID
    item: str
    old: str
    new: str
    at: datetime
    basis: str


@dataclass(frozen=True)
class Due:
    """Rows that a file made at a moment takes along, and the lines they make."""

    changes: list[Change]
    applications: list[Application]
    steps: list[Step]
    lines: list[Line]

    @property
    def pupils(self) -> set[UUID]:
        return {line.pupil_id for line in self.lines}


def due(actor: Actor, moment: datetime, lock: bool = False) -> Due:
    """What the school of the actor can hand to the registry at this moment; with `lock` until the end of the
    transaction nobody else changes these rows."""
    changes, granted, signed = _due(actor, moment)
    if lock:  # entries of a journal never change
        changes = changes.order_by(Change.id).with_for_update(of=Change)
        granted = granted.order_by(Application.id).with_for_update(of=Application)
    found = list(db.session.scalars(changes)), list(db.session.scalars(granted)), list(db.session.scalars(signed))
    return Due(*found, _newest_only(actor, *found))


def count_due(actor: Actor, moment: datetime) -> int:
    """How many lines `due` would have, counted without making every row an object."""
    changes, granted, signed = _due(actor, moment)
    columns = (Change.id, Change.file_id, Change.values_sealed, Sheet.pupil_id)
    rows = db.session.execute(changes.with_only_columns(*columns)).all()
    applications = list(db.session.scalars(granted))
    again = any(row.file_id for row in rows) or any(one.file_id for one in applications)
    again = again or db.session.scalar(signed.with_only_columns(Step.id).limit(1)) is not None
    if again or not change_journal.told_pupils(actor).isdisjoint(row.pupil_id for row in rows):
        return len(due(actor, moment).lines)  # some may have been overtaken
    said = (Change.values.open(row.id, row.values_sealed) for row in rows)
    entered = sum(one["printed"] != (one["entered"] or "") for one in said)
    return entered + len(lines_of([], applications, []))


def _due(actor: Actor, moment: datetime) -> tuple[Select[Change], Select[Application], Select[Step]]:
    changes = _changes(actor).where(Change.entered_at <= moment, _not_sent(Change.entered_at))
    granted = _granted(actor).where(Application.decided_at <= moment, _not_sent(Application.decided_at))
    in_none = or_(ChangeFile.id.is_(None), ChangeFile.dropped_at.is_not(None))
    signed = change_journal.signed_off(actor).where(Step.at <= moment, in_none)
    return changes, granted, signed.order_by(Step.at, Step.id)


def lines_of_file(actor: Actor, file: ChangeFile) -> list[Line]:
    """What a file holds that stands; nothing once another file has taken its rows over."""
    changes = db.session.scalars(_changes(actor).where(Change.file_id == file.id))
    granted = db.session.scalars(_granted(actor).where(Application.file_id == file.id))
    signed = change_journal.signed_off(actor).where(ChangeFile.id == file.id).order_by(Step.at, Step.id)
    return lines_of(changes, granted, db.session.scalars(signed))


def not_yet(actor: Actor) -> tuple[int, int]:
    """(accepted changes the leader has not verified, open applications for key data) of the school."""
    query = select(func.count()).select_from(Change).join(Sheet, Change.sheet_id == Sheet.id)
    entered = (Change.outcome == "accepted", Sheet.state.in_((SheetState.PASSED, SheetState.ENTERED)))
    waiting = select(func.count()).select_from(Application).where(Application.school_id == actor.place_id)
    waiting = waiting.where(Application.kind == ApplicationKind.CHANGE, Application.state.in_(OPEN))
    changes = db.session.scalar(query.where(*_here(actor), *entered))
    return (changes or 0) + change_journal.waiting_items(actor), db.session.scalar(waiting) or 0


def _here(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Sheets of the school in any round of its province."""
    rounds = select(Round.id).where(Round.path.in_(ancestors(actor.path)))
    low, high = below(actor.path)
    return Sheet.round_id.in_(rounds), Sheet.path >= low, Sheet.path < high


def _changes(actor: Actor) -> Select[Change]:
    """Accepted changes of verified sheets of pupils who are here; what an application brought counts there."""
    query = select(Change).join(Change.sheet).join(Pupil, Pupil.id == Sheet.pupil_id)
    query = query.outerjoin(ChangeFile, ChangeFile.id == Change.file_id)
    query = query.outerjoin(Application, Application.id == Change.application_id)
    by_hand = or_(Application.id.is_(None), Application.state != ApplicationState.GRANTED)
    query = query.where(*_here(actor), Sheet.state.in_(_VERIFIED), Change.outcome == "accepted", by_hand)
    return query.where(*_stays(actor)).options(contains_eager(Change.sheet))


def _granted(actor: Actor) -> Select[Application]:
    query = select(Application).join(Pupil, Pupil.id == Application.pupil_id)
    query = query.outerjoin(ChangeFile, ChangeFile.id == Application.file_id)
    query = query.where(Application.school_id == actor.place_id, Application.state == ApplicationState.GRANTED)
    return query.where(Application.kind == ApplicationKind.CHANGE, *_stays(actor))


def _stays(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """A pupil who has left has a record that another school changes."""
    return Pupil.school_id == actor.place_id, Pupil.left_at.is_(None)


def _not_sent(accepted_at: Any) -> ColumnElement[bool]:
    """In no file, in one that was dropped, or accepted anew since."""
    return or_(ChangeFile.id.is_(None), ChangeFile.dropped_at.is_not(None), accepted_at > ChangeFile.made_at)


def lines_of(changes: Iterable[Change], granted: Iterable[Application], signed: Iterable[Step]) -> list[Line]:
    """Lines by time; what was accepted and is the same as before makes none."""
    lines = []
    for change in changes:
        said, at = change.values, change.entered_at
        assert at is not None
        lines.append(Line(change.sheet.pupil_id, change.item, said["printed"], said["entered"] or "", at, BY_SHEET))
    for one in granted:
        at = one.decided_at
        assert at is not None
        both = [(item, said["old"], said["new"]) for item, said in one.values.items()]
        lines += [Line(one.pupil_id, item, old, new, at, BY_APPLICATION) for item, old, new in both]
    for step in signed:
        told = change_journal.values_of(step)
        lines += [Line(step.thing_id, item, old, new, step.at, BY_JOURNAL) for item, (old, new) in told.items()]
    order = {item: n for n, item in enumerate(ITEMS)}
    return sorted((line for line in lines if line.old != line.new), key=lambda line: (line.at, order[line.item]))


def _newest_only(actor: Actor, changes: list[Change], granted: list[Application], signed: list[Step]) -> list[Line]:
    """The lines, without what a file that stands has already overtaken: rows of a dropped file come late, entries of a
    journal are signed off in any order, and a sheet taken up again waits while its pupil's journal goes on."""
    found = lines_of(changes, granted, signed)
    again = {one.sheet.pupil_id for one in changes if one.file_id} | {one.pupil_id for one in granted if one.file_id}
    again |= {step.thing_id for step in signed}
    again |= change_journal.told_pupils(actor) & {line.pupil_id for line in found}
    if not again:
        return found
    told = _standing(actor, again, {one.id for one in changes} | {one.id for one in granted})
    newest = {(line.pupil_id, line.item): line.at for line in told}
    return [line for line in found if newest.get((line.pupil_id, line.item), line.at) <= line.at]


def _standing(actor: Actor, pupils: Collection[UUID], but: Collection[UUID]) -> list[Line]:
    """What files that stand have told the registry of these pupils, by time; without the rows `but`."""
    changes: list[Change] = []
    granted: list[Application] = []
    signed: list[Step] = []
    for ids in pieces(pupils):
        changes += db.session.scalars(_changes(actor).where(*_STANDS, Pupil.id.in_(ids)))
        granted += db.session.scalars(_granted(actor).where(*_STANDS, Pupil.id.in_(ids)))
        signed += db.session.scalars(change_journal.signed_off(actor).where(*_STANDS, Pupil.id.in_(ids)))
    return lines_of((c for c in changes if c.id not in but), (a for a in granted if a.id not in but), signed)


def pupils_of(wanted: Collection[UUID]) -> dict[UUID, Pupil]:
    """The pupils of lines by id."""
    found: dict[UUID, Pupil] = {}
    for ids in pieces(wanted):
        found |= {pupil.id: pupil for pupil in db.session.scalars(select(Pupil).where(Pupil.id.in_(ids)))}
    return found
