"""What was accepted here and has not reached the registry: a roster that the registry exported before must not take it
back (T7, 12)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import or_, select

from portal.models import Application, Change, ChangeFile, FiledStep, Sheet, Step, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.services.change_lines import Line, lines_of
from portal.services.maintenance import MAINTAIN
from portal.services.roster_school import School

#: pupil -> item -> (values it had before, the value that stands)
Kept = dict[UUID, dict[str, tuple[set[str], str]]]
_NOT_TAKEN = or_(ChangeFile.id.is_(None), ChangeFile.dropped_at.is_not(None), ChangeFile.taken_at.is_(None))


def of(school: School) -> Kept:
    """Accepted changes, granted applications and maintained items of a school that no taken change file holds."""
    found: Kept = {}
    for line in _lines(school):
        before, _ = found.setdefault(line.pupil_id, {}).get(line.item, (set(), ""))
        found[line.pupil_id][line.item] = (before | {line.old}, line.new)
    return found


def _lines(school: School) -> Iterator[Line]:
    changes = select(Change).join(Change.sheet).outerjoin(ChangeFile, ChangeFile.id == Change.file_id)
    changes = changes.outerjoin(Application, Application.id == Change.application_id)
    by_hand = or_(Application.id.is_(None), Application.state != ApplicationState.GRANTED)
    changes = changes.where(Sheet.school_id == school.id, Change.outcome == "accepted", by_hand, _NOT_TAKEN)
    changes = changes.where(Change.entered_at.is_not(None))
    granted = select(Application).outerjoin(ChangeFile, ChangeFile.id == Application.file_id)
    granted = granted.where(Application.school_id == school.id, Application.state == ApplicationState.GRANTED)
    granted = granted.where(Application.kind == ApplicationKind.CHANGE, _NOT_TAKEN, Application.decided_at.is_not(None))
    steps = select(Step).outerjoin(FiledStep, FiledStep.step_id == Step.id)
    steps = steps.outerjoin(ChangeFile, ChangeFile.id == FiledStep.file_id)
    steps = steps.where(Step.place_id == school.id, Step.move == MAINTAIN, _NOT_TAKEN)
    yield from lines_of(db.session.scalars(changes), db.session.scalars(granted), db.session.scalars(steps))
